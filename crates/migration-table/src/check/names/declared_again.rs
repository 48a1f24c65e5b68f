//! T0213 `declared-again`: a public name that was taken back is given to something else.

use crate::check::definition::{Check, Run};
use crate::declare::{Choice, TableDecl};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::Was;
use crate::syntax::Text;

pub(super) const CHECK: Check = Check {
    code: Code("T0213"),
    name: "declared-again",
    severity: Severity::Error,
    explain: "A name that is listed under `reserved` was public once. Clients that were written then still know it, \
              and would take whatever is called so now for what it was. A status, a reason, a command and a capability \
              may share a name; what was a status can be no status again.",
    run: Run::Declared(run),
};

fn run(table: &TableDecl, out: &mut Findings) {
    for reserved in table.reserved.iter().flat_map(|reserved| &reserved.entries) {
        let Some(was) = reserved.value.as_ref().and_then(|decl| decl.was) else { continue };
        for name in public(table, was.value).into_iter().filter(|name| name.text == reserved.name.text) {
            let noun = was.value.word();
            let message = format!("`{}` was a {noun} once and can be none again", name.text);
            let finding = Finding::error(CHECK.code, name.span, message, format!("declared as a {noun}"));
            let finding = finding.with_place(reserved.name.span, "reserved here");
            out.push(finding.with_help("choose a name that no release has had"));
        }
    }
}

/// The public names of a kind.
fn public(table: &TableDecl, kind: Was) -> Vec<&Text> {
    match kind {
        Was::Status => {
            let statuses = table.statuses.iter().flat_map(|named| &named.entries);
            statuses.map(|it| it.value.as_ref().and_then(|decl| decl.wire.as_ref()).unwrap_or(&it.name)).collect()
        }
        Was::Reason => {
            let reasons = table.reasons.iter().flat_map(|named| &named.entries);
            reasons.map(|it| it.value.as_ref().and_then(|decl| decl.wire.as_ref()).unwrap_or(&it.name)).collect()
        }
        Was::Command => {
            let triggers = table.triggers.iter().flat_map(|named| &named.entries);
            triggers.filter_map(|trigger| trigger.value.as_ref()?.command.as_ref()).collect()
        }
        Was::Capability => {
            let guards = table.guards.iter().flat_map(|named| &named.entries);
            guards.filter_map(|guard| guard.value.as_ref()?.capability.as_ref()).collect()
        }
    }
}
