//! T0503 `since-form`: a release that nobody could compare with another.

use crate::check::definition::{Check, Run};
use crate::declare::{DeprecationDecl, TableDecl};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::syntax::Text;

pub(super) const CHECK: Check = Check {
    code: Code("T0503"),
    name: "since-form",
    severity: Severity::Warning,
    explain: "A release is written as two or three numbers: `\"2.11\"`, `\"9.0.1\"`. `since:` of a status is the one \
              that first sent it, `since:` of a deprecation the one that first said so, `removed:` of a reserved name \
              the one that first did without it. Documents, client libraries and the comparison of the public API \
              compare releases; a word, a date or a `v` before it would have to be understood first. Silence it for a \
              release that was named otherwise.",
    run: Run::Declared(run),
};

fn run(table: &TableDecl, out: &mut Findings) {
    for status in table.statuses.iter().flat_map(|statuses| &statuses.entries) {
        let Some(decl) = &status.value else { continue };
        let what = format!("status `{}`", status.name.text);
        judge(decl.since.as_ref(), &what, out);
        judge(since(decl.deprecated.as_ref()), &format!("the deprecation of {what}"), out);
    }
    for trigger in table.triggers.iter().flat_map(|triggers| &triggers.entries) {
        let deprecated = trigger.value.as_ref().and_then(|decl| decl.deprecated.as_ref());
        judge(since(deprecated), &format!("the deprecation of trigger `{}`", trigger.name.text), out);
    }
    for reserved in table.reserved.iter().flat_map(|reserved| &reserved.entries) {
        let removed = reserved.value.as_ref().and_then(|decl| decl.removed.as_ref());
        judge(removed, &format!("reserved name `{}`", reserved.name.text), out);
    }
}

fn since(deprecated: Option<&DeprecationDecl>) -> Option<&Text> {
    deprecated?.since.as_ref()
}

fn judge(text: Option<&Text>, what: &str, out: &mut Findings) {
    if let Some(text) = text.filter(|text| release(&text.text).is_none()) {
        let message = format!("`{}` of {what} is no release", text.text);
        let finding = Finding::warning(CHECK.code, text.span, message, "expected two or three numbers");
        out.push(finding.with_help("write it like \"2.11\" or \"9.0.1\""));
    }
}

/// The numbers of a release, which are in the order of releases. None if it is no release.
pub(super) fn release(text: &str) -> Option<Vec<u32>> {
    let number = |part: &str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        digits.then(|| part.parse().ok()).flatten()
    };
    let numbers = text.split('.').map(number).collect::<Option<Vec<u32>>>()?;
    matches!(numbers.len(), 2 | 3).then_some(numbers)
}
