//! What the declarations of a table silence, and where.

use std::ops::Range;

use crate::declare::{Allowed, Declared, MachineDecl, Named, TableDecl};
use crate::model::Allowance;
use crate::span::Span;

/// All that is silenced, in the order of the file.
pub(super) fn of_table(decl: &TableDecl) -> Vec<Allowance> {
    let mut all = Vec::new();
    each(decl.statuses.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.reasons.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.triggers.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.events.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.guards.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.messages.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.resources.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.reserved.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.observers.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    each(decl.guarantees.as_ref(), &mut all, |decl| (decl.span, decl.allow.as_ref()));
    for Declared { name, value } in decl.machines.iter().flat_map(|machines| &machines.entries) {
        let Some(decl) = value else { continue };
        add(decl.allow.as_ref(), Some(name.span.start..decl.span.end), &mut all);
        of_machine(decl, &mut all);
    }
    add(decl.allow.as_ref(), Some(0..usize::MAX), &mut all);
    all.sort_by_key(|allowance| allowance.span);
    all
}

fn of_machine(decl: &MachineDecl, all: &mut Vec<Allowance>) {
    each(decl.states.as_ref(), all, |decl| (decl.span, decl.allow.as_ref()));
    for row in decl.transitions.iter().flatten() {
        add(row.allow.as_ref(), Some(row.span.start..row.span.end), all);
    }
    for answer in decl.answers.iter().flatten() {
        add(answer.allow.as_ref(), Some(answer.span.start..answer.span.end), all);
    }
}

fn each<T>(named: Option<&Named<T>>, all: &mut Vec<Allowance>, parts: impl Fn(&T) -> (Span, Option<&Allowed>)) {
    for Declared { name, value } in named.iter().flat_map(|named| &named.entries) {
        let Some((span, allowed)) = value.as_ref().map(&parts) else { continue };
        add(allowed, Some(name.span.start..span.end), all);
    }
}

fn add(allowed: Option<&Allowed>, places: impl IntoIterator<Item = Range<usize>>, all: &mut Vec<Allowance>) {
    let places: Vec<Range<usize>> = places.into_iter().collect();
    for (code, because) in allowed.iter().flat_map(|allowed| &allowed.entries) {
        let (text, because, places) = (code.text.clone(), because.text.clone(), places.clone());
        all.push(Allowance { code: text, because, span: code.span, places });
    }
}
