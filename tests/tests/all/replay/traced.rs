//! The run that is drawn of a recording is one: the interpreter takes its rows, it shows what the recording shows, and
//! what is called certain is in every run.

use std::collections::BTreeSet;

use migration_contract::load;
use migration_replay::log::Seen;
use migration_replay::{Command, Observation, Replay, Reply, Run, Start, Taken};
use migration_table::interpret;
use migration_table::model::{FactSet, Machine, Row, Table};

use super::recordings::{recordings, table};

#[test]
fn the_interpreter_takes_what_is_traced_and_shows_what_was_seen() {
    let table = table("10.0");
    let mut steps = 0;
    for recording in recordings() {
        let runs = runs(&table, &recording.seen);
        assert!(runs.windows(2).all(|pair| pair[0].process < pair[1].process), "{}: each is told once", recording.name);
        for run in &runs {
            let whose = format!("{} of {}", run.process, recording.name);
            assert!(run.is_from_start, "{whose}");
            assert_eq!(shown(&table, run), published(&recording.seen, &run.process), "{whose}");
            assert!(run.steps.is_sorted_by_key(|taken| taken.seen), "{whose}");
            for (index, machine) in table.machines.iter().enumerate() {
                let taken: Vec<&Taken> = run.steps.iter().filter(|taken| taken.machine == index).collect();
                let mut state = machine.initial;
                for step in &taken {
                    assert_eq!(step.from, state, "{whose}: {} leaps", machine.name);
                    state = machine.rows[step.row].to;
                }
                assert_eq!(state, run.ends[index], "{whose}: where {} ends", machine.name);
                assert!(run.may_end[index].contains(&state), "{whose}");
                let rows: Vec<usize> = taken.iter().map(|step| step.row).collect();
                assert!(is_taken(machine, &rows), "{whose}: {} does not take {rows:?}", machine.name);
                steps += rows.len();
            }
        }
    }
    assert!(steps > 300, "only {steps} steps");
}

/// Rows in the order of another run are no run: the test above can fail.
#[test]
fn the_interpreter_does_not_take_anything() {
    let table = table("10.0");
    let recordings = recordings();
    let recording = recordings.iter().find(|it| it.name == "postcopy-success").expect("there is such a recording");
    let run = &runs(&table, &recording.seen)[1];
    let mut rows: Vec<usize> = run.steps.iter().map(|taken| taken.row).collect();
    let machine = &table.machines[run.steps[0].machine];
    assert!(rows.len() > 3 && is_taken(machine, &rows));
    rows.swap(1, 2);
    assert!(!is_taken(machine, &rows));
}

/// What one run could do otherwise is not certain, and what none could is.
#[test]
fn a_step_for_which_another_fits_is_not_certain() {
    let table = load(FORK).table.expect("the table can be resolved");
    let observations = |statuses: &[&str]| {
        let command = Command { id: 1, name: "migrate".to_owned(), ..Command::default() };
        let events = statuses.iter().map(|status| Observation::Published((*status).to_owned()));
        let start = [Observation::Started(Start::Fresh), Observation::Command(command)];
        start.into_iter().chain(events).collect::<Vec<_>>()
    };
    let trace = |statuses: &[&str], says: Option<&str>| {
        let mut replay = Replay::new(&table).tracing();
        let mut all = observations(statuses).into_iter();
        let wrong = all.find_map(|observation| replay.observe("p", &observation).err());
        assert_eq!(wrong.map(|error| error.to_string()).as_deref(), says);
        let run = replay.runs().remove(0);
        let steps: Vec<String> = run.steps.iter().map(|taken| step(&table, taken)).collect();
        let ends: Vec<&str> =
            run.may_end[0].iter().map(|state| table.machines[0].state(*state).name.as_str()).collect();
        (steps.join(", "), ends.join(", "))
    };
    let (steps, ends) = trace(&["setup", "active", "completed"], None);
    assert_eq!((steps.as_str(), ends.as_str()), ("none to begin, begin to left?, left to done?", "done"));
    let (steps, ends) = trace(&["setup", "active"], None);
    assert_eq!((steps.as_str(), ends.as_str()), ("none to begin, begin to left?", "left, right"));
    // The right one alone goes wrong, and so it is sure that the run went there.
    let (steps, ends) = trace(&["setup", "active", "failed"], None);
    assert_eq!((steps.as_str(), ends.as_str()), ("none to begin, begin to right, right to gone", "gone"));
    // Nobody saw how the last step was decided, and it had to be taken at once.
    let (steps, ends) = trace(&["setup", "cancelled"], None);
    assert_eq!((steps.as_str(), ends.as_str()), ("none to begin, begin to over, over to rest", "rest"));
    // As far as it goes.
    let (steps, ends) = trace(&["setup", "active", "setup"], Some("no run publishes `setup` here"));
    assert_eq!((steps.as_str(), ends.as_str()), ("none to begin, begin to left?", "left, right"));
}

/// A process that begins anew has a run of its own for each of its lives.
#[test]
fn a_process_that_begins_anew_has_another_run() {
    let table = load(FORK).table.expect("the table can be resolved");
    let mut replay = Replay::new(&table).tracing();
    for id in 1..=2 {
        let command = Command { id, name: "migrate".to_owned(), ..Command::default() };
        for observation in [
            Observation::Started(Start::Fresh),
            Observation::Command(command),
            Observation::Published("setup".to_owned()),
            Observation::Reply { id, reply: Reply::Done },
            Observation::Exited,
        ] {
            replay.observe("p", &observation).expect("it is a run");
        }
    }
    let runs = replay.runs();
    let seen: Vec<usize> = runs.iter().flat_map(|run| &run.steps).map(|taken| taken.seen).collect();
    assert_eq!((runs.len(), seen), (2, vec![2, 7]));
    assert!(Replay::new(&table).runs().is_empty());
}

/// A machine that can go two ways of which clients see one, and goes on by itself at the end of a third.
const FORK: &str = r#"format: 1
machine: fork
statuses:
  none:      { since: "0.1", doc: "nothing yet" }
  setup:     { since: "0.1", doc: "begins" }
  active:    { since: "0.1", doc: "works" }
  completed: { since: "0.1", doc: "is done" }
  failed:    { since: "0.1", doc: "went wrong" }
  cancelled: { since: "0.1", doc: "was given up" }
triggers:
  migrate: { command: migrate, doc: "begin" }
events:
  odd:    { doc: "it is the one" }
  even:   { doc: "it is the other" }
  ended:  { doc: "it has ended" }
  broken: { doc: "it broke" }
guards:
  quick: { doc: "nothing has to be waited for" }
machines:
  source:
    doc: "goes one way or the other"
    states:
      none:  { kind: idle, shows: none, initial: true, doc: "waits" }
      begin: { kind: work, shows: setup, doc: "begins" }
      left:  { kind: work, shows: active, doc: "works here" }
      right: { kind: work, shows: active, doc: "or there" }
      over:  { kind: work, shows: cancelled, doc: "is given up" }
      rest:  { kind: idle, shows: cancelled, doc: "was given up" }
      done:  { kind: idle, shows: completed, doc: "is done" }
      gone:  { kind: idle, shows: failed, doc: "is gone" }
    transitions:
      - { from: none,          when: migrate, to: begin, public: true }
      - { from: begin,         when: odd,     to: left,  public: true }
      - { from: begin,         when: even,    to: right, public: true }
      - { from: [left, right], when: ended,   to: done,  public: true }
      - { from: right,         when: broken,  to: gone,  public: true }
      - { from: begin,         when: broken,  to: over,  public: true }
      - { from: over,          when: quick or not quick, to: rest }
"#;

fn runs(table: &Table, seen: &[Seen]) -> Vec<Run> {
    let mut replay = Replay::new(table).tracing();
    for seen in seen {
        replay.observe(&seen.process, &seen.observation).unwrap_or_else(|error| panic!("{}: {error}", seen.words));
    }
    replay.runs()
}

fn step(table: &Table, taken: &Taken) -> String {
    let machine = &table.machines[taken.machine];
    let name = |state| machine.state(state).name.as_str();
    let mark = if taken.is_certain { "" } else { "?" };
    format!("{} to {}{mark}", name(taken.from), name(machine.rows[taken.row].to))
}

/// What a run shows.
fn shown(table: &Table, run: &Run) -> Vec<String> {
    let rows = run.steps.iter().map(|taken| (&table.machines[taken.machine], taken.row));
    let public = rows.filter(|(machine, row)| machine.rows[*row].public);
    let status = |(machine, row): (&Machine, usize)| machine.state(machine.rows[row].to).shows;
    public.map(|it| table.statuses[status(it).index()].name.clone()).collect()
}

/// What a recording shows of a process.
fn published(seen: &[Seen], process: &str) -> Vec<String> {
    let of_process = seen.iter().filter(|seen| seen.process == process);
    let status = |seen: &Seen| {
        let (Observation::Published(status) | Observation::Changed(status)) = &seen.observation else { return None };
        Some(status.clone())
    };
    of_process.filter_map(status).collect()
}

/// Whether triggers, evidence and guards can be such that the interpreter takes exactly these rows. What the next row
/// mentions is tried, and triggers that a later one mentions, under all guards that a row on the way mentions.
fn is_taken(machine: &Machine, rows: &[usize]) -> bool {
    let mut todo = vec![interpret::Run::new(machine)];
    let mut known = BTreeSet::new();
    while let Some(run) = todo.pop() {
        let done = run.fired().len();
        if run.fired() == rows {
            return true;
        }
        if !rows.starts_with(run.fired()) || !known.insert((done, run.state(), run.facts())) {
            continue;
        }
        let mentions = |rows: &[usize]| FactSet::union(rows.iter().map(|row| machine.rows[*row].mentions));
        let (next, later) = (mentions(&rows[done..=done]), mentions(&rows[done..]));
        let near = |row: &&Row| row.from.contains(&run.state());
        let here = machine.rows.iter().filter(near).fold(later, |all, row| all | row.mentions);
        let wanted = next | later & machine.triggers();
        for guards in (here & machine.guards()).subsets() {
            for fact in wanted.iter() {
                let mut run = run.clone();
                run.set_guards(guards);
                if machine.fact(fact).is_trigger() {
                    run.raise(fact);
                } else if machine.fact(fact).is_event() {
                    run.report(run.visit(), fact);
                }
                todo.push(run);
            }
        }
    }
    false
}
