//! T0214 `deprecated-replacement`: clients are sent from one name that is to go to another one.

use std::collections::BTreeMap;

use crate::check::definition::{Check, Run};
use crate::declare::{DeprecationDecl, TableDecl};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0214"),
    name: "deprecated-replacement",
    severity: Severity::Error,
    explain: "`use:` says what clients are to take in the place of a name that is deprecated. If that is deprecated as \
              well, or is the name itself, whoever follows the advice must move again. Name what stays; leave `use` \
              out where nothing takes the place.",
    run: Run::Declared(run),
};

fn run(table: &TableDecl, out: &mut Findings) {
    let statuses = table.statuses.iter().flat_map(|statuses| &statuses.entries);
    judge(
        "status",
        statuses.filter_map(|status| Some((status.name.text.as_str(), status.value.as_ref()?.deprecated.as_ref()?))),
        out,
    );
    let reasons = table.reasons.iter().flat_map(|reasons| &reasons.entries);
    judge(
        "reason",
        reasons.filter_map(|reason| Some((reason.name.text.as_str(), reason.value.as_ref()?.deprecated.as_ref()?))),
        out,
    );
    let triggers = table.triggers.iter().flat_map(|triggers| &triggers.entries);
    let triggers = triggers.filter_map(|trigger| {
        let decl = trigger.value.as_ref()?;
        Some((decl.command.as_ref()?.text.as_str(), decl.deprecated.as_ref()))
    });
    // A command of several triggers is there as long as one of them stays.
    let mut commands: BTreeMap<&str, Vec<Option<&DeprecationDecl>>> = BTreeMap::new();
    triggers.for_each(|(command, deprecated)| commands.entry(command).or_default().push(deprecated));
    let gone = commands.into_iter().filter(|(_, deprecated)| deprecated.iter().all(Option::is_some));
    judge("command", gone.flat_map(|(name, all)| all.into_iter().flatten().map(move |decl| (name, decl))), out);
}

fn judge<'t>(noun: &str, deprecated: impl Iterator<Item = (&'t str, &'t DeprecationDecl)>, out: &mut Findings) {
    let deprecated: Vec<_> = deprecated.collect();
    let places: BTreeMap<&str, Span> = deprecated.iter().rev().map(|(name, decl)| (*name, decl.span)).collect();
    for (name, decl) in deprecated {
        let Some(instead) = &decl.r#use else { continue };
        let Some(place) = places.get(instead.0.text.as_str()) else { continue };
        let finding = if instead.0.text == name {
            let message = format!("deprecated {noun} `{name}` gives way to itself");
            Finding::error(CHECK.code, instead.0.span, message, "the same name")
        } else {
            let message =
                format!("deprecated {noun} `{name}` gives way to `{}`, which is deprecated too", instead.0.text);
            Finding::error(CHECK.code, instead.0.span, message, "to go as well").with_place(*place, "deprecated here")
        };
        out.push(finding.with_help("name what stays, or leave `use` out"));
    }
}
