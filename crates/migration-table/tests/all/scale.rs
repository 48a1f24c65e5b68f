//! Tables far larger than any that a person wrote are decided completely, within the bounds on work.

use std::fmt::Write as _;

use migration_table::{Style, load, render};

/// What a synthetic table is like.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// States in a row: each is left by progress, by a failure and by a cancel.
    Line,
    /// Every state leads to two others, by events of which there are forty, and to the end.
    Mesh,
    /// States in a row, through which two triggers may be pending under eight fixed guards.
    Pending,
}

const EVENTS: usize = 40;
const GUARDS: usize = 8;

/// What all tables begin with; the shape decides about the gaps.
const HEAD: &str = r#"
format: 1
machine: synthetic
statuses:
  none:    { since: "1.0", doc: "nothing has happened" }
  running: { since: "1.0", doc: "something runs" }
  ending:  { since: "1.0", doc: "it is being cleaned up" }
  ended:   { since: "1.0", doc: "it is over" }
triggers:
  start:  { command: start, doc: "begin" }
  cancel: { command: cancel, doc: "give up" }
TRIGGERS
events:
  failed:     { carries: cause, doc: "it cannot go on" }
  cleaned_up: { doc: "nothing is left" }
EVENTS
GUARDS
machines:
  only:
    doc: "goes from part to part"
    precedence: [cancel, failed]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: "is ready" }
      ending: { kind: cleanup, shows: ending, doc: "cleans up" }
      ended:  { kind: idle, shows: ended, doc: "is ready again" }
STATES
    transitions:
      - { from: idle, when: start, to: s0, public: true }
      - { from: ending, when: cleaned_up, to: ended, public: true }
ROWS
    answers:
      - { in: [work, cleanup], trigger: start, answer: refuse, because: "it runs" }
      - { in: [idle, cleanup], trigger: cancel, answer: ignore }
ANSWERS
"#;

/// A table of this many states that work, with three transitions each.
fn synthetic(shape: Shape, states: usize) -> String {
    let each = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let mut text =
        HEAD.replace("EVENTS\n", &each(EVENTS, &|n| format!("  event_{n}: {{ doc: \"step {n} is done\" }}\n")));
    let part = |n| format!("      s{n}: {{ kind: work, shows: running, doc: \"works on part {n}\" }}\n");
    text = text.replace("STATES\n", &each(states, &part));
    text = text.replace("ROWS\n", &each(states, &|state| rows(shape, state, states)));
    let is_pending = matches!(shape, Shape::Pending);
    let (asks, guards) = if is_pending { (2, GUARDS) } else { (0, 0) };
    let ask = |n| format!("  ask_{n}: {{ command: ask-{n}, doc: \"go way {n}\" }}\n");
    let answer = |n| format!("      - {{ in: [idle, work, cleanup], trigger: ask_{n}, answer: ignore }}\n");
    let guard = |n| format!("  guard_{n}: {{ fixed: true, doc: \"the user wants {n}\" }}\n");
    text = text.replace("TRIGGERS\n", &each(asks, &ask)).replace("ANSWERS\n", &each(asks, &answer));
    text.replace("GUARDS\n", &if is_pending { format!("guards:\n{}", each(guards, &guard)) } else { String::new() })
}

fn rows(shape: Shape, state: usize, states: usize) -> String {
    let mut text = String::new();
    let mut row = |when: &str, to: &str| {
        let (to, public) = if to == "ending" { (to, ", public: true") } else { (to, "") };
        writeln!(text, "      - {{ from: s{state}, when: {when}, to: {to}{public} }}").unwrap();
    };
    let next = if state + 1 == states { "ending".to_owned() } else { format!("s{}", state + 1) };
    let (event, other) = (format!("event_{}", state % EVENTS), format!("event_{}", (state + 1) % EVENTS));
    match shape {
        Shape::Line => {
            row(&event, &next);
            row("failed", "ending");
            row("cancel", "ending");
        }
        Shape::Mesh => {
            row(&event, &next);
            row(&format!("{other} and not {event}"), &format!("s{}", (state * 7 + 3) % states));
            row(if state.is_multiple_of(2) { "failed" } else { "cancel" }, "ending");
        }
        Shape::Pending => {
            let (first, second) = (state % GUARDS, (state + 1) % GUARDS);
            row(&event, &next);
            let ask = format!("ask_0 and {other} and guard_{first} and not {event}");
            row(&ask, &format!("s{}", (state + 3) % states));
            let ask = format!("ask_1 and not ask_0 and {other} and guard_{second} and not {event}");
            row(&ask, &format!("s{}", (state + 4) % states));
        }
    }
    text
}

#[test]
fn large_tables_are_decided() {
    for (shape, sizes) in [(Shape::Line, [10, 1_000]), (Shape::Mesh, [10, 1_000]), (Shape::Pending, [10, 1_000])] {
        for states in sizes {
            let text = synthetic(shape, states);
            let loaded = load(&text);
            let undecided = loaded.findings.iter().any(|finding| finding.code.0 == "T0307");
            let shown = || render(&loaded.findings, &text, "synthetic.yaml", Style::Plain);
            assert!(!undecided && loaded.table.is_some(), "{shape:?} of {states} states: {}", shown());
        }
    }
}
