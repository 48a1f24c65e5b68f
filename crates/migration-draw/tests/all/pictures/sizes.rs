//! Machines of any size are drawn; beyond what can be read, what is shown says so.

use std::fmt::Write as _;

use migration_draw::svg::{Options, svg};
use migration_draw::{self as draw, ARROWS_MAX, View};
use migration_table::model::Table;
use migration_table::testing::load;

use super::drawn;

/// A machine with so many states in a row, each left by progress and by a failure, and every third by a detour.
fn table(states: usize) -> Table {
    let mut text = "format: 1\nmachine: sizes\nstatuses:\n  s: { since: \"1.0\", doc: \"it is\" }\n\
                    triggers:\n  go: { command: go, doc: \"begin\" }\n\
                    events:\n  next: { doc: \"it goes on\" }\n  failed: { doc: \"it does not\" }\n\
                    \x20 aside: { doc: \"it goes another way\" }\nmachines:\n  only:\n    doc: \"one of many sizes\"\n"
        .to_owned();
    let path: Vec<String> = (0..states).filter(|at| at % 3 != 2).map(|at| format!("s{at}")).collect();
    let _ = writeln!(text, "    happy_path: [{}]\n    states:", path.join(", "));
    for at in 0..states {
        let (kind, initial) = if at == 0 { ("idle", ", initial: true") } else { ("work", "") };
        let _ = writeln!(text, "      s{at}: {{ kind: {kind}, shows: s{initial}, doc: \"state {at}\" }}");
    }
    let _ = writeln!(text, "    transitions:");
    for pair in path.windows(2) {
        let when = if pair[0] == "s0" { "go" } else { "next" };
        let _ = writeln!(text, "      - {{ from: {}, when: {when}, to: {} }}", pair[0], pair[1]);
    }
    for at in (2..states).step_by(3) {
        let _ = writeln!(text, "      - {{ from: s{}, when: aside, to: s{at} }}", at - 1);
        let _ =
            writeln!(text, "      - {{ from: s{at}, when: next, to: s{} }}", if at + 1 < states { at + 1 } else { 0 });
        let _ = writeln!(text, "      - {{ from: s{at}, when: failed, to: s{} }}", at - 1);
    }
    if states == 1 {
        let _ = writeln!(text, "      - {{ from: s0, when: go, to: s0 }}");
    }
    load(&text)
}

#[test]
fn machines_of_any_size_are_drawn() {
    for states in [1, 5, 20, 60, 300] {
        let table = table(states);
        let machine = &table.machines[0];
        let drawn = drawn::read(&svg(&draw::whole(&table, machine), &Options::default()));
        assert_eq!(drawn[0].states.len(), states);
        assert!(drawn[0].arrows.iter().all(|(_, _, points)| points.len() >= 2), "every arrow has a line");
        for (at, (id, one)) in drawn[0].states.iter().enumerate() {
            for (other_id, other) in &drawn[0].states[at + 1..] {
                assert!(!one.meets(*other), "{states}: `{id}` and `{other_id}`");
            }
        }
    }
}

#[test]
fn what_is_too_large_to_be_read_is_shown_in_parts_and_says_so() {
    for states in [1, 5, 20, 60, 300] {
        let table = table(states);
        let machine = &table.machines[0];
        let whole = draw::whole(&table, machine).panels[0].arrows.len();
        let figure = draw::readable(&table, machine);
        assert_eq!(figure.view == "full", whole <= ARROWS_MAX, "{states}");
        assert_eq!(figure.notes.iter().any(|note| note.contains("too many to be read")), whole > ARROWS_MAX);
        for phase in draw::phases(machine) {
            let part = draw::figure(&table, &[machine], &View::Phase(&phase.name)).expect("a phase can be drawn");
            assert!(part.panels[0].arrows.len() <= ARROWS_MAX, "{states}, {}", phase.name);
        }
    }
}
