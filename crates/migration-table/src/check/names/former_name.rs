//! T0215 `former-name`: the name that something had before is free to be taken.

use crate::check::definition::{Check, Run};
use crate::declare::{Choice, TableDecl};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::Was;
use crate::syntax::Text;

pub(super) const CHECK: Check = Check {
    code: Code("T0215"),
    name: "former-name",
    severity: Severity::Warning,
    explain: "`renamed_from:` gives the name that a status or a command had before, so that a comparison with an older \
              release takes the two for one. The old name is gone from the public side and must be listed under \
              `reserved`, as the same kind of name: otherwise it is misspelt, still in use, or could be given to \
              something else later. Silence it for a name that no release has had.",
    run: Run::Declared(run),
};

fn run(table: &TableDecl, out: &mut Findings) {
    for status in table.statuses.iter().flat_map(|statuses| &statuses.entries) {
        if let Some(former) = status.value.as_ref().and_then(|decl| decl.renamed_from.as_ref()) {
            // What clients knew is the name on the wire.
            let used = table.statuses.iter().flat_map(|statuses| &statuses.entries);
            let public = used.map(|it| it.value.as_ref().and_then(|decl| decl.wire.as_ref()).unwrap_or(&it.name));
            let used = public.into_iter().find(|name| name.text == former.text);
            judge(table, Was::Status, former, used, out);
        }
    }
    for trigger in table.triggers.iter().flat_map(|triggers| &triggers.entries) {
        if let Some(former) = trigger.value.as_ref().and_then(|decl| decl.renamed_from.as_ref()) {
            let used = table.triggers.iter().flat_map(|triggers| &triggers.entries);
            let mut used = used.filter_map(|trigger| trigger.value.as_ref()?.command.as_ref());
            judge(table, Was::Command, former, used.find(|name| name.text == former.text), out);
        }
    }
}

/// Judges the former name of something. `used` is where it is the name of something today.
fn judge(table: &TableDecl, was: Was, former: &Text, used: Option<&Text>, out: &mut Findings) {
    let reserved = || table.reserved.iter().flat_map(|reserved| &reserved.entries);
    let named = reserved().find(|reserved| reserved.name.text == former.text);
    let kind = named.and_then(|reserved| reserved.value.as_ref()?.was);
    let noun = was.word();
    match (named, kind) {
        (Some(_), Some(kind)) if kind.value == was => {}
        (Some(_), Some(kind)) => {
            let message = format!("former {noun} `{}` is reserved as a {}", former.text, kind.value.word());
            let finding = Finding::warning(CHECK.code, former.span, message, format!("expected a {noun}"));
            let help = format!("write `was: {noun}` at `{}` in `reserved:`", former.text);
            out.push(finding.with_place(kind.span, "reserved as this").with_help(help));
        }
        (Some(_), None) => {}
        (None, _) if used.is_some() => {
            let message = format!("former {noun} `{}` is a {noun} still", former.text);
            let finding = Finding::warning(CHECK.code, former.span, message, "not a former name");
            let finding = finding.with_help("remove `renamed_from` here");
            out.push(used.into_iter().fold(finding, |finding, name| finding.with_place(name.span, "in use")));
        }
        (None, _) => {
            let message = format!("former {noun} `{}` is not reserved", former.text);
            let finding = Finding::warning(CHECK.code, former.span, message, "not listed under `reserved`");
            let candidates = reserved().map(|reserved| reserved.name.text.as_str());
            out.push(match crate::nearest::nearest(&former.text, candidates) {
                Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
                None => finding.with_help(format!(
                    "add `{}: {{ was: {noun}, removed: \"...\", doc: \"...\" }}` to `reserved:`",
                    former.text
                )),
            });
        }
    }
}
