//! T0426 `abort-skips-cleanup`: a failure leaves nothing behind, and nobody has released it.

use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0426"),
    name: "abort-skips-cleanup",
    severity: Severity::Warning,
    explain: "The row fires on a failure and leads from a state that holds something into one that holds nothing and \
              is no clean-up. What was held is in nobody's care from there on: the state after a failure is where it \
              is most likely to be half there. A failure that leads straight into an idle state is reported as an \
              error. Silence it where the work that fails releases everything before it reports.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for row in machine.rows.iter().filter(|row| ways::fails(machine, row)) {
        let to = machine.state(row.to);
        if !matches!(to.kind, Kind::Work | Kind::Wait) || !to.holds.is_empty() {
            continue;
        }
        let from = ways::holding(machine, row);
        let Some(first) = from.first().map(|id| machine.state(*id)) else { continue };
        let held: Vec<&str> = first.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        let message =
            format!("a failure leads from {} to `{}` without clean-up", wording::states(machine, &from), to.name);
        let finding = Finding::warning(CHECK.code, row.to_span, message, "holds nothing, and releases nothing");
        let finding = finding.with_place(first.span, format!("holds {}", wording::list(&held)));
        out.push(finding.with_help("lead to a `cleanup` state, or let the state go on holding it"));
    }
}
