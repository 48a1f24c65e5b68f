//! T0431 `row-twice`: two lines say the same about one state.

use std::collections::BTreeMap;

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0431"),
    name: "row-twice",
    severity: Severity::Warning,
    explain: "Two transitions leave one state by the same formula and do the same: one of them is written twice, or a \
              state has a row of its own beside that of a group that contains it. One day only one of the two will be \
              changed, and then they contradict each other. Silence it in rows that a program has written.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    // In the order of the text, whatever the order of the rows in the model.
    let mut rows: Vec<&Row> = machine.rows.iter().filter(|row| !row.cubes.is_empty()).collect();
    rows.sort_by_key(|row| row.span);
    let mut alike: BTreeMap<_, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        alike.entry((row.to, &row.cubes, row.public, row.drops, &row.sends)).or_default().push(row);
    }
    for rows in alike.into_values() {
        for (at, row) in rows.iter().enumerate() {
            // The cases of one line are rows with one place.
            if let Some(other) = rows[..at].iter().find(|other| other.span != row.span && shares(other, row)) {
                out.push(finding(machine, other, row));
            }
        }
    }
}

fn shares(one: &Row, other: &Row) -> bool {
    one.from.iter().any(|state| other.from.contains(state))
}

fn finding(machine: &Machine, first: &Row, second: &Row) -> Finding {
    let both: Vec<StateId> = first.from.iter().copied().filter(|state| second.from.contains(state)).collect();
    let (states, to) = (wording::states(machine, &both), &machine.state(second.to).name);
    let message = format!("transition `{}` to `{to}` is given twice in {states}", second.when);
    // The line that adds nothing is the one to remove, wherever it stands.
    let (extra, other) = if first.from.len() < second.from.len() { (first, second) } else { (second, first) };
    let finding = Finding::warning(CHECK.code, extra.span, message, "once more");
    let finding = finding.with_place(other.span, "the same");
    if both.len() == extra.from.len() {
        return finding.with_help("remove this line");
    }
    finding.with_help(format!("leave {states} out of one `from:`"))
}
