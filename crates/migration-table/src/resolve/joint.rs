//! What the machines keep together: does each property claim one thing, and is every machine and marker declared?
//!
//! Formulas and happenings are read where they are decided, since only there it is known which hosts there are.

use super::scope::{self, Scope};
use crate::declare::{Declared, Name, PropertyDecl, TableDecl};
use crate::finding::{Finding, Findings};
use crate::nearest::nearest;
use crate::rule::names::UNDECLARED;
use crate::rule::shape::PROMISE_FORM;
use crate::syntax::Text;

/// Judges the acts of the operator and the properties.
pub(super) fn judge<'t>(table: &'t TableDecl, scope: &mut Scope<'t>, out: &mut Findings) {
    for act in table.operator.iter().flat_map(|acts| &acts.entries).filter_map(|act| act.value.as_ref()) {
        if let Some(machine) = &act.machine {
            scope.look(&scope::MACHINE, &machine.0, "operator acts on");
        }
        let machines = || table.machines.iter().flat_map(|machines| &machines.entries);
        let is_known = |machine: &Name| machines().any(|declared| declared.name.text == machine.0.text);
        let machine = act.machine.as_ref().filter(|machine| is_known(machine) && is_readable(table, Some(machine)));
        if let (Some(machine), Some(sets)) = (machine, &act.sets) {
            marker(sets, &markers(table, Some(machine)), "operator sets", out);
        }
    }
    for property in table.properties.iter().flat_map(|properties| &properties.entries) {
        if let Some(decl) = &property.value {
            form(&property.name, decl, out);
            if let Some(name) = decl.at_most_one.as_ref().filter(|_| is_readable(table, None)) {
                marker(name, &markers(table, None), "property is about", out);
            }
        }
    }
}

/// The markers of a machine, or of all of them.
fn markers<'t>(table: &'t TableDecl, machine: Option<&Name>) -> Vec<&'t str> {
    let machines = table.machines.iter().flat_map(|machines| &machines.entries);
    let meant = machines.filter(|declared| machine.is_none_or(|machine| machine.0.text == declared.name.text));
    let markers = meant.filter_map(|declared| declared.value.as_ref()?.markers.as_ref());
    markers.flat_map(|markers| &markers.entries).map(|marker: &Declared<_>| marker.name.text.as_str()).collect()
}

/// Whether the markers of a machine, or of all of them, could be read.
fn is_readable(table: &TableDecl, machine: Option<&Name>) -> bool {
    let mut machines = table.machines.iter().flat_map(|machines| &machines.entries);
    machines.all(|declared| {
        let is_meant = machine.is_none_or(|machine| machine.0.text == declared.name.text);
        let markers = declared.value.as_ref().and_then(|decl| decl.markers.as_ref());
        !is_meant || markers.is_none_or(|markers| markers.readable)
    }) && table.machines.as_ref().is_some_and(|machines| machines.readable)
}

fn marker(name: &Name, known: &[&str], place: &str, out: &mut Findings) {
    if known.contains(&name.0.text.as_str()) {
        return;
    }
    let message = format!("{place} undeclared marker `{}`", name.0.text);
    let finding = Finding::error(UNDECLARED.code, name.0.span, message, "not listed under `markers`");
    out.push(match nearest(&name.0.text, known.iter().copied()) {
        Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
        None => finding,
    });
}

/// Reports a property whose keys do not make one claim.
fn form(name: &Text, decl: &PropertyDecl, out: &mut Findings) {
    // A key whose value cannot be read is reported already, and looks as if it were not there.
    if out.iter().any(|finding| (decl.span.start..decl.span.end).contains(&finding.span.start)) {
        return;
    }
    let has_after = decl.after.is_some();
    let claims = [
        (
            decl.never.is_some() || has_after || decl.until.is_some(),
            decl.never.is_some() && (has_after || decl.until.is_none()),
        ),
        (decl.at_most_one.is_some(), true),
        (decl.first.is_some() || decl.then.is_some(), decl.first.is_some() && decl.then.is_some()),
        (
            decl.whenever.is_some() || decl.eventually.is_some() || decl.waiting.is_some(),
            decl.whenever.is_some() && decl.eventually.is_some(),
        ),
        (decl.possible.is_some() || decl.from.is_some(), decl.possible.is_some()),
    ];
    let made = claims.iter().filter(|(is_begun, _)| *is_begun).count();
    let is_whole = claims.iter().all(|(is_begun, is_whole)| !is_begun || *is_whole);
    let label = match (made, is_whole) {
        (1, true) => return,
        (0, _) => "no claim",
        (1, false) => "half a claim",
        (_, _) => "several claims",
    };
    let message = format!("property `{}` does not make one claim", name.text);
    let help = "give it one of `never`, `at_most_one`, `after` and `never`, `first` and `then`, `whenever` and \
                `eventually`, or `possible`";
    out.push(Finding::error(PROMISE_FORM.code, name.span, message, label).with_help(help));
}
