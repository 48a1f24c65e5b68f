//! T0411 `message-never-awaited`: one side speaks, and the other does not listen.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactKind, MessageId, Row, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0411"),
    name: "message-never-awaited",
    severity: Severity::Warning,
    explain: "A transition sends the message, and no row of the machine that it is for mentions it, so it changes \
              nothing there. Either a row is missing, or the message is not needed. Silence it for a message that \
              only older releases on the other side await.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for (id, message) in (0..).map(MessageId).zip(&table.messages) {
        let sends = |row: &&Row| row.sends.contains(&id);
        let mut senders: Vec<&Row> = table.machines.iter().flat_map(|machine| &machine.rows).filter(sends).collect();
        senders.sort_by_key(|row| row.span);
        // The cases of one line are rows with one place.
        senders.dedup_by_key(|row| row.span);
        if senders.is_empty() || awaits(table, id) {
            continue;
        }
        let text = format!("message `{}` is sent, and no row of `{}` awaits it", message.name, message.to);
        let mut finding = Finding::warning(CHECK.code, message.span, text, "changes nothing");
        for row in senders {
            finding = finding.with_place(row.span, "sent here");
        }
        out.push(finding.with_help(format!("add a transition of `{}` that needs it, or do not send it", message.to)));
    }
}

/// Whether some row mentions the message as an event.
fn awaits(table: &Table, message: MessageId) -> bool {
    table.machines.iter().any(|machine| {
        let is_it = |id: &crate::model::FactId| machine.fact(*id).kind == FactKind::Message(message);
        let fact = machine.fact_ids().find(is_it);
        fact.is_some_and(|fact| machine.rows.iter().any(|row| row.mentions.contains(fact)))
    })
}
