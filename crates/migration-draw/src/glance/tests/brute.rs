//! Races against plain enumeration: every sequence of facts, under all that guards can say, one run at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::{OUTSIDE, STATES, WAITING, load};
use migration_table::interpret::{Evidence, Run};
use migration_table::model::{Answer, FactId, FactKind, FactSet, Kind, StateId};
use migration_table::step;

/// What came of two facts in a state, found by trying.
#[derive(Debug, Default, PartialEq, Eq)]
struct Met {
    is_together: bool,
    in_turn: (BTreeSet<InTurn>, BTreeSet<InTurn>),
}

type Meetings = BTreeMap<(StateId, FactId, FactId), Met>;

#[test]
fn races_are_what_runs_do() {
    for text in [STATES, WAITING, OUTSIDE] {
        for machine in &load(text).machines {
            let said: Meetings = races(machine)
                .unwrap()
                .into_iter()
                .map(|race| {
                    let met =
                        Met { is_together: race.is_together, in_turn: (race.in_turn.0.turns, race.in_turn.1.turns) };
                    ((race.state, race.facts.0, race.facts.1), met)
                })
                .collect();
            assert_eq!(said, meetings(machine), "{}", machine.name);
        }
    }
}

fn meetings(machine: &Machine) -> Meetings {
    let mut meetings = Meetings::new();
    let (mut seen, mut todo) = (BTreeSet::new(), vec![Run::new(machine)]);
    while let Some(run) = todo.pop() {
        if !seen.insert((run.state(), run.facts())) {
            continue;
        }
        for first in machine.fact_ids() {
            for next in fed(machine, &run, first) {
                for second in machine.fact_ids() {
                    meet(machine, &run, (&next, first, second), &mut meetings);
                }
                todo.push(next);
            }
        }
    }
    for (state, facts) in present(machine) {
        let facts = facts - machine.guards();
        for (a, b) in pairs(machine).filter(|(a, b)| facts.contains(*a) && facts.contains(*b)) {
            meetings.entry((state, a, b)).or_default().is_together = true;
        }
    }
    meetings
}

/// What a machine can be asked about, by whoever sets several flags before they ask: a state and the facts there.
fn present(machine: &Machine) -> BTreeSet<(StateId, FactSet)> {
    let (fixed, triggers) = (machine.fixed_guards(), machine.triggers());
    let (mut seen, mut todo) = (BTreeSet::new(), vec![(machine.initial, FactSet::EMPTY)]);
    while let Some((state, facts)) = todo.pop() {
        if !seen.insert((state, facts)) {
            continue;
        }
        let idle = machine.state(state).kind == Kind::Idle;
        let begun = triggers | machine.events();
        for event in step::awaited(machine, state).iter().filter(|_| !idle || !facts.intersects(begun)) {
            let samples = all_guards(machine).into_iter().map(|guards| step::sampled(machine, state, facts, guards));
            todo.extend(samples.map(|sample| (state, step::accepted(machine, facts, sample, event))));
        }
        for trigger in triggers.iter().filter(|_| !idle || !facts.intersects(begun)) {
            for guards in all_guards(machine) {
                let sample = step::sampled(machine, state, facts, guards);
                if step::answer(machine, state, trigger, sample) == Answer::Accept {
                    todo.push((state, step::accepted(machine, facts, sample, trigger)));
                }
            }
        }
        for guards in all_guards(machine) {
            if let Some(row) = step::advance(machine, state, facts | (guards - fixed)) {
                let row = &machine.rows[row];
                todo.push((row.to, facts - step::gone(machine, row)));
            }
        }
    }
    seen
}

/// What happens if the second fact comes, or is there, when the first has come in.
fn meet(machine: &Machine, run: &Run<'_>, (next, first, second): (&Run<'_>, FactId, FactId), meetings: &mut Meetings) {
    if first == second || machine.fact(second).is_guard() {
        return;
    }
    let (low, high) = (first.min(second), first.max(second));
    let key = (run.state(), low, high);
    let pending = run.facts() & (machine.triggers() | machine.events());
    let fired = next.fired().get(run.fired().len()).map(|row| &machine.rows[*row]);
    let has_acted = fired.is_some_and(|row| row.mentions.contains(first));
    if !has_acted || pending.intersects(FactSet::from_iter([first, second])) || fed(machine, run, second).is_empty() {
        return;
    }
    let via = next.state();
    // The reason that is given on the way, whatever was given before.
    let turn = |late: Late, after: &Run<'_>| {
        let mut given = (run.state(), None);
        for row in after.fired()[run.fired().len()..].iter().map(|row| &machine.rows[*row]) {
            given = (row.to, step::reason(machine, given.0, row, given.1));
        }
        InTurn { via, late, end: after.state(), reason: given.1 }
    };
    let mut turns = BTreeSet::new();
    if machine.fact(second).is_trigger() {
        for guards in all_guards(machine) {
            let mut after = next.clone();
            after.set_guards(guards);
            let late = match after.raise(second) {
                Answer::Accept => Late::Accepted,
                Answer::Ignore => Late::Ignored,
                Answer::Handle => Late::Handled,
                Answer::Refuse(_) => Late::Refused,
            };
            turns.insert(turn(late, &after));
        }
    } else {
        turns.extend(comes_late(machine, next, second).into_iter().map(|(late, after)| turn(late, &after)));
    }
    let met = meetings.entry(key).or_default();
    let side = if first == low { &mut met.in_turn.0 } else { &mut met.in_turn.1 };
    side.extend(turns);
}

/// What comes of an event that was on its way while another fact acted. Work reports it for the visit that is over; what
/// comes from outside is of no visit; a message was read in the old visit, or is read in the new one.
fn comes_late<'m>(machine: &'m Machine, now: &Run<'m>, event: FactId) -> Vec<(Late, Run<'m>)> {
    let fact = machine.fact(event);
    let may_come = fact.is_outside || matches!(fact.kind, FactKind::Message(_));
    let later = if may_come { fed(machine, now, event) } else { Vec::new() };
    let mut found: Vec<(Late, Run<'m>)> = later.into_iter().map(|run| (Late::Awaited, run)).collect();
    if !fact.is_outside {
        found.push((Late::Stale, now.clone()));
    } else if found.is_empty() {
        found.push((Late::NotAwaited, now.clone()));
    }
    found
}

/// The runs that follow by a fact that is taken or awaited, one for each thing that guards can say.
fn fed<'m>(machine: &'m Machine, run: &Run<'m>, fact: FactId) -> Vec<Run<'m>> {
    let mut runs = Vec::new();
    for guards in all_guards(machine) {
        let mut next = run.clone();
        next.set_guards(guards);
        let rows = machine.rows.iter().filter(|row| row.from.contains(&run.state()));
        let mentions = rows.fold(FactSet::EMPTY, |all, row| all | row.mentions);
        let is_in = if machine.fact(fact).is_trigger() {
            next.raise(fact) == Answer::Accept
        } else {
            let is_awaited = machine.fact(fact).is_event() && mentions.contains(fact);
            let is_heard = machine.state(run.state()).kind != Kind::Idle || machine.fact(fact).is_outside;
            is_awaited && is_heard && next.report(run.visit(), fact) != Evidence::Stale
        };
        if is_in {
            runs.push(next);
        }
    }
    runs
}

fn all_guards(machine: &Machine) -> Vec<FactSet> {
    let ids: Vec<FactId> = machine.fact_ids().filter(|id| machine.fact(*id).is_guard()).collect();
    let set = |bits: usize| {
        let chosen = ids.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
        chosen.map(|(_, id)| *id).collect()
    };
    (0..1 << ids.len()).map(set).collect()
}

fn pairs(machine: &Machine) -> impl Iterator<Item = (FactId, FactId)> {
    let ids: Vec<FactId> = machine.fact_ids().collect();
    let others = ids.clone();
    ids.into_iter().flat_map(move |a| others.clone().into_iter().map(move |b| (a, b))).filter(|(a, b)| a < b)
}
