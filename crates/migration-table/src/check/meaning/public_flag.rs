//! T0409 `public-flag`: what a row says about publishing, and what it does, are two things.

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0409"),
    name: "public-flag",
    severity: Severity::Error,
    explain: "A transition that changes what clients are shown publishes, and must say `public: true`; one that does \
              not change it would publish the same status twice, and must not. The flag adds nothing that the \
              statuses do not say: it is written twice so that nobody changes the public side of the machine without \
              noticing. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for row in &machine.rows {
        let shown = machine.state(row.to).shows;
        let (same, changed): (Vec<StateId>, Vec<StateId>) =
            row.from.iter().partition(|id| machine.state(**id).shows == shown);
        let finding = match (row.public, same.as_slice(), changed.as_slice()) {
            (true, [_, ..], _) => too_public(table, machine, row, &same, &changed),
            (false, _, [_, ..]) => not_public(table, machine, row, &same, &changed),
            (true, [], _) | (false, _, []) => continue,
        };
        out.push(finding);
    }
}

fn too_public(table: &Table, machine: &Machine, row: &Row, same: &[StateId], changed: &[StateId]) -> Finding {
    let to = machine.state(row.to);
    let status = &table.statuses[to.shows.index()].name;
    let from = wording::states(machine, same);
    let message = format!("public transition from {from} to `{}` would publish `{status}` again", to.name);
    let finding = Finding::error(CHECK.code, row.span, message, format!("shows `{status}` before and after"));
    if changed.is_empty() {
        return finding.with_help("remove `public: true`");
    }
    finding.with_help(format!("give {from} a row without `public: true`"))
}

fn not_public(table: &Table, machine: &Machine, row: &Row, same: &[StateId], changed: &[StateId]) -> Finding {
    let status = |id: StateId| &table.statuses[machine.state(id).shows.index()].name;
    let (before, after) = (status(changed[0]), status(row.to));
    let (from, to) = (wording::states(machine, changed), &machine.state(row.to).name);
    let message = format!("transition from {from} to `{to}` changes the status and is not public");
    let label = format!("from `{before}` to `{after}`");
    let finding = Finding::error(CHECK.code, row.span, message, label);
    if same.is_empty() {
        return finding.with_help("add `public: true`");
    }
    finding.with_help(format!("give {from} a row with `public: true`"))
}
