//! T0406 `two-answers`: the table says two things about one trigger in one state.

use std::collections::BTreeMap;

use super::super::{Check, Run, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{AnswerRow, Machine, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0406"),
    name: "two-answers",
    explain: "Two lines of `answers:` are for the same trigger in the same state. If they differ nobody has said which \
              counts, for the order of lines means nothing, and that is an error. If they say the same, one of them is \
              too much, and one day only one of them will be changed. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let mut by_pair: BTreeMap<(u16, StateId), Vec<usize>> = BTreeMap::new();
    for (index, row) in machine.answers.iter().enumerate() {
        row.states.iter().for_each(|state| by_pair.entry((row.trigger.0, *state)).or_default().push(index));
    }
    let mut twice: BTreeMap<(usize, usize), Vec<StateId>> = BTreeMap::new();
    for ((_, state), rows) in by_pair {
        // Each with the next is enough: whoever mends one pair sees the other.
        rows.windows(2).for_each(|pair| twice.entry((pair[0], pair[1])).or_default().push(state));
    }
    for ((first, second), states) in twice {
        out.push(finding(machine, &machine.answers[first], &machine.answers[second], &states));
    }
}

fn finding(machine: &Machine, first: &AnswerRow, second: &AnswerRow, states: &[StateId]) -> Finding {
    let (trigger, states) = (&machine.fact(second.trigger).name, wording::states(machine, states));
    let (severity, what) = match first.answer == second.answer {
        true => (Severity::Warning, "two equal answers"),
        false => (Severity::Error, "two different answers"),
    };
    let message = format!("trigger `{trigger}` has {what} in {states}");
    let finding = Finding::error(CHECK.code, second.span, message, "a second answer");
    let finding = Finding { severity, ..finding }.with_place(first.span, "the first answer");
    finding.with_help("let every state be named in one of them only")
}
