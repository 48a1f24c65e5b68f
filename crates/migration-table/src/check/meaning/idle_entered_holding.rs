//! T0408 `idle-entered-holding`: an attempt ends, and what it held is still there.

use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0408"),
    name: "idle-entered-holding",
    severity: Severity::Error,
    explain: "A transition leads from a state that holds something straight into an idle state. A client would be \
              told that the attempt is over while its sockets and logs are still there, and the next attempt would \
              meet them. Only a `cleanup` state, or one that holds nothing, may be followed by an idle one. Never to \
              be silenced.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for row in machine.rows.iter().filter(|row| machine.state(row.to).kind == Kind::Idle) {
        let from = ways::holding(machine, row);
        let Some(first) = from.first().map(|id| machine.state(*id)) else { continue };
        let held: Vec<&str> = first.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        let (from, to) = (wording::states(machine, &from), &machine.state(row.to).name);
        let message = format!("idle state `{to}` is entered from {from} before anything is released");
        let finding = Finding::error(CHECK.code, row.to_span, message, "ends the attempt");
        let finding = finding.with_place(first.span, format!("holds {}", wording::list(&held)));
        out.push(finding.with_help("go to a `cleanup` state first, and from there on when everything is released"));
    }
}
