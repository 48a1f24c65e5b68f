//! Tables of any size, made by rule, for whatever must be tried on more states than a person would write.
//!
//! The shape is that of a real table: a chain of working states in stages of ten; in each stage a state that waits for
//! the user and may do the stage once more, and one that is skipped if a capability says so; failure and cancel of a
//! stage written once, for its group; clean-up before every end. A table of one size is always the same text, and has
//! no finding.

use std::fmt::Write;

/// How the rows that many states share are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Once for each group.
    Grouped,
    /// Once for each state.
    Flat,
}

/// States that every table has beside those that do its work.
pub const STATES_FIXED: usize = 7;

/// The least and the greatest number of states.
pub const STATES: std::ops::RangeInclusive<usize> = STATES_FIXED + 3..=60_000;

/// States of a stage; the second one waits for the user.
const STAGE: usize = 10;

/// Events that say that a piece of work is done; the states take them in turns.
const PIECES: usize = 2 * STAGE;

const HEAD: &str = r#"format: 1
machine: synthetic
statuses:
  none:       { since: "1.0", doc: "nothing was asked for" }
  active:     { since: "1.0", doc: "work is being done" }
  waiting:    { since: "1.0", doc: "the user must say how to go on" }
  cancelling: { since: "1.0", doc: "a cancel was accepted" }
  failing:    { since: "1.0", doc: "an error happened" }
  completed:  { since: "1.0", doc: "all work is done" }
  cancelled:  { since: "1.0", doc: "the work was given up" }
  failed:     { since: "1.0", doc: "the work could not be done" }
triggers:
  start:      { command: start,      doc: "begin" }
  cancel:     { command: cancel,     doc: "give up" }
  go_on:      { command: go-on,      doc: "begin the next stage" }
guards:
  skip:       { capability: skip,    fixed: true, doc: "some states are passed over" }
  once_more:  { doc: "the stage must be done once more" }
events:
  cleaned_up: { doc: "everything is released" }
  failed:     { carries: cause, doc: "the work cannot go on" }
  timed_out:  { carries: cause, doc: "nobody said how to go on" }
"#;

const REST: &str = r#"      completing: { kind: cleanup, shows: active,     holds: [tools], doc: "releases everything; the work is done" }
      failing:    { kind: cleanup, shows: failing,    holds: [tools], doc: "releases everything after an error" }
      cancelling: { kind: cleanup, shows: cancelling, holds: [tools], doc: "releases everything after a cancel" }
      completed:  { kind: idle,    shows: completed,  doc: "all work is done" }
      failed:     { kind: idle,    shows: failed,     doc: "the work could not be done" }
      cancelled:  { kind: idle,    shows: cancelled,  doc: "the work was given up" }
    transitions:
      - { from: idle,       when: start,      to: s0,        public: true }
      - { from: completing, when: cleaned_up, to: completed, public: true }
      - { from: failing,    when: cleaned_up, to: failed,    public: true }
      - { from: cancelling, when: cleaned_up, to: cancelled, public: true }
      - { from: wait,       when: timed_out,  to: failing,   public: true }
"#;

const ANSWERS: &str = r#"    answers:
      - { in: [work, wait, cleanup],         trigger: start,  answer: refuse, because: "work is being done" }
      - { in: [idle, cancelling],            trigger: cancel, answer: ignore }
      - { in: [completing, failing],         trigger: cancel, answer: refuse, because: "it is over already" }
      - { in: [idle, work, cleanup],         trigger: go_on,  answer: refuse, because: "nothing waits for it" }
"#;

/// The table with this many states.
///
/// # Panics
///
/// When the number is not in [`STATES`].
pub fn table(states: usize, shape: Shape) -> String {
    assert!(STATES.contains(&states), "{states} states");
    let busy = states - STATES_FIXED;
    let mut text = HEAD.to_owned();
    for piece in (0..PIECES.min(busy)).filter(|piece| !waits(*piece)) {
        line(&mut text, format_args!("  done_{piece}: {{ doc: \"piece {piece} of the work is done\" }}"));
    }
    text += "resources:\n  tools: { doc: \"what the work needs\" }\nmachines:\n  worker:\n";
    text += "    doc: \"does the work\"\n    precedence: [cancel, failed, timed_out]\n";
    if shape == Shape::Grouped {
        text += "    groups:\n";
        for first in (0..busy).step_by(STAGE) {
            let names: Vec<String> = (first..busy.min(first + STAGE)).map(|state| format!("s{state}")).collect();
            line(&mut text, format_args!("      stage_{}: [{}]", first / STAGE, names.join(", ")));
        }
    }
    text += "    states:\n      none: { kind: idle, shows: none, initial: true, doc: \"nothing was asked for\" }\n";
    (0..busy).for_each(|state| declare(&mut text, state));
    text += REST;
    (0..busy).for_each(|state| go_on(&mut text, state, busy));
    match shape {
        Shape::Grouped => (0..busy.div_ceil(STAGE)).for_each(|stage| leave(&mut text, &format!("stage_{stage}"))),
        Shape::Flat => (0..busy).for_each(|state| leave(&mut text, &format!("s{state}"))),
    }
    text + ANSWERS
}

/// Whether a state waits for the user.
fn waits(state: usize) -> bool {
    state % STAGE == 1
}

fn declare(text: &mut String, state: usize) {
    if waits(state) {
        let head = "kind: wait, shows: waiting, holds: [tools], timeout: { event: timed_out, after_ms: 30000 }";
        line(text, format_args!("      s{state}: {{ {head}, doc: \"waits before piece {state}\" }}"));
    } else {
        let head = "kind: work, shows: active, holds: [tools]";
        line(text, format_args!("      s{state}: {{ {head}, doc: \"does piece {state} of the work\" }}"));
    }
}

/// The rows by which the normal course leaves a state.
fn go_on(text: &mut String, state: usize, busy: usize) {
    let row = |text: &mut String, when: &str, to: usize| {
        let name = if to < busy { format!("s{to}") } else { "completing".to_owned() };
        let public = if waits(state) != (to < busy && waits(to)) { ", public: true" } else { "" };
        line(text, format_args!("      - {{ from: s{state}, when: {when}, to: {name}{public} }}"));
    };
    let done = format!("done_{}", state % PIECES);
    if waits(state) {
        row(text, "go_on and not once_more", state + 1);
        row(text, "go_on and once_more", state - 1);
    } else if state.is_multiple_of(STAGE) {
        row(text, &format!("{done} and not skip"), state + 1);
        row(text, &format!("{done} and skip"), state + 2);
    } else {
        row(text, &done, state + 1);
    }
}

/// The rows for what can happen in any state that works or waits.
fn leave(text: &mut String, from: &str) {
    line(text, format_args!("      - {{ from: {from}, when: cancel, to: cancelling, public: true }}"));
    line(text, format_args!("      - {{ from: {from}, when: failed, to: failing, public: true }}"));
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes any text");
}
