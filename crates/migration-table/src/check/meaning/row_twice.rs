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
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, row) in machine.rows.iter().enumerate().filter(|(_, row)| !row.cubes.is_empty()) {
        alike.entry((row.to, &row.cubes, row.public, row.drops, &row.sends, row.reason)).or_default().push(index);
    }
    for rows in alike.into_values().filter(|rows| rows.len() > 1) {
        let mut by_rows: BTreeMap<Vec<usize>, Vec<StateId>> = BTreeMap::new();
        for state in machine.state_ids() {
            let here = rows.iter().copied().filter(|row| machine.rows[*row].from.contains(&state));
            by_rows.entry(here.collect()).or_default().push(state);
        }
        for (rows, states) in by_rows {
            let mut rows: Vec<&Row> = rows.into_iter().map(|index| &machine.rows[index]).collect();
            rows.sort_by_key(|row| row.span);
            // The cases of one line are rows with one place.
            rows.dedup_by_key(|row| row.span);
            if rows.len() > 1 {
                out.push(finding(machine, &rows, &states));
            }
        }
    }
}

/// The finding that some rows, in the order of the text, say the same about some states.
fn finding(machine: &Machine, rows: &[&Row], states: &[StateId]) -> Finding {
    let is_covered = |row: &&&Row| row.from.iter().all(|state| states.contains(state));
    let is_whole_line = |row: &&&Row| machine.rows.iter().filter(|other| other.span == row.span).count() == 1;
    // The line that adds nothing is the one to remove, wherever it stands.
    let extra = rows.iter().rev().find(|row| is_covered(row) && is_whole_line(row));
    let shown: &Row = extra.or(rows.last()).expect("at least two rows are alike");
    let names = wording::states(machine, states);
    let case = rows.iter().map(|row| row.case.as_str()).min().unwrap_or_default();
    let to = &machine.state(shown.to).name;
    let message = format!("transition `{case}` to `{to}` is given more than once in {names}");
    let mut finding = Finding::warning(CHECK.code, shown.span, message, "once more");
    for other in rows.iter().filter(|other| other.span != shown.span) {
        finding = finding.with_place(other.span, "the same");
    }
    if extra.is_some() {
        return finding.with_help("remove this line");
    }
    match rows.iter().any(|row| is_covered(&row)) {
        true => finding.with_help(format!("leave the case `{case}` out of all formulas but one")),
        false => finding.with_help(format!("leave {names} out of all `from:` but one")),
    }
}
