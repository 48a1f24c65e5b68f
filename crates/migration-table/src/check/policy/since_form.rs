//! T0503 `since-form`: a release that nobody could compare with another.

use crate::check::definition::{Check, Run};
use crate::declare::{DeprecationDecl, TableDecl};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::syntax::Text;
use crate::version::Version;

pub(super) const CHECK: Check = Check {
    code: Code("T0503"),
    name: "since-form",
    severity: Severity::Warning,
    explain: "A release is written as numbers with dots between, without leading zeros: `\"2.11\"`, `\"9.0.1\"`, \
              `\"7\"`. A release candidate has its mark behind a hyphen, `\"9.2-rc1\"`, and comes before its release. `since:` of a status is the one \
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
    for reason in table.reasons.iter().flat_map(|reasons| &reasons.entries) {
        let Some(decl) = &reason.value else { continue };
        let what = format!("reason `{}`", reason.name.text);
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
    if let Some(text) = text.filter(|text| text.text.parse::<Version>().is_err()) {
        let message = format!("`{}` of {what} is no release", text.text);
        let finding = Finding::warning(CHECK.code, text.span, message, "expected numbers with dots between");
        out.push(finding.with_help(match meant(&text.text) {
            Some(meant) => format!("write `\"{meant}\"`"),
            None => "write it like \"2.11\", \"9.0.1\" or \"9.2-rc1\"".to_owned(),
        }));
    }
}

/// Returns the release that a text stands for, if it has a `v` before it or leading zeros and is one without them.
fn meant(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['v', 'V']).trim_start();
    let (numbers, mark) = text.split_at(text.find('-').unwrap_or(text.len()));
    let number = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    let plain = numbers.split('.').map(number).collect::<Vec<_>>().join(".") + mark;
    plain.parse::<Version>().is_ok().then_some(plain)
}
