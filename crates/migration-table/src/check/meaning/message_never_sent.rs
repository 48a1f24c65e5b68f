//! T0412 `message-never-sent`: one side listens, and the other never speaks.

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactKind, Machine, Row, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0412"),
    name: "message-never-sent",
    severity: Severity::Warning,
    explain: "A row awaits the message, and no transition of the other machine sends it. The row can fire only if a \
              peer of another release sends it, and with a peer of this one the machine waits until its timeout. \
              Silence it where the message exists for such peers.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for machine in &table.machines {
        for id in machine.fact_ids() {
            let fact = machine.fact(id);
            let FactKind::Message(message) = fact.kind else { continue };
            let sent = table.machines.iter().flat_map(|other| &other.rows).any(|row| row.sends.contains(&message));
            let Some(row) = first_row(machine, id).filter(|_| !sent) else { continue };
            let from = &table.messages[message.index()].from;
            let text = format!("message `{}` is awaited, and no transition of `{from}` sends it", fact.name);
            let finding = Finding::warning(CHECK.code, fact.span, text, "never sent");
            let finding = finding.with_place(row.when_span, "awaited here");
            let name = wording::line([fact.name.as_str()]);
            out.push(finding.with_help(format!("add `sends: [{name}]` to a transition of `{from}`")));
        }
    }
}

/// The first row in the text that mentions a fact.
fn first_row(machine: &Machine, fact: FactId) -> Option<&Row> {
    machine.rows.iter().filter(|row| row.mentions.contains(fact)).min_by_key(|row| row.span)
}
