//! What is promised to clients, bound together.

use std::collections::BTreeSet;

use crate::declare::{
    Declared, DeprecationDecl, GuaranteeDecl, Name, ObserverDecl, QmpDecl, ReservedDecl, StatusDecl, TableDecl,
};
use crate::model::{Anchor, Deprecation, Guarantee, Observer, Promise, Qmp, Repeat, Reserved, Status};
use crate::syntax::Text;

/// For how many releases a deprecated name stays where the table does not say.
pub(super) const DEPRECATED_FOR: u16 = 2;

pub(super) fn status(declared: &Declared<StatusDecl>) -> Option<Status> {
    let decl = declared.value.as_ref()?;
    Some(Status {
        name: declared.name.text.clone(),
        since: decl.since.as_ref()?.text.clone(),
        deprecated: decl.deprecated.as_ref().and_then(deprecation),
        renamed_from: decl.renamed_from.as_ref().map(|name| name.text.clone()),
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

pub(super) fn qmp(decl: &QmpDecl) -> Qmp {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone());
    let subjects = decl.subjects.iter().flat_map(|names| &names.names);
    Qmp {
        event: text(&decl.event),
        member: text(&decl.member),
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
    let statuses = statuses.map(|status| status.name.text.as_str()).collect();
    let declared = table.guarantees.iter().flat_map(|named| &named.entries);
    declared.map(|declared| guarantee(declared, &statuses)).collect()
}

fn guarantee(declared: &Declared<GuaranteeDecl>, statuses: &BTreeSet<&str>) -> Option<Guarantee> {
    let decl = declared.value.as_ref()?;
    let promise = match (&decl.after, &decl.before) {
        (Some(after), _) => {
            let is_status = statuses.contains(after.0.text.as_str());
            let after = if is_status { Anchor::Status(text(after)) } else { Anchor::Command(text(after)) };
            Promise::Ends { after, ends: decl.ends.as_ref()?.names.iter().map(text).collect() }
        }
        (None, Some(before)) => Promise::Before { before: text(before), comes: text(decl.comes.as_ref()?) },
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
