//! What is promised to clients, bound together.

use std::collections::BTreeMap;

use crate::declare::{
    Declared, DeprecationDecl, GuaranteeDecl, Name, ObserverDecl, QmpDecl, ReasonDecl, ReservedDecl, StatusDecl,
    TableDecl,
};
use crate::model::{Anchor, Deprecation, Guarantee, Observer, Promise, Qmp, Reason, Repeat, Reserved, Status};
use crate::syntax::Text;

/// For how many releases a deprecated name stays where the table does not say.
pub(super) const DEPRECATED_FOR: u16 = 2;

pub(super) fn status(declared: &Declared<StatusDecl>) -> Option<Status> {
    let decl = declared.value.as_ref()?;
    Some(Status {
        name: wire(decl.wire.as_ref(), &declared.name),
        key: declared.name.text.clone(),
        since: decl.since.as_ref()?.text.clone(),
        deprecated: decl.deprecated.as_ref().and_then(deprecation),
        renamed_from: decl.renamed_from.as_ref().map(|name| name.text.clone()),
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

pub(super) fn reason(declared: &Declared<ReasonDecl>) -> Option<Reason> {
    let decl = declared.value.as_ref()?;
    Some(Reason {
        name: wire(decl.wire.as_ref(), &declared.name),
        key: declared.name.text.clone(),
        since: decl.since.as_ref()?.text.clone(),
        deprecated: decl.deprecated.as_ref().and_then(deprecation),
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

/// The name that clients are sent.
fn wire(wire: Option<&Text>, name: &Text) -> String {
    wire.unwrap_or(name).text.clone()
}

pub(super) fn qmp(decl: &QmpDecl) -> Qmp {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone());
    let subjects = decl.subjects.iter().flat_map(|names| &names.names);
    Qmp {
        event: text(&decl.event),
        member: text(&decl.member),
        reason: text(&decl.reason),
        query: text(&decl.query),
        capability: text(&decl.capability),
        subjects: subjects.map(|name| name.0.text.clone()).collect(),
    }
}

pub(super) fn deprecation(decl: &DeprecationDecl) -> Option<Deprecation> {
    let since = decl.since.as_ref()?.text.clone();
    Some(Deprecation { since, instead: decl.r#use.as_ref().map(text), span: decl.span })
}

pub(super) fn observer(declared: &Declared<ObserverDecl>) -> Option<Observer> {
    let decl = declared.value.as_ref()?;
    Some(Observer {
        name: declared.name.text.clone(),
        channel: decl.channel?.value,
        unknown: decl.unknown?.value,
        repeat: decl.repeat.map_or(Repeat::See, |repeat| repeat.value),
        gate: decl.gate.is_none_or(|gate| gate.value),
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

pub(super) fn reserved(declared: &Declared<ReservedDecl>) -> Option<Reserved> {
    let decl = declared.value.as_ref()?;
    Some(Reserved {
        name: declared.name.text.clone(),
        was: decl.was?.value,
        removed: decl.removed.as_ref()?.text.clone(),
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

/// All guarantees, in the order of the file.
pub(super) fn guarantees(table: &TableDecl) -> Option<Vec<Guarantee>> {
    let statuses = table.statuses.iter().flat_map(|statuses| &statuses.entries);
    let public = |status: &Declared<StatusDecl>| Some(wire(status.value.as_ref()?.wire.as_ref(), &status.name));
    let statuses = statuses.filter_map(|status| Some((status.name.text.as_str(), public(status)?))).collect();
    let declared = table.guarantees.iter().flat_map(|named| &named.entries);
    declared.map(|declared| guarantee(declared, &statuses)).collect()
}

fn guarantee(declared: &Declared<GuaranteeDecl>, statuses: &BTreeMap<&str, String>) -> Option<Guarantee> {
    let decl = declared.value.as_ref()?;
    let status = |name: &Name| statuses.get(name.0.text.as_str()).cloned();
    let promise = match (&decl.after, &decl.before) {
        (Some(after), _) => {
            let command = || Anchor::Command(text(after));
            let after = statuses.get(after.0.text.as_str()).cloned().map_or_else(command, Anchor::Status);
            Promise::Ends { after, ends: decl.ends.as_ref()?.names.iter().filter_map(status).collect() }
        }
        (None, Some(before)) => Promise::Before { before: status(before)?, comes: status(decl.comes.as_ref()?)? },
        (None, None) => return None,
    };
    Some(Guarantee {
        name: declared.name.text.clone(),
        machine: text(decl.machine.as_ref()?),
        promise,
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

fn text(Name(Text { text, .. }): &Name) -> String {
    text.clone()
}
