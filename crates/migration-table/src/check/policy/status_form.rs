//! T0501 `status-form`: a word of the public vocabulary that is not written like the others of its world.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::Table;

pub(super) const CHECK: Check = Check {
    code: Code("T0501"),
    name: "status-form",
    severity: Severity::Warning,
    explain: "The name of a status is its name on the wire, and values of QMP enumerations are joined by `-`: \
              `pre-switchover`. A client that turns names into those of its own language relies on one form. Names \
              that stay inside (states, facts, groups) are joined by `_`, so that the two are told apart at sight. \
              Silence it for a status that has been sent in this form already.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for status in table.statuses.iter().filter(|status| status.name.contains('_')) {
        let message = format!("status `{}` is joined by `_`", status.name);
        let finding = Finding::warning(CHECK.code, status.span, message, "a name on the wire");
        out.push(finding.with_help(format!("write `{}`", status.name.replace('_', "-"))));
    }
}
