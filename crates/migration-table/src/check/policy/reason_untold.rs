//! T0507 `reason-untold`: reasons are declared, and no client is told them.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Qmp, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0507"),
    name: "reason-untold",
    severity: Severity::Warning,
    explain: "Reasons are part of the public vocabulary and are frozen with it, but `qmp:`, which says how clients are told \
              the status, does not say which member of the event and of the reply to a query holds the reason. So clients are told none, `replay` judges none, and \
              readers of the API history are promised what they never see. Silence it where only the program that \
              drives the machine is to know why an attempt ended.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    let Qmp { event, member, query, reason, .. } = &table.qmp;
    // Without a word about how clients are told the status, there is none to expect about the reason.
    let is_untold = reason.is_none() && [event, member, query].into_iter().any(Option::is_some);
    let Some(first) = table.reasons.first().filter(|_| is_untold) else { return };
    let what = match table.reasons.len() {
        1 => format!("reason `{}` is", first.name),
        many => format!("reason `{}` and {} more are", first.name, many - 1),
    };
    let message = format!("{what} declared, and clients are told none");
    let finding = Finding::warning(CHECK.code, first.span, message, "neither an event nor a reply has it");
    out.push(finding.with_help("say under which name they are told: `reason: reason` in `qmp:`"));
}
