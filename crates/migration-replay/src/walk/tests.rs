//! Walks are what the interpreter does, and are read as they are written.

use migration_table::model::FactSet;

use super::*;

const STATES: &str = include_str!("../../../../states.yaml");

const CANCELLED: &str = "\
table: states.yaml
machine: source

set pause_before_switchover
raise migrate -> accept; now connecting; publishes setup
report connected -> fired; now negotiating; sends hello
raise continue -> refuse; now negotiating; because the migration is not waiting before the switchover
report ready -> pending; now negotiating
raise cancel -> accept; now cancelling; publishes cancelling
late welcome -> stale; now cancelling
clear pause_before_switchover
report cleaned_up -> fired; now cancelled; publishes cancelled
raise cancel -> ignore; now cancelled
";

fn table() -> Table {
    migration_table::load(STATES).table.unwrap()
}

fn action(text: &str) -> Action {
    text.parse().unwrap()
}

#[test]
fn a_walk_is_read_as_it_is_written_and_comes_out_the_same() {
    let walk: Walk = CANCELLED.parse().unwrap();
    assert_eq!(walk.to_string(), CANCELLED);
    assert_eq!(walk.again(&table()).unwrap().to_string(), CANCELLED);
}

/// The source fails while it connects, and its clean-up says why.
const FAILED: &str = "\
table: states.yaml
machine: source

raise migrate -> accept; now connecting; publishes setup
report failed -> fired; now failing; publishes failing; reason error
report cleaned_up -> fired; now failed; publishes failed
";

#[test]
fn a_walk_says_which_reason_a_step_gives() {
    let walk: Walk = FAILED.parse().unwrap();
    assert_eq!(walk.to_string(), FAILED);
    assert_eq!(walk.again(&table()).unwrap().to_string(), FAILED);
    // Another reason is another outcome.
    let other: Walk = FAILED.replace("reason error", "reason cancelled").parse().unwrap();
    assert_ne!(other.again(&table()).unwrap(), other);
    // A walk without reasons is not judged by them.
    let old: Walk = FAILED.replace("; reason error", "").parse().unwrap();
    assert_eq!(old.again(&table()).unwrap(), old);
}

#[test]
fn a_walk_that_comes_out_differently_shows_where() {
    let walk: Walk = CANCELLED.replace("now cancelled; publishes", "now failed; publishes").parse().unwrap();
    let again = walk.again(&table()).unwrap();
    let different: Vec<_> = walk.steps.iter().zip(&again.steps).filter(|(a, b)| a != b).collect();
    assert_eq!(different.len(), 1);
    assert_eq!(different[0].1.to_string(), "report cleaned_up -> fired; now cancelled; publishes cancelled");
}

#[test]
fn steps_are_taken_back() {
    let table = table();
    let mut walker = Walker::new(&table, table.machine("source").unwrap());
    assert!(walker.undo().is_none());
    walker.take(&action("raise migrate")).unwrap();
    walker.take(&action("set pause_before_switchover")).unwrap();
    assert!(!walker.guards().is_empty());
    assert_eq!(walker.undo(), Some(action("set pause_before_switchover")));
    assert_eq!((walker.guards(), walker.steps()), (FactSet::EMPTY, 1));
    walker.reset();
    assert_eq!((walker.run().visit(), walker.steps()), (0, 0));
}

#[test]
fn what_can_be_done_is_listed() {
    let table = table();
    let mut walker = Walker::new(&table, table.machine("source").unwrap());
    let names = |walker: &Walker<'_>| walker.choices().iter().map(Action::to_string).collect::<Vec<_>>().join(", ");
    let idle = "raise migrate, raise cancel, raise continue, raise start_postcopy, raise pause, raise resume, raise give_up, \
                set pause_before_switchover, set postcopy_ram, set runs_here";
    assert_eq!(names(&walker), idle);
    walker.take(&action("raise migrate")).unwrap();
    assert!(names(&walker).contains("report timed_out, report failed, set"), "{}", names(&walker));
    assert!(walker.choices().iter().all(|action| walker.clone().take(action).is_ok()));
}

#[test]
fn what_cannot_be_done_changes_nothing_and_is_said() {
    let table = table();
    let mut walker = Walker::new(&table, table.machine("source").unwrap());
    for (text, why) in [
        ("raise cancle", "the machine has no trigger `cancle`"),
        ("report migrate", "the machine has no event `migrate`"),
        ("set migrate", "the machine has no guard `migrate`"),
        ("late connected", "no evidence can be late: no visit is over yet"),
    ] {
        assert_eq!(walker.take(&action(text)).unwrap_err().to_string(), why);
    }
    assert_eq!(walker.steps(), 0);
}

#[test]
fn lines_that_are_no_part_of_a_walk_are_named() {
    let head = "table: t\nmachine: m\n";
    for (line, why) in [
        ("jump high", "line 3: `jump` is none of `raise`, `report`, `late`, `set`, `clear`"),
        ("raise", "line 3: `raise` is not a verb and a name"),
        ("raise a", "line 3: `raise a` says nothing of what comes of it: `-> ...`"),
        ("raise a -> fired; now b", "line 3: `fired` is nothing that is said to `raise`"),
        ("raise a -> accept", "line 3: the line does not say where the machine is then: `now STATE`"),
        ("raise a -> accept; then b", "line 3: `then b` is none of `now`, `publishes`, `sends`, `reason`, `because`"),
        ("set a -> noted", "line 3: nothing comes of turning a guard"),
    ] {
        assert_eq!(format!("{head}{line}\n").parse::<Walk>().unwrap_err().to_string(), why);
    }
    assert_eq!("machine: m\n".parse::<Walk>().unwrap_err().to_string(), "line 1: a walk has a line `table: ...`");
}
