//! T0441 `reason-at-start`: a row that begins an attempt says already why it ends.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0441"),
    name: "reason-at-start",
    severity: Severity::Warning,
    explain: "A reason says why an attempt ends, and the first one given is kept. A transition that leaves an idle state \
              and does not end in one begins the attempt: whatever happens in it, its reason is told, and no other. \
              Give the reason where the end is decided. Silence it where all attempts that begin so are known to end \
              for this reason.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let is_idle = |state| machine.state(state).kind == Kind::Idle;
    let mut told = BTreeSet::new();
    for row in machine.rows.iter().filter(|row| !is_idle(row.to) && row.from.iter().any(|state| is_idle(*state))) {
        let Some(reason) = row.reason.filter(|_| told.insert(row.span)) else { continue };
        let reason = &table.reasons[reason.index()].key;
        let message = format!("transition `{}` begins an attempt and gives the reason `{reason}`", row.when);
        let finding = Finding::warning(CHECK.code, row.span, message, "no later reason is told");
        out.push(finding.with_help("remove `reason` here, and give it where the attempt ends"));
    }
}
