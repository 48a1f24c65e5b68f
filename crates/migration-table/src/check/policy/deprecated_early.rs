//! T0506 `deprecated-early`: a status or a reason that was to go before it was there.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Deprecation, Table};
use crate::version::Version;

pub(super) const CHECK: Check = Check {
    code: Code("T0506"),
    name: "deprecated-early",
    severity: Severity::Warning,
    explain: "The release that deprecated a status or a reason comes before the one that first sent it, so one of the two is wrong, \
              and with it how long the name has to stay. Both in one release may be meant: it was never to be \
              relied on. Silence it where releases are not numbered in their order.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for status in &table.statuses {
        judge("status", &status.name, &status.since, status.deprecated.as_ref(), out);
    }
    for reason in &table.reasons {
        judge("reason", &reason.name, &reason.since, reason.deprecated.as_ref(), out);
    }
}

fn judge(noun: &str, name: &str, since: &str, deprecated: Option<&Deprecation>, out: &mut Findings) {
    let Some(deprecated) = deprecated else { return };
    let version = |text: &str| text.parse::<Version>().ok();
    if let (Some(first), Some(end)) = (version(since), version(&deprecated.since))
        && end < first
    {
        let message = format!("{noun} `{name}` is deprecated since {}, and there since {since}", deprecated.since);
        out.push(Finding::warning(CHECK.code, deprecated.span, message, "before it was there"));
    }
}
