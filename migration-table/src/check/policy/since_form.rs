//! T0503 `since-form`: a release that nobody could compare with another.

use super::super::{Check, Run};
use crate::declare::TableDecl;
use crate::finding::{Code, Finding, Findings, Severity};

pub(super) const CHECK: Check = Check {
    code: Code("T0503"),
    name: "since-form",
    severity: Severity::Warning,
    explain: "`since:` is the release that first sent a status, as two or three numbers: `\"2.11\"`, `\"9.0.1\"`. \
              Documents and client libraries compare it with the release that they talk to. A word, a date or a `v` \
              before it would have to be understood first. Silence it for a release that was named otherwise.",
    run: Run::Declared(run),
};

fn run(table: &TableDecl, out: &mut Findings) {
    for status in table.statuses.iter().flat_map(|statuses| &statuses.entries) {
        let Some(since) = status.value.as_ref().and_then(|decl| decl.since.as_ref()) else { continue };
        if !is_release(&since.text) {
            let message = format!("`{}` of status `{}` is no release", since.text, status.name.text);
            let finding = Finding::warning(CHECK.code, since.span, message, "expected two or three numbers");
            out.push(finding.with_help("write it like \"2.11\" or \"9.0.1\""));
        }
    }
}

fn is_release(text: &str) -> bool {
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    matches!(text.split('.').count(), 2 | 3) && text.split('.').all(is_number)
}
