//! The projection against plain simulation, on thousands of small machines, and on tables that people wrote.

mod bounds;
mod variants;

use fastrand::Rng;
use std::collections::BTreeSet;

use super::behaviours::narrow;
use super::*;
use crate::public::settings::{SettingId, SettingSet, setting_id};
use crate::public::{Automaton, Label, Shown};
use crate::testing::naive::{Naive, Possible};
use crate::testing::{random, tidy};
use migration_table::model::{FactKind, Parameter};
use migration_table::testing::{load, shown};

const MACHINES: u64 = 2000;

const STATES: &str = include_str!("../../../../../states.yaml");

/// The automaton of a machine under a setting, given by the names of what is on.
fn under<'p>(machine: &'p PublicMachine, on: &BTreeSet<String>) -> &'p Automaton {
    let on: SettingSet = on.iter().filter_map(|name| setting_id(&machine.settings, name)).collect();
    let mut fitting = machine.behaviours.iter().filter(|behaviour| behaviour.under.0.iter().any(|cube| cube.holds(on)));
    let found = fitting.next().expect("there is one for every setting");
    assert!(fitting.next().is_none(), "there is only one for every setting");
    &found.automaton
}

fn all_settings(machine: &Machine) -> Vec<BTreeSet<String>> {
    let names: BTreeSet<String> = machine.facts.iter().filter_map(|fact| outline::setting(&fact.kind)).collect();
    let names: Vec<String> = names.into_iter().collect();
    let on = |bits: usize| {
        (0..names.len()).filter(|index| bits >> index & 1 != 0).map(|index| names[index].clone()).collect()
    };
    (0..1 << names.len()).map(on).collect()
}

/// Follows both as long as something new comes up.
fn compare(table: &Table, machine: &Machine, on: &BTreeSet<String>, automaton: &Automaton) {
    let naive = Naive::new(table, machine, on);
    let mut todo: Vec<(Possible, usize, Vec<Label>)> = vec![(naive.initial(), 0, Vec::new())];
    let mut seen = BTreeSet::new();
    while let Some((possible, number, trace)) = todo.pop() {
        if !seen.insert((possible.clone(), number)) {
            continue;
        }
        let state = &automaton.states[number];
        assert_eq!(naive.shows(&possible), state.shows, "shown after {trace:?} with {on:?}");
        assert_eq!(naive.rests(&possible), state.rests, "rests after {trace:?} with {on:?}");
        assert_eq!(naive.ends(&possible), state.ends, "ends after {trace:?} with {on:?}");
        assert_eq!(naive.is_trapped(&possible), state.trapped, "caught after {trace:?} with {on:?}");
        for shown in naive.asked(&possible) {
            let query = state.query(number, &shown);
            let told = naive.told(&possible, &shown);
            assert_eq!(naive.rests(&told), query.rests, "rests showing {shown} after {trace:?} with {on:?}");
            todo.push((naive.closed(told), query.to, trace.clone()));
        }
        let next = naive.next(&possible);
        let labels: Vec<&Label> = next.keys().collect();
        assert_eq!(labels, state.edges.keys().collect::<Vec<_>>(), "after {trace:?} with {on:?}");
        for (label, possible) in next {
            let to = state.edges[&label].to;
            let trace = trace.iter().cloned().chain([label]).collect();
            todo.push((possible, to, trace));
        }
    }
}

/// No two states are alike, and they are numbered as they are met.
fn check_form(automaton: &Automaton) {
    let mut order = vec![0];
    let mut next = 0;
    while let Some(state) = order.get(next).copied() {
        let AutomatonState { edges, queries, .. } = &automaton.states[state];
        for to in edges.values().map(|edge| edge.to).chain(queries.values().map(|query| query.to)) {
            if !order.contains(&to) {
                order.push(to);
            }
        }
        next += 1;
    }
    assert_eq!(order, (0..automaton.states.len()).collect::<Vec<_>>());
    let mut classes = vec![0; automaton.states.len()];
    loop {
        let signature = |index: usize| {
            let state: &AutomatonState = &automaton.states[index];
            let edges: Vec<(&Label, usize)> =
                state.edges.iter().map(|(label, edge)| (label, classes[edge.to])).collect();
            let queries = state.shows.iter().map(|shown| state.query(index, shown));
            let queries: Vec<(usize, bool)> = queries.map(|query| (classes[query.to], query.rests)).collect();
            (&state.shows, state.rests, state.ends, state.trapped, edges, queries)
        };
        let known: BTreeSet<_> = (0..classes.len()).map(signature).collect();
        let known: Vec<_> = known.into_iter().collect();
        let refined: Vec<usize> =
            (0..classes.len()).map(|index| known.binary_search(&signature(index)).unwrap()).collect();
        let before = classes.iter().collect::<BTreeSet<_>>().len();
        if known.len() == before {
            assert_eq!(before, classes.len(), "some states are alike");
            return;
        }
        classes = refined;
    }
}

fn check(table: &Table, machine: &Machine) -> PublicMachine {
    let public = project_machine(table, machine).unwrap();
    for on in all_settings(machine) {
        compare(table, machine, &on, under(&public, &on));
    }
    let smallest = |behaviour: &Behaviour| behaviour.under.0.iter().map(|cube| cube.set).min();
    assert!(public.behaviours.is_sorted_by(|a, b| smallest(a) < smallest(b)));
    for (index, behaviour) in public.behaviours.iter().enumerate() {
        check_form(&behaviour.automaton);
        assert!(public.behaviours[..index].iter().all(|other| other.automaton != behaviour.automaton));
    }
    public
}

#[test]
fn what_is_observed_is_what_simulation_observes() {
    let (mut merged, mut trapped) = (0, 0);
    for seed in 0..MACHINES {
        let table = random(seed);
        let machine = &table.machines[0];
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&table, machine)));
        let public = checked.unwrap_or_else(|_| panic!("seed {seed}: {:#?}", shown(machine)));
        merged += usize::from(1 << public.settings.len() > public.behaviours.len());
        trapped +=
            usize::from(public.behaviours.iter().any(|one| one.automaton.states.iter().any(|state| state.trapped)));
    }
    assert!(merged > 25, "settings are taken together: {merged}");
    assert!(trapped > 60, "some machines are trapped: {trapped}");
}

#[test]
fn rows_are_taken_where_simulation_takes_them() {
    let own = load(STATES);
    let mut checked = 0;
    for table in (0..MACHINES).map(random).chain([own]) {
        for machine in &table.machines {
            let mut plain = Taken::default();
            for on in all_settings(machine) {
                let one = Naive::new(&table, machine, &on).taken();
                plain.states.extend(one.states);
                plain.waits.extend(one.waits);
                plain.cases.extend(one.cases);
            }
            assert_eq!(taken(&table, machine).unwrap(), plain, "{:#?}", shown(machine));
            let all: usize = machine.rows.iter().map(|row| row.from.len() * row.cubes.len()).sum();
            checked += usize::from(plain.cases.len() < all);
        }
    }
    assert!(checked > 500, "in some machines there is something that never happens: {checked}");
}

#[test]
fn what_no_client_can_see_changes_nothing() {
    for seed in 0..MACHINES {
        let table = random(seed);
        let public = project(&table).unwrap();
        let dice = &mut Rng::with_seed(seed);
        for (what, variant) in variants::all(dice, &table.machines[0]) {
            let variant = Table { machines: vec![variant], ..table.clone() };
            assert_eq!(project(&variant).unwrap(), public, "seed {seed}, {what}");
        }
    }
}

#[test]
fn the_projects_own_table_is_what_simulation_observes() {
    let table = load(STATES);
    for machine in &table.machines {
        check(&table, machine);
    }
}

#[test]
fn the_tables_of_released_machines_are_what_simulation_observes() {
    for text in [
        include_str!("../../../../../tests/tables/qemu-9.0.yaml"),
        include_str!("../../../../../tests/tables/qemu-11.0.yaml"),
    ] {
        let table = load(text);
        for machine in &table.machines {
            let public = project_machine(&table, machine).unwrap();
            let settings = all_settings(machine);
            for on in settings.iter().step_by(settings.len().div_ceil(7)) {
                compare(&table, machine, on, under(&public, on));
            }
        }
    }
}

#[test]
fn which_row_of_a_line_fires_makes_no_case_of_its_own() {
    let table = load(include_str!("../../../../../tests/tables/qemu-11.0.yaml"));
    let public = project_machine(&table, table.machine("source").unwrap()).unwrap();
    let changing = public.changes.0.unwrap();
    assert!(changing.steps.is_empty(), "every setting is taken for an attempt");
    assert_eq!(changing.cases.len(), public.behaviours.len());
}

#[test]
fn an_internal_state_more_is_not_seen() {
    let more = STATES
        .replace("to: negotiating,    sends: [hello] }", "to: greeting }\n      - { from: greeting, when: stopped, to: negotiating, sends: [hello] }")
        .replace("      active:         { kind", "      greeting: { kind: work, shows: setup, holds: [channels], timeout: { event: timed_out, after_ms: 10000 }, doc: \"says hello\" }\n      active:         { kind")
        .replace("cancellable:    [", "cancellable:    [greeting, ")
        .replace("awaits_peer:    [", "awaits_peer:    [greeting, ")
        .replace("elsewhere:      [", "elsewhere:      [greeting, ");
    assert!(more.contains("from: greeting"));
    assert_eq!(project(&load(&more)).unwrap(), project(&load(STATES)).unwrap());
}

#[test]
fn edges_say_which_rows_and_answers_make_them() {
    let table = load(STATES);
    let source = project_machine(&table, table.machine("source").unwrap()).unwrap();
    let automaton = &source.behaviours[0].automaton;
    let said = |state: &AutomatonState, label: &Label| -> Vec<String> {
        let line = |place: &migration_table::Span| STATES.lines().nth(place.line - 1).unwrap();
        state.edges[label]
            .places
            .iter()
            .map(|place| line(place).split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    };
    let migrate = |reply| Label::Reply("migrate".to_owned(), reply);
    let accepted = said(&automaton.states[0], &migrate(super::super::Reply::Success));
    assert_eq!(accepted, ["- { from: guest_here, when: migrate, to: connecting, public: true }"]);
    let setup =
        automaton.states.iter().find(|state| state.edges.contains_key(&Label::Event(Shown::status("active")))).unwrap();
    let refused = said(setup, &migrate(super::super::Reply::Error("GenericError".to_owned())));
    assert_eq!(
        refused,
        ["- { in: in_progress, trigger: migrate, answer: refuse, because: \"a migration is in progress\" }"]
    );
    for reason in ["error", "peer-silent", "peer-refused"] {
        let failing = Shown { reason: Some(reason.to_owned()), ..Shown::status("failing") };
        assert_eq!(said(setup, &Label::Event(failing)).len(), 1, "failed, timed_out, refused: {reason}");
    }
}

#[test]
fn the_settings_that_matter_are_numbered_among_themselves() {
    let set = |ids: &[u16]| ids.iter().map(|id| SettingId(*id)).collect::<SettingSet>();
    assert_eq!(narrow(set(&[1, 2, 5, 7]), set(&[2, 5, 6, 7])), set(&[0, 1, 3]));
    assert_eq!(narrow(SettingSet::below(64), SettingSet::below(64)), SettingSet::below(64));
    let of = (0..4).map(|id| narrow(set(&[id]), set(&[0, 3])));
    assert_eq!(of.collect::<Vec<_>>(), [set(&[0]), set(&[]), set(&[]), set(&[1])]);
}

#[test]
fn without_reasons_a_client_sees_what_a_table_without_reasons_shows() {
    let mut with = 0;
    for seed in 0..MACHINES {
        let table = tidy(random(seed));
        let public = super::project(&table).unwrap();
        with += usize::from(!public.reasons.is_empty());
        let mut plain = table;
        plain.machines.iter_mut().flat_map(|machine| &mut machine.rows).for_each(|row| row.reason = None);
        let expected = super::project(&plain).unwrap();
        let found = crate::public::without_reasons(&public).into_owned();
        for (found, expected) in found.machines.iter().zip(&expected.machines) {
            for behaviour in &found.behaviours {
                let same = expected.behaviours.iter().find(|other| other.automaton == behaviour.automaton);
                assert!(same.is_some(), "{seed}");
            }
        }
    }
    assert!(with > MACHINES as usize / 2, "{with}");
}

#[test]
fn a_parameter_is_another_setting_than_a_capability_of_its_name() {
    let (mut table, halt) = (random(1), || "halt".to_owned());
    let FactKind::Guard { capability, parameter, .. } = &mut table.machines[0].facts[4].kind else { panic!("a guard") };
    (*capability, *parameter) = (Some(halt()), None);
    let before = outline::setting(&table.machines[0].facts[4].kind);
    let FactKind::Guard { capability, parameter, .. } = &mut table.machines[0].facts[4].kind else { panic!("a guard") };
    (*capability, *parameter) = (None, Some(Parameter { name: halt(), is: None }));
    let now = outline::setting(&table.machines[0].facts[4].kind);
    assert!(before.is_some() && now.is_some() && before != now, "{before:?} {now:?}");
}
