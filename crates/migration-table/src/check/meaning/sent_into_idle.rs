//! T0414 `sent-into-idle`: a message is sent by work, and there is no work where nothing runs.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0414"),
    name: "sent-into-idle",
    severity: Severity::Error,
    explain: "Messages are sent by the work of the state that the transition enters. An idle state has no work and \
              holds no connection, so this message would never leave. Send it on the way into the state before, for \
              example into the `cleanup` state. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for row in machine.rows.iter().filter(|row| machine.state(row.to).kind == Kind::Idle) {
        for message in row.sends.iter().map(|id| &table.messages[id.index()]) {
            let to = &machine.state(row.to).name;
            let text = format!("message `{}` would never leave: nothing works in idle state `{to}`", message.name);
            let finding = Finding::error(CHECK.code, row.span, text, "sent on the way into an idle state");
            out.push(finding.with_help("send it on the way into a state before this one"));
        }
    }
}
