//! Mutants of real tables and of random ones: the comparison tells what simulated clients see, and nothing else.

mod settings;
mod waits;

use fastrand::Rng;

use super::{Agreement, Names, Subject, mutants, random};
use crate::compare::compare;
use crate::public::project;
use migration_table::model::{Row, Table};
use migration_table::testing::load;

const STATES: &str = include_str!("../../../../states.yaml");
/// The same without post-copy, whose mutants are compared much faster.
const PRECOPY: &str = include_str!("../../tests/tables/precopy.yaml");
/// A machine that publishes a second status at once where a hidden guard holds.
const TWICE: &str = include_str!("../../tests/tables/twice.yaml");
const QEMU: [(&str, &str); 2] = [
    ("qemu 9.0", include_str!("../../../../tests/tables/qemu-9.0.yaml")),
    ("qemu 11.0", include_str!("../../../../tests/tables/qemu-11.0.yaml")),
];
/// A job that can be stopped until its last part.
const LATER: &str = "format: 1
machine: small
statuses:
  none: { since: '0.1', doc: 'nothing was done' }
  run:  { since: '0.1', doc: 'at work' }
  last: { since: '0.1', doc: 'at work for the last time' }
  done: { since: '0.1', doc: 'it is done' }
  gone: { since: '0.1', doc: 'it was stopped' }
triggers:
  start: { command: start, doc: 'begins' }
  stop:  { command: stop, doc: 'ends' }
events:
  near: { doc: 'little is left' }
  over: { doc: 'nothing is left' }
machines:
  source:
    doc: 'the only machine'
    precedence: [stop]
    states:
      none: { kind: idle, shows: none, initial: true, doc: 'nothing was done' }
      run:  { kind: work, shows: run, doc: 'at work' }
      last: { kind: work, shows: last, doc: 'at work' }
      done: { kind: idle, shows: done, doc: 'it is done' }
      gone: { kind: idle, shows: gone, doc: 'it was stopped' }
    transitions:
      - { from: none, when: start, to: run, public: true }
      - { from: run, when: stop, to: gone, public: true }
      - { from: run, when: near, to: last, public: true }
      - { from: last, when: over, to: done, public: true }
    answers:
      - { in: [run, last, done, gone], trigger: start, answer: refuse, because: 'once' }
      - { in: [none, last, done, gone], trigger: stop, answer: refuse, because: 'late' }
";
/// How many mutants of each table of QEMU are looked at: a comparison of two of them takes seconds without
/// optimisation. `cargo xtask bench guard` looks at as many as there is time for.
const OF_QEMU: usize = 6;

/// How many mutants of the project's own table are looked at, for the same reason: it has some 3000, and two comparisons
/// of each.
const OF_OWN: usize = 16;

/// What comes of holding one table against another.
fn agreement(new: &Table, old: &Table, settings: usize) -> Result<Agreement, String> {
    let names = Names::default();
    super::agreement(&Subject::new(new, &names), &Subject::new(old, &names), settings)
}

/// Holds every mutant against its table, in both directions, and counts those that clients tell apart.
fn check(name: &str, table: &Table, every: usize) -> (usize, usize) {
    let (mut differing, mut all, mut wrong) = (0, 0, Vec::new());
    let names = Names::default();
    let original = Subject::new(table, &names);
    for (change, mutant) in mutants(table).into_iter().step_by(every) {
        let mutant = Subject::new(&mutant, &names);
        for (new, old, way) in [(&mutant, &original, "then"), (&original, &mutant, "before")] {
            let Ok(found) = super::agreement(new, old, 2) else { continue };
            all += 1;
            differing += usize::from(found.differs);
            wrong.extend(found.wrong.into_iter().map(|what| format!("{name}, {way} {change}: {what}")));
        }
    }
    nothing_is(wrong, all);
    (differing, all)
}

fn nothing_is(mut wrong: Vec<String>, all: usize) {
    let many = wrong.len();
    wrong.truncate(12);
    assert!(wrong.is_empty(), "{many} of {all}: {wrong:#?}");
}

/// `poke` can succeed behind the second status alone, and the old machine may answer behind the first one. So nobody sends it
/// before the first.
#[test]
fn what_succeeds_behind_a_second_status_is_not_sent_before_the_first() {
    let late = [
        ("      preparing: {", "      waiting:   { kind: work, shows: one, doc: \"waits\" }\n      preparing: {"),
        (
            "when: begin, to: preparing, public: true }",
            "when: begin, to: waiting }\n      - { from: waiting, when: ready, to: preparing, public: true }",
        ),
        ("in: [preparing, running]", "in: [waiting, preparing, running]"),
        ("in: [rest, preparing]", "in: [rest, waiting, preparing]"),
    ];
    let new = late.iter().fold(TWICE.to_owned(), |text, (from, to)| text.replace(from, to));
    let (new, old) = (load(&new), load(TWICE));
    let found = agreement(&new, &old, 1).expect("the tables are small");
    assert!(found.differs && found.wrong.is_empty(), "{:?}", found.wrong);
    let report = compare(&project(&new).unwrap(), &project(&old).unwrap()).expect("the tables are small");
    let lives = |name: &str| report.verdicts.iter().all(|it| it.observer != name || it.compatible);
    // One that asks is shown what was over before, and what follows is new to it.
    assert!(["E!", "E", "El"].into_iter().all(lives) && !lives("P"), "{:#?}", report.changes);
}

/// A client that asks, and has not seen that the machine went on, gives a command that always failed there.
#[test]
fn a_command_that_succeeds_in_a_status_later_is_seen_by_those_who_do_not_see_the_status() {
    let old = load(LATER);
    let new = load(&LATER.replace("in: [none, last, done, gone], trigger: stop, answer: refuse, because: 'late'", "in: [none, done, gone], trigger: stop, answer: refuse, because: 'late' }\n      - { in: last, trigger: stop, answer: ignore"));
    let found = agreement(&new, &old, 1).expect("the tables are small");
    assert!(found.differs && found.wrong.is_empty(), "{:?}", found.wrong);
    let report = compare(&project(&new).unwrap(), &project(&old).unwrap()).expect("the tables are small");
    let lives = |name: &str| report.verdicts.iter().all(|it| it.observer != name || it.compatible);
    assert!(["E!", "E", "El"].into_iter().all(lives) && !lives("P!") && !lives("P"), "{:#?}", report.changes);
}

/// Whoever approves that one status follows an end has not approved another one.
#[test]
fn every_status_that_follows_an_end_is_told() {
    let half = [
        ("      last: {", "      half: { kind: work, shows: done, doc: 'not quite' }\n      last: {"),
        (
            "      - { from: last,",
            "      - { from: run, when: over, to: half, public: true }
      - { from: half, when: near, to: last, public: true }
      - { from: half, when: over, to: gone, public: true }
      - { from: last,",
        ),
        ("in: [run, last,", "in: [run, half, last,"),
        ("in: [none, last,", "in: [none, half, last,"),
    ];
    let new = half.iter().fold(LATER.to_owned(), |text, (from, to)| text.replace(from, to));
    let old = LATER.replace(
        "      - { from: last,",
        "      - { from: run, when: over, to: done, public: true }\n      - { from: last,",
    );
    let (new, old) = (load(&new), load(&old));
    let found = agreement(&new, &old, 1).expect("the tables are small");
    assert!(found.differs && found.wrong.is_empty(), "{:?}", found.wrong);
    let report = compare(&project(&new).unwrap(), &project(&old).unwrap()).expect("the tables are small");
    let reopened = report.changes.iter().filter(|change| change.rule == "status-terminal-reopened");
    let subjects: Vec<&str> = reopened.map(|change| change.subject.as_str()).collect();
    assert_eq!(subjects, ["done -> gone", "done -> last"]);
}

/// Whether a query of some machine tells more than the status.
fn tells(table: &Table) -> bool {
    let Ok(public) = project(table) else { return false };
    let behaviours = public.machines.iter().flat_map(|machine| &machine.behaviours);
    behaviours.flat_map(|behaviour| &behaviour.automaton.states).any(|state| !state.queries.is_empty())
}

#[test]
fn mutants_of_a_table_without_post_copy_are_told_as_clients_see_them() {
    let (differing, all) = check("pre-copy", &load(PRECOPY), 1);
    assert!(differing > 500 && all > differing, "{differing} of {all}");
}

#[test]
fn some_mutants_of_the_own_table_are_told_as_clients_see_them() {
    let table = load(STATES);
    let (differing, all) = check("own", &table, mutants(&table).len().div_ceil(OF_OWN));
    assert!(all >= OF_OWN && differing > all / 2, "{differing} of {all}");
}

#[test]
fn some_mutants_of_the_tables_of_qemu_are_told_as_clients_see_them() {
    for (name, text) in QEMU {
        // These tables have errors, which are facts about the machines.
        let table = crate::load(text).table.expect("the table can be resolved");
        let every = super::count(&table).div_ceil(OF_QEMU);
        let (mut differing, mut all, mut wrong) = (0, 0, Vec::new());
        for (change, mutant) in super::chosen(&table, |number| number % every == every / 2) {
            let found = agreement(&mutant, &table, 1).unwrap_or_else(|error| panic!("{name}, {change}: {error}"));
            all += 1;
            differing += usize::from(found.differs);
            wrong.extend(found.wrong.into_iter().map(|what| format!("{name}, {change}: {what}")));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(all >= OF_QEMU - 1 && differing > 0, "{differing} of {all} in {name}");
    }
}

#[test]
fn mutants_of_random_tables_are_told_as_clients_see_them() {
    let (mut differing, mut all) = (0, 0);
    let mut dice = Rng::with_seed(13);
    for seed in 0..60 {
        let table = super::tidy(random(seed));
        let (more, many) = check(&format!("seed {seed}"), &table, 1 + dice.usize(7..13));
        (differing, all) = (differing + more, all + many);
    }
    assert!(differing > 200 && all > 400, "{differing} of {all}");
}

/// A table in which hidden things decide where some rows lead, and whether they publish.
fn hiding(dice: &mut Rng, table: &Table) -> Table {
    let mut table = table.clone();
    let machine = &mut table.machines[0];
    for _ in 0..1 + dice.usize(..3) {
        let (at, other) = (dice.usize(..machine.rows.len()), dice.usize(..machine.rows.len()));
        let row = Row { to: machine.rows[other].to, public: dice.bool(), ..machine.rows[at].clone() };
        if dice.bool() { machine.rows.push(row) } else { machine.rows[at] = row }
    }
    table
}

/// The answer to a query excludes what the machine might else be about to publish. Pairs of tables in which that matters:
/// two mutants of one table, and two tables that publish what they please.
#[test]
fn queries_tell_clients_what_they_exclude() {
    let (mut telling, mut differing, mut all, mut wrong) = (0, 0, 0, Vec::new());
    let mut dice = Rng::with_seed(17);
    for seed in 0..200 {
        let table = random(seed);
        let mut hidden = || hiding(&mut dice, &table);
        let (hiding, tidied) = ([hidden(), hidden()], [hidden(), hidden()].map(super::tidy));
        let sometimes = mutants(&super::tidy(table)).into_iter().filter(|(change, _)| change.contains(": sometimes "));
        let mut sometimes: Vec<Table> = sometimes.map(|(_, mutant)| mutant).collect();
        dice.shuffle(&mut sometimes);
        let pairs =
            [(sometimes.first(), sometimes.last()), (hiding.first(), hiding.last()), (tidied.first(), tidied.last())];
        for (new, old) in pairs.into_iter().filter_map(|(new, old)| Some((new?, old?))) {
            let Ok(found) = agreement(new, old, 1) else { continue };
            all += 1;
            telling += usize::from(tells(new) || tells(old));
            differing += usize::from(found.differs);
            wrong.extend(found.wrong.into_iter().map(|what| format!("seed {seed}, pair {all}: {what}")));
        }
    }
    nothing_is(wrong, all);
    assert!(telling > 100 && differing > 100, "{telling} and {differing} of {all}");
}
