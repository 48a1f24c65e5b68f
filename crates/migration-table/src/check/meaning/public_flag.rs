//! T0409 `public-flag`: what a row says about publishing, and what it does, are two things.

use super::event_in_idle::{shows_anew, waits_in_idle};
use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0409"),
    name: "public-flag",
    severity: Severity::Error,
    explain: "A transition that changes what clients are shown, in one of the states that it leaves at least, must say \
              `public: true`; one that never changes it must not. It publishes exactly where the status changes. The \
              flag adds nothing that the statuses do not say: it is written twice so that nobody changes the public \
              side of the machine without noticing. Never to be silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let (table, machine) = (subject.table, subject.machine);
    let mut silent: Vec<(&Row, Vec<StateId>)> = Vec::new();
    // Where a row never fires, that is reported, and not what it would do.
    for (_, row) in machine.rows.iter().enumerate().filter(|(index, _)| !subject.dead.contains(index)) {
        let mut changed: Vec<StateId> =
            row.from.iter().copied().filter(|from| shows_anew(machine, row, *from)).collect();
        if row.public && changed.is_empty() {
            out.push(too_public(table, machine, row));
        }
        changed.retain(|from| !waits_in_idle(machine, row, *from));
        if !row.public && !changed.is_empty() {
            silent.push((row, changed));
        }
    }
    silent.sort_by_key(|(row, _)| row.span);
    silent.dedup_by_key(|(row, _)| row.span);
    if !silent.is_empty() {
        out.push(not_public(table, machine, silent));
    }
    Ok(())
}

fn too_public(table: &Table, machine: &Machine, row: &Row) -> Finding {
    let to = machine.state(row.to);
    let status = &table.statuses[to.shows.index()].name;
    let from = wording::states(machine, &row.from);
    let message = format!("public transition from {from} to `{}` never changes the status", to.name);
    let finding = Finding::error(CHECK.code, row.span, message, format!("shows `{status}` before and after"));
    finding.with_help("remove `public: true`")
}

/// Rows that change the status and do not say so: whoever forgets one often forgets all, which is one mistake. They are
/// in an order that does not depend on that of the rows.
fn not_public(table: &Table, machine: &Machine, mut silent: Vec<(&Row, Vec<StateId>)>) -> Finding {
    let status = |id: StateId| &table.statuses[machine.state(id).shows.index()].name;
    let label =
        |(row, changed): &(&Row, Vec<StateId>)| format!("from `{}` to `{}`", status(changed[0]), status(row.to));
    silent.sort_by_key(|it| (label(it), it.0.span));
    let (row, changed) = &silent[0];
    let (from, to) = (wording::states(machine, changed), &machine.state(row.to).name);
    let message = match silent.len() {
        1 => format!("transition from {from} to `{to}` changes the status and is not public"),
        many => format!("{many} transitions change the status and are not public"),
    };
    let finding = Finding::error(CHECK.code, row.span, message, label(&silent[0]));
    let finding = silent[1..].iter().fold(finding, |finding, other| finding.with_place(other.0.span, label(other)));
    finding.with_help(if silent.len() == 1 { "write `public: true`" } else { "write `public: true` in each of them" })
}
