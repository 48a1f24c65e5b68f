//! T0506 `deprecated-early`: a status that was to go before it was there.

use super::since_form::release;
use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::Table;

pub(super) const CHECK: Check = Check {
    code: Code("T0506"),
    name: "deprecated-early",
    severity: Severity::Warning,
    explain: "The release that deprecated a status comes before the one that first sent it, so one of the two is wrong, \
              and with it how long the status has to stay. Both in one release may be meant: the status was never to be \
              relied on. Silence it where releases are not numbered in their order.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for status in &table.statuses {
        let Some(deprecated) = &status.deprecated else { continue };
        if let (Some(since), Some(end)) = (release(&status.since), release(&deprecated.since))
            && end < since
        {
            let message = format!(
                "status `{}` is deprecated since {}, and there since {}",
                status.name, deprecated.since, status.since
            );
            out.push(Finding::warning(CHECK.code, deprecated.span, message, "before it was there"));
        }
    }
}
