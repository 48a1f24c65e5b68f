//! The exact checks against plain enumeration, on thousands of small machines that nobody would write.
//!
//! The enumeration follows the words of the format, one configuration at a time, and shares no code with the sets of
//! `explore` but the interpreter. Where the two disagree, a finding would be wrong or missing.

mod plain;
mod structure;

use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::LazyLock;

use crate::finding::{Finding, Findings};
use crate::model::{FactId, FactSet, Kind, Machine, Row, StateId, Table};
use crate::span::Span;
use crate::testing::{FACTS, random, renumber, table};
use plain::Plain;

const MACHINES: u64 = 4000;

fn findings(table: &Table) -> Vec<Finding> {
    let mut out = Findings::default();
    super::run_with(table, super::Notes::Listed, &[], &mut out);
    out.iter().cloned().collect()
}

fn with_code<'f>(findings: &'f [Finding], code: &str) -> Vec<&'f Finding> {
    findings.iter().filter(|finding| finding.code.0 == code).collect()
}

/// The states of which it is said that the machine may go round through them for ever.
fn round(machine: &Machine, findings: &[Finding]) -> BTreeSet<StateId> {
    let messages = with_code(findings, "T0302").into_iter().map(|finding| finding.message.as_str());
    let names = messages.flat_map(|message| message.split('`').skip(1).step_by(2));
    names.map(|name| machine.state_id(name).unwrap()).collect()
}

/// Whether a finding says that the row never fires. Nothing else is said of such a row.
fn is_dead(row: &Row, findings: &[Finding]) -> bool {
    ["T0303", "T0304"].iter().flat_map(|code| with_code(findings, code)).any(|finding| finding.span == row.when_span)
}

/// Whether a row of the state asks for the fact, and no finding says that this row never fires.
fn asks(machine: &Machine, findings: &[Finding], state: StateId, fact: FactId) -> bool {
    let mut rows = machine.rows.iter().filter(|row| row.from.contains(&state) && row.mentions.contains(fact));
    rows.any(|row| !is_dead(row, findings))
}

/// A machine, what it can do, and what is said about it.
struct Case {
    seed: u64,
    table: Table,
    plain: Plain,
    findings: Vec<Finding>,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let case = |seed| {
        let table = table(random(&mut Rng::with_seed(seed)));
        Case { seed, plain: Plain::of(&table.machines[0]), findings: findings(&table), table }
    };
    (0..MACHINES).map(case).collect()
});

/// Runs a comparison over all machines.
fn on_each(compare: impl Fn(&Machine, &Plain, &[Finding])) {
    for Case { seed, table, plain, findings } in CASES.iter() {
        let machine = &table.machines[0];
        let compared = AssertUnwindSafe(|| compare(machine, plain, findings));
        if let Err(cause) = catch_unwind(compared) {
            eprintln!("machine of seed {seed}: {:#?}", crate::testing::shown(machine));
            resume_unwind(cause);
        }
    }
}

#[test]
fn every_finding_that_is_compared_comes_up_often() {
    for code in [
        "T0301", "T0302", "T0303", "T0304", "T0305", "T0401", "T0402", "T0403", "T0404", "T0405", "T0417", "T0308",
        "T0309", "T0310", "T0407", "T0408", "T0409", "T0410", "T0415", "T0416", "T0420", "T0422", "T0423", "T0425",
        "T0426", "T0427",
    ] {
        let count = CASES.iter().filter(|case| !with_code(&case.findings, code).is_empty()).count();
        assert!(count >= 50, "{code} came up {count} times");
    }
}

#[test]
fn what_is_reached_is_what_enumeration_reaches() {
    on_each(|machine, plain, _| {
        let mut space = crate::explore::Space::new(machine).unwrap();
        let reached = space.explore().unwrap();
        for state in machine.state_ids() {
            for facts in crate::testing::REMEMBERED.subsets() {
                let here = (state, facts);
                let arrived = space.diagrams.eval(reached.arrived(state), facts);
                assert_eq!(arrived, plain.arrived.contains_key(&here), "arrived {here:?}");
                let rested = space.diagrams.eval(reached.rested(state), facts);
                assert_eq!(rested, plain.rested.contains(&here), "rested {here:?}");
            }
        }
    });
}

#[test]
fn states_that_are_not_reached_are_reported() {
    on_each(|machine, plain, findings| {
        let lost: BTreeSet<StateId> = machine.state_ids().filter(|id| !plain.is_reached(*id)).collect();
        // Rows that leave a state that is reached, and lead to one that is not: those are reported instead.
        let entering = machine.rows.iter().filter(|row| row.from.iter().any(|from| plain.is_reached(*from)));
        let mut explained: BTreeSet<StateId> = entering.map(|row| row.to).filter(|to| lost.contains(to)).collect();
        let mut todo: Vec<StateId> = explained.iter().copied().collect();
        let found = with_code(findings, "T0301");
        for finding in &found {
            let state = lost.iter().copied().find(|id| machine.state(*id).span == finding.span).expect("it is lost");
            assert!(!explained.contains(&state), "what is explained already is not reported");
            todo.push(state);
        }
        while let Some(state) = todo.pop() {
            explained.insert(state);
            let next = machine.rows.iter().filter(|row| row.from.contains(&state)).map(|row| row.to);
            todo.extend(next.filter(|to| lost.contains(to) && !explained.contains(to)));
        }
        assert_eq!(explained, lost, "every one follows from something that is reported");
    });
}

#[test]
fn advancing_that_may_not_end_is_reported() {
    on_each(|_, plain, findings| assert_eq!(plain.goes_round(), !with_code(findings, "T0302").is_empty()));
}

#[test]
fn rows_that_never_fire_are_reported() {
    on_each(|machine, plain, findings| {
        let reported: BTreeSet<_> =
            ["T0303", "T0304", "T0416"].iter().flat_map(|code| with_code(findings, code)).map(|f| f.span).collect();
        for (index, row) in machine.rows.iter().enumerate() {
            let never = !plain.possible.contains(&index) && row.from.iter().any(|state| plain.is_reached(*state));
            let holds = FACTS.subsets().any(|facts| row.condition.eval(facts));
            // One finding speaks of all rows that wait for an event in an idle state.
            let within = machine.events() - machine.outside_events();
            let is_idle = |id: &StateId| machine.state(*id).kind == Kind::Idle;
            let waits = row.from.iter().any(is_idle) && row.condition.mentions().intersects(within);
            let is_told = reported.contains(&row.when_span) || waits && !with_code(findings, "T0415").is_empty();
            assert!(!never || is_told, "row {index} never fires");
            let told = with_code(findings, "T0304").iter().any(|finding| finding.span == row.when_span);
            assert!(!told || never && holds, "row {index} fires");
            let told = with_code(findings, "T0303").iter().any(|finding| finding.span == row.when_span);
            assert_eq!(told, !holds, "row {index} holds");
        }
    });
}

#[test]
fn attempts_that_never_end_are_reported() {
    on_each(|machine, plain, findings| {
        let stuck = plain.stuck(machine);
        let found = with_code(findings, "T0305");
        // Of a circle that nothing has to come into it is said that it is one.
        let is_round = round(machine, findings).iter().any(|id| stuck.contains(id));
        // Nor is it said of a state that is left by a formula that contradicts itself.
        let mut never = machine.rows.iter().filter(|row| row.cubes.is_empty());
        let is_told = never.any(|row| row.from.iter().any(|from| stuck.contains(from)));
        assert!(!found.is_empty() || stuck.is_empty() || is_round || is_told);
        assert!(found.is_empty() || !stuck.is_empty());
        assert!(found.iter().all(|finding| stuck.iter().any(|id| machine.state(*id).span == finding.span)));
    });
}

#[test]
fn ambiguous_rows_are_reported_with_the_smallest_facts() {
    on_each(|machine, plain, findings| {
        let pairs = plain::ambiguous(machine, plain);
        let smallest = plain::smallest_first(machine).into_iter().find(|facts| pairs.values().any(|own| own == facts));
        let expected: Vec<String> = smallest.iter().map(|facts| super::wording::facts(machine, *facts)).collect();
        let found = with_code(findings, "T0401").into_iter();
        let found: Vec<&str> = found.map(|finding| finding.message.rsplit_once("enabled with ").unwrap().1).collect();
        assert_eq!(found, expected);
    });
}

/// The precedence that the finding about ambiguous rows proposes.
fn proposed(machine: &Machine, findings: &[Finding]) -> Option<Vec<FactId>> {
    let help = with_code(findings, "T0401").first()?.help.clone()?;
    let (_, rest) = help.split_once("write `precedence: [")?;
    let (names, _) = rest.split_once(']')?;
    Some(names.split(", ").map(|name| machine.fact_id(name).unwrap()).collect())
}

#[test]
fn the_precedence_that_is_proposed_settles_everything_and_makes_nothing_worse() {
    let mut settled = 0;
    for case in CASES.iter() {
        let machine = &case.table.machines[0];
        let Some(order) = proposed(machine, &case.findings) else { continue };
        let mut table = case.table.clone();
        let own = &mut table.machines[0];
        own.precedence.clone_from(&order);
        for row in &mut own.rows {
            let needs = |fact: &FactId| row.cubes.iter().any(|cube| cube.set.contains(*fact));
            row.rank = order.iter().position(needs).unwrap_or(order.len());
        }
        let after = findings(&table);
        assert_eq!(with_code(&after, "T0401"), Vec::<&Finding>::new(), "seed {}", case.seed);
        let bad = |findings: &[Finding]| with_code(findings, "T0304").len() + with_code(findings, "T0402").len();
        assert!(bad(&after) <= bad(&case.findings), "seed {}", case.seed);
        settled += 1;
    }
    assert!(settled > 100, "{settled} machines were settled");
}

#[test]
fn triggers_that_are_lost_are_reported() {
    on_each(|machine, plain, findings| {
        let mut expected: BTreeMap<Span, FactSet> = BTreeMap::new();
        for (row, trigger) in &plain.lost {
            *expected.entry(machine.rows[*row].span).or_default() |= *trigger;
        }
        let named = |finding: &&Finding| -> FactSet {
            let names = finding.message.split(", accepted before").next().unwrap().split('`').skip(1).step_by(2);
            names.map(|name| machine.fact_id(name).unwrap()).collect()
        };
        let found = with_code(findings, "T0402");
        let found: Vec<(Span, FactSet)> = found.iter().map(|finding| (finding.span, named(finding))).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    });
}

#[test]
fn drops_of_nothing_are_reported() {
    on_each(|machine, plain, findings| {
        let found: BTreeSet<_> = with_code(findings, "T0403").iter().map(|finding| finding.span).collect();
        for (index, row) in machine.rows.iter().enumerate().filter(|(index, _)| plain.possible.contains(index)) {
            let useful = |id: FactId| plain.dropped.contains(&(index, id));
            let useless = machine.fact_ids().any(|id| row.drops.contains(id) && !useful(id));
            assert_eq!(found.contains(&row.span), useless, "row {index}");
        }
    });
}

#[test]
fn triggers_without_an_answer_and_answers_without_effect_are_reported() {
    on_each(|machine, plain, findings| {
        for trigger in machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()) {
            let word = format!("trigger `{}`", machine.fact(trigger).name);
            let about = |code: &str| {
                let found = with_code(findings, code);
                found.into_iter().filter(|finding| finding.message.contains(&word)).count()
            };
            let name = format!("`{}`", machine.fact(trigger).name);
            let is_silent = |finding: &Finding| {
                finding.message.split_once(" in ").is_some_and(|(triggers, _)| triggers.contains(&name))
            };
            let is_unanswered = with_code(findings, "T0404").into_iter().any(is_silent);
            assert_eq!(is_unanswered, plain.is_unanswered(machine, trigger), "{word}");
            // In an idle state in which it starts nothing, that is reported.
            let starts_nothing = |id: StateId| {
                let waits = |(state, facts): &(StateId, FactSet)| *state == id && facts.contains(trigger);
                machine.state(id).kind == Kind::Idle && plain.rested.iter().any(waits)
            };
            let asked = |state| asks(machine, findings, state, trigger) && !starts_nothing(state);
            let dead =
                machine.answers.iter().filter(|row| row.trigger == trigger && plain.is_dead(machine, row, asked));
            assert_eq!(about("T0405"), dead.count(), "{word}");
        }
    });
}

#[test]
fn triggers_that_start_nothing_are_reported() {
    on_each(|machine, plain, findings| {
        let waits = |(state, facts): &(StateId, FactSet)| {
            let mut asking = (*facts & (machine.triggers() | machine.events())).iter();
            machine.state(*state).kind == Kind::Idle && asking.any(|fact| asks(machine, findings, *state, fact))
        };
        assert_eq!(plain.rested.iter().any(waits), !with_code(findings, "T0417").is_empty());
    });
}

#[test]
fn the_order_of_rows_changes_only_lines() {
    fn said(findings: &[Finding]) -> Vec<String> {
        let text = |finding: &Finding| {
            let notes: Vec<&String> = finding.notes.iter().map(|note| &note.1).collect();
            format!(
                "{:?} {} {} {} {notes:?} {:?}",
                finding.severity, finding.code, finding.message, finding.label, finding.help
            )
        };
        let mut said: Vec<String> = findings.iter().map(text).collect();
        said.sort();
        said
    }
    for case in CASES.iter() {
        let mut table = case.table.clone();
        let (dice, machine) = (&mut Rng::with_seed(case.seed), &mut table.machines[0]);
        dice.shuffle(&mut machine.rows);
        dice.shuffle(&mut machine.answers);
        renumber(machine);
        assert_eq!(said(&findings(&table)), said(&case.findings), "seed {}", case.seed);
    }
}
