//! T0501 `status-form`: a word of the public vocabulary that is not written like the others of its world.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::Table;

pub(super) const CHECK: Check = Check {
    code: Code("T0501"),
    name: "status-form",
    severity: Severity::Warning,
    explain: "The name of a status or a reason is its name on the wire, unless it says `wire:`, and values of QMP enumerations are joined by `-`: \
              `pre-switchover`. A client that turns names into those of its own language relies on one form. Names \
              that stay inside (states, facts, groups) are joined by `_`, so that the two are told apart at sight. \
              Silence it for a name that has been sent in this form already, or say `wire:`.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    let statuses = table.statuses.iter().map(|status| ("status", &status.name, &status.key, status.span));
    let reasons = table.reasons.iter().map(|reason| ("reason", &reason.name, &reason.key, reason.span));
    // What has a name of its own on the wire was thought about.
    for (noun, name, _, span) in statuses.chain(reasons).filter(|(_, name, key, _)| name == key && name.contains('_')) {
        let message = format!("{noun} `{name}` is joined by `_`");
        let finding = Finding::warning(CHECK.code, span, message, "a name on the wire");
        let sent = name.replace('_', "-");
        let help = format!("say `wire: {sent}`, or write `{sent}` here and wherever the {noun} is named");
        out.push(finding.with_help(help));
    }
}
