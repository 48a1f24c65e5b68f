//! T0406 `two-answers`: the table says two things about one trigger in one state.

use std::collections::BTreeMap;

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{AnswerRow, Machine, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0406"),
    name: "two-answers",
    severity: Severity::Error,
    explain: "Two lines of `answers:` are for the same trigger in the same state. If they differ nobody has said \
              which counts, for the order of lines means nothing, and that is an error. If they say the same, one of \
              them is too much, and one day only one of them will be changed. Two lines without `in:` are for the same \
              states: those in which nothing else is said. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let mut by_pair: BTreeMap<(u16, StateId), Vec<usize>> = BTreeMap::new();
    for (index, row) in machine.answers.iter().enumerate() {
        row.states.iter().for_each(|state| by_pair.entry((row.trigger.0, *state)).or_default().push(index));
    }
    let mut by_rows: BTreeMap<Vec<usize>, Vec<StateId>> = BTreeMap::new();
    for ((_, state), rows) in by_pair.into_iter().filter(|(_, rows)| rows.len() > 1) {
        by_rows.entry(rows).or_default().push(state);
    }
    for (rows, states) in by_rows {
        let mut rows: Vec<&AnswerRow> = rows.into_iter().map(|index| &machine.answers[index]).collect();
        rows.sort_by_key(|row| row.span);
        if let Some(finding) = finding(machine, &rows, &states) {
            out.push(finding);
        }
    }
}

fn finding(machine: &Machine, rows: &[&AnswerRow], states: &[StateId]) -> Option<Finding> {
    let (last, others) = rows.split_last()?;
    let equal = others.iter().all(|row| row.answer == last.answer);
    let (severity, what) = if equal { (Severity::Warning, "equal") } else { (Severity::Error, "different") };
    let (trigger, states) = (&machine.fact(last.trigger).name, wording::states(machine, states));
    let message = format!("trigger `{trigger}` has {} {what} answers in {states}", rows.len());
    let finding = Finding { severity, ..Finding::error(CHECK.code, last.span, message, "one of them") };
    let finding = others.iter().fold(finding, |finding, row| finding.with_place(row.span, "another one"));
    let is_for_the_same = others.iter().all(|row| row.states == last.states);
    Some(finding.with_help(if is_for_the_same {
        format!("let only one of them answer `{trigger}`")
    } else {
        "let every state be named in one of them only".to_owned()
    }))
}
