//! T0413 `unsent-not-handled`: the message cannot be sent, and nobody is there to hear of it.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0413"),
    name: "unsent-not-handled",
    severity: Severity::Error,
    explain: "Messages are sent by the work of the state that the transition enters. If the connection is broken by \
              then the event of `unsent:` is reported there, and no row of that state mentions it: the machine goes \
              on as if the peer had been told. In a `cleanup` state nothing more can be done, so rows that lead there \
              are not reported. Never to be silenced: without `unsent:` a message is sent if it can be, which says \
              the same.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for row in &machine.rows {
        let to = machine.state(row.to);
        if matches!(to.kind, Kind::Cleanup | Kind::Idle) {
            continue;
        }
        for message in row.sends.iter().map(|id| &table.messages[id.index()]) {
            let state = row.to;
            let Some(event) = &message.unsent else { continue };
            if machine.fact_id(event).is_some_and(|event| machine.mentioned_in(state).contains(event)) {
                continue;
            }
            let text = format!("no row of `{}` hears of it if `{}` cannot be sent", to.name, message.name);
            let finding =
                Finding::error(CHECK.code, row.span, text, format!("`{}` is sent in `{}`", message.name, to.name));
            let finding = finding.with_place(message.span, format!("reports `{event}` when it cannot be sent"));
            out.push(finding.with_help(format!("add a transition from `{}` that needs `{event}`", to.name)));
        }
    }
}
