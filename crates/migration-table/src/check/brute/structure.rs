//! The checks that look at rows and states one by one, against truth tables, and the two that ask what can happen.

use std::collections::{BTreeMap, BTreeSet};

use super::plain::{Plain, effect, smallest_first, strongest};
use super::{on_each, round, with_code};
use crate::model::{Answer, AnswerRow, FactId, FactSet, Kind, Machine, ResourceId, Row, State, StateId, StatusId};
use crate::span::Span;
use crate::testing::FACTS;

/// The one event that carries a cause.
const BROKEN: FactId = FactId(3);

fn needs(row: &Row, fact: FactId) -> bool {
    let holds = |facts: FactSet| row.condition.eval(facts);
    FACTS.subsets().any(holds) && !(FACTS - fact).subsets().any(holds)
}

/// Whether the fact can make the difference that the row is enabled.
fn hears(row: &Row, fact: FactId) -> bool {
    let holds = |facts: FactSet| row.condition.eval(facts);
    (FACTS - fact).subsets().any(|facts| !holds(facts) && holds(facts | fact))
}

fn holds_ever(row: &Row) -> bool {
    FACTS.subsets().any(|facts| row.condition.eval(facts))
}

fn places(findings: &[crate::Finding], code: &str) -> BTreeSet<Span> {
    with_code(findings, code).iter().map(|finding| finding.span).collect()
}

/// The places of findings of which one tells of several, all of them.
fn all_places(findings: &[crate::Finding], code: &str) -> BTreeSet<Span> {
    let notes = |finding: &crate::Finding| finding.notes.iter().filter_map(|(span, _)| *span).collect::<Vec<_>>();
    with_code(findings, code).iter().flat_map(|finding| [vec![finding.span], notes(finding)].concat()).collect()
}

fn states(machine: &Machine, wanted: impl Fn(StateId, &State) -> bool) -> BTreeSet<Span> {
    let ids = machine.state_ids().filter(|id| wanted(*id, machine.state(*id)));
    ids.map(|id| machine.state(id).span).collect()
}

fn rows(machine: &Machine, place: impl Fn(&Row) -> Span, wanted: impl Fn(&Row) -> bool) -> BTreeSet<Span> {
    machine.rows.iter().filter(|row| wanted(row)).map(place).collect()
}

fn leaving(machine: &Machine, state: StateId) -> impl Iterator<Item = &Row> + Clone {
    machine.rows.iter().filter(move |row| row.from.contains(&state))
}

fn any_from(machine: &Machine, row: &Row, wanted: impl Fn(&State) -> bool) -> bool {
    row.from.iter().any(|id| wanted(machine.state(*id)))
}

#[test]
fn states_that_are_left_at_once_are_reported() {
    on_each(|machine, plain, findings| {
        let round = round(machine, findings);
        let passed = |id: StateId, state: &State| {
            let mut entered = plain.present.values().flatten();
            let rests = entered.any(|here| here.0 == id && plain.waiting.contains_key(here))
                || plain.rested.iter().any(|here| here.0 == id);
            state.kind != Kind::Idle && plain.is_reached(id) && !rests && !round.contains(&id)
        };
        assert_eq!(places(findings, "T0310"), states(machine, passed));
    });
}

/// For a pair of rows the smallest facts with which one beats the other, and whether some run gets there.
fn races(machine: &Machine, plain: &Plain) -> BTreeMap<(Span, Span), (FactSet, bool)> {
    let mut races: BTreeMap<(usize, usize), (FactSet, bool)> = BTreeMap::new();
    for state in machine.state_ids() {
        let can_be = |facts: &FactSet| plain.present.contains_key(&(state, *facts & crate::testing::REMEMBERED));
        for facts in smallest_first(machine).into_iter().filter(can_be) {
            let winners = strongest(machine, state, facts);
            for loser in 0..machine.rows.len() {
                let row = &machine.rows[loser];
                for winner in winners.iter().copied().filter(|winner| machine.rows[*winner].rank < row.rank) {
                    let beaten = row.from.contains(&state) && row.condition.eval(facts);
                    if beaten && effect(machine, winner, facts) != effect(machine, loser, facts) {
                        let remembered = facts & crate::testing::REMEMBERED;
                        let race = races.entry((winner, loser)).or_insert((facts, false));
                        race.1 |= plain.arrived.contains_key(&(state, remembered));
                    }
                }
            }
        }
    }
    let place = |index: usize| machine.rows[index].when_span;
    races.into_iter().map(|((winner, loser), race)| ((place(winner), place(loser)), race)).collect()
}

#[test]
fn races_that_precedence_decides_are_listed_with_the_smallest_facts() {
    on_each(|machine, plain, findings| {
        let expected: BTreeMap<_, _> = races(machine, plain)
            .into_iter()
            .map(|(rows, (facts, comes_up))| (rows, (crate::check::wording::facts(machine, facts), comes_up)))
            .collect();
        let found = with_code(findings, "T0422");
        let found: BTreeMap<_, _> = found
            .into_iter()
            .map(|finding| {
                let (_, facts) = finding.message.rsplit_once("when there are ").unwrap();
                let comes_up = finding.notes[1].1.starts_with("our own machine");
                ((finding.notes[0].0.unwrap(), finding.span), (facts.to_owned(), comes_up))
            })
            .collect();
        assert_eq!(found, expected);
    });
}

/// Whether a user leads on: a trigger is needed, no failure is, and the attempt neither ends nor stays.
fn is_led_on(machine: &Machine, from: StateId, row: &Row) -> bool {
    let asked = machine.triggers().iter().any(|trigger| needs(row, trigger));
    let ends = matches!(machine.state(row.to).kind, Kind::Idle | Kind::Cleanup);
    asked && !needs(row, BROKEN) && !ends && row.to != from
}

#[test]
fn failures_that_nobody_hears_and_waits_without_a_way_on_are_reported() {
    on_each(|machine, _, findings| {
        let (events, within) = (machine.events(), machine.events() - machine.outside_events());
        let waits = |row: &Row| machine.fact_ids().any(|id| within.contains(id) && hears(row, id));
        let deaf = |id: StateId, state: &State| {
            let mut all = leaving(machine, id);
            let asked = match state.kind {
                Kind::Work => all.clone().next().is_some(),
                Kind::Wait => {
                    let handled = |row: &AnswerRow| row.answer == Answer::Handle && row.states.contains(&id);
                    let is_led_on = all.clone().any(|row| is_led_on(machine, id, row));
                    all.clone().any(waits) && !is_led_on && !machine.answers.iter().any(handled)
                }
                Kind::Idle | Kind::Cleanup => false,
            };
            asked && !all.any(|row| hears(row, BROKEN))
        };
        assert_eq!(all_places(findings, "T0308"), states(machine, deaf));
        let ends = |row: &Row| {
            let needed = |bits: FactSet| machine.fact_ids().any(|id| bits.contains(id) && needs(row, id));
            let idle = matches!(machine.state(row.to).kind, Kind::Idle | Kind::Cleanup);
            idle && (needs(row, BROKEN) || needed(machine.triggers()) && !needed(events))
        };
        let lost = |id: StateId, state: &State| {
            let mut out = leaving(machine, id).filter(|row| row.to != id);
            let path = machine.happy_path.get(1..).unwrap_or_default();
            let leads_on = |row: &Row| !ends(row) || path.contains(&row.to) && !needs(row, BROKEN);
            let is_rest = machine.happy_path.is_empty() && !out.clone().any(|row| needs(row, BROKEN));
            state.kind == Kind::Wait && out.clone().any(holds_ever) && !is_rest && !out.any(leads_on)
        };
        assert_eq!(places(findings, "T0309"), states(machine, lost));
        // Of a formula that contradicts itself, that is reported.
        let is_told = |row: &Row, id: FactId| !holds_ever(row) && row.mentions.contains(id);
        let heard = |id: &FactId| machine.rows.iter().any(|row| hears(row, *id) || is_told(row, *id));
        let named = |id: &FactId| machine.rows.iter().any(|row| row.mentions.contains(*id));
        let unheard = machine.fact_ids().filter(|id| events.contains(*id) && named(id) && !heard(id));
        let unheard: BTreeSet<Span> = unheard.map(|id| machine.fact(id).span).collect();
        assert_eq!(places(findings, "T0423"), unheard);
    });
}

#[test]
fn resources_that_are_forgotten_are_reported() {
    on_each(|machine, _, findings| {
        let cleaned = |resource: ResourceId| {
            machine.states.iter().any(|state| state.kind == Kind::Cleanup && state.holds.contains(&resource))
        };
        let held = |state: &State| state.kind != Kind::Cleanup && !state.holds.is_empty();
        let to = |row: &Row| machine.state(row.to);
        let idle = |_, state: &State| state.kind == Kind::Idle && !state.holds.is_empty();
        assert_eq!(places(findings, "T0407"), states(machine, idle));
        let early = |row: &Row| to(row).kind == Kind::Idle && any_from(machine, row, held);
        // The rows that end attempts early are one finding, and so are those that lead to one clean-up.
        let states: BTreeSet<Span> = machine.states.iter().map(|state| state.span).collect();
        assert_eq!(&all_places(findings, "T0408") - &states, rows(machine, |row| row.to_span, early));
        let forgets = |row: &Row| {
            let left = |resource: &ResourceId| cleaned(*resource) && !to(row).holds.contains(resource);
            to(row).kind == Kind::Cleanup && any_from(machine, row, |state| state.holds.iter().any(left))
        };
        assert_eq!(&all_places(findings, "T0425") - &states, rows(machine, |row| row.to_span, forgets));
        let skips = |row: &Row| {
            let bare = matches!(to(row).kind, Kind::Work | Kind::Wait) && to(row).holds.is_empty();
            bare && needs(row, BROKEN) && any_from(machine, row, held)
        };
        assert_eq!(places(findings, "T0426"), rows(machine, |row| row.to_span, skips));
        let ids = (0..2).map(ResourceId);
        let lost = ids.filter(|id| machine.states.iter().any(|state| state.holds.contains(id)) && !cleaned(*id));
        assert_eq!(with_code(findings, "T0427").len(), lost.count());
    });
}

#[test]
fn statuses_that_are_told_wrongly_are_reported() {
    on_each(|machine, _, findings| {
        let shown = |id: &StateId| machine.state(*id).shows;
        let within = machine.events() - machine.outside_events();
        let fires = |row: &Row, from: StateId| {
            machine.state(from).kind != Kind::Idle || !row.condition.mentions().intersects(within)
        };
        let wrong = |row: &Row| {
            if super::is_dead(row, findings) {
                return false;
            }
            let mut changing = row.from.iter().filter(|from| shown(from) != shown(&row.to));
            if row.public { changing.next().is_none() } else { changing.any(|from| fires(row, *from)) }
        };
        // The rows that do not say that they publish are one finding.
        let notes = |finding: &crate::Finding| finding.notes.iter().filter_map(|(span, _)| *span).collect::<Vec<_>>();
        let told = with_code(findings, "T0409");
        let told: BTreeSet<Span> =
            told.iter().flat_map(|finding| [vec![finding.span], notes(finding)].concat()).collect();
        assert_eq!(told, rows(machine, |row| row.span, wrong));
        let is_end = |status: StatusId| {
            let idle = |id: &StateId| machine.state(*id).kind == Kind::Idle && *id != machine.initial;
            machine.state_ids().filter(idle).any(|id| shown(&id) == status)
        };
        let early = |state: &&State| state.kind != Kind::Idle && is_end(state.shows);
        let mut wanted: BTreeSet<Span> = machine.states.iter().filter(early).map(|state| state.span).collect();
        // The states that show one status are one finding: the other places are notes of it.
        for finding in findings.iter().filter(|finding| finding.code.0 == "T0410") {
            assert!(wanted.remove(&finding.span));
            let others: Vec<Span> = finding.notes.iter().filter_map(|(place, _)| *place).collect();
            let (end, others) = others.split_last().expect("the idle state is shown");
            assert!(!wanted.contains(end) && others.iter().all(|place| wanted.remove(place)));
        }
        assert!(wanted.is_empty());
    });
}

#[test]
fn rows_that_cannot_fire_in_idle_states_are_reported() {
    on_each(|machine, _, findings| {
        let idle = |row: &Row| any_from(machine, row, |state| state.kind == Kind::Idle);
        let within = machine.events() - machine.outside_events();
        let waits = |row: &Row| idle(row) && row.condition.mentions().intersects(within);
        let first: BTreeSet<Span> = rows(machine, |row| row.when_span, waits).into_iter().take(1).collect();
        assert_eq!(places(findings, "T0415"), first);
        let unasked = |row: &Row| {
            let guards = FACTS - machine.triggers() - machine.events();
            idle(row) && guards.subsets().any(|facts| row.condition.eval(facts))
        };
        assert_eq!(places(findings, "T0416"), rows(machine, |row| row.when_span, unasked));
    });
}

#[test]
fn ends_that_are_open_during_cleanup_are_reported() {
    on_each(|machine, _, findings| {
        let deciding = machine.triggers() | machine.events();
        let open = |id: StateId, state: &State| {
            let out: Vec<&Row> = leaving(machine, id).filter(|row| row.to != id && holds_ever(row)).collect();
            let targets: BTreeSet<StateId> = out.iter().map(|row| row.to).collect();
            let decided: BTreeSet<FactSet> = out.iter().map(|row| row.condition.mentions() & deciding).collect();
            let mut shown = BTreeSet::new();
            targets.iter().for_each(|target| ends(machine, *target, &mut BTreeSet::new(), &mut shown));
            state.kind == Kind::Cleanup && targets.len() > 1 && decided.len() > 1 && shown.len() > 1
        };
        assert_eq!(places(findings, "T0420"), states(machine, open));
    });
}

fn ends(machine: &Machine, from: StateId, seen: &mut BTreeSet<StateId>, shown: &mut BTreeSet<StatusId>) {
    match machine.state(from).kind {
        Kind::Idle => drop(shown.insert(machine.state(from).shows)),
        Kind::Cleanup if seen.insert(from) => {
            leaving(machine, from).for_each(|row| ends(machine, row.to, seen, shown));
        }
        Kind::Cleanup | Kind::Work | Kind::Wait => {}
    }
}
