//! Names that are declared and never used. Asked only of a table in which every name that is used was found.

use super::scope::{Scope, Space};
use crate::declare::{Named, TableDecl};
use crate::finding::{Finding, Findings};
use crate::rule::names::UNUSED;
use crate::span::Span;

/// Says which names of the shared vocabulary nothing refers to.
pub(super) fn judge(table: &TableDecl, scope: &Scope<'_>, out: &mut Findings) {
    let mut each = Each { table, scope, out };
    each.judge(Space::Statuses, table.statuses.as_ref(), "status", "no state shows it");
    each.judge(Space::Reasons, table.reasons.as_ref(), "reason", "no row gives it");
    each.judge(Space::Triggers, table.triggers.as_ref(), "trigger", "no row and no answer names it");
    each.judge(Space::Events, table.events.as_ref(), "event", "no row, timeout, timer or message names it");
    each.judge(Space::Guards, table.guards.as_ref(), "guard", "no row names it");
    each.judge(Space::Messages, table.messages.as_ref(), "message", "no row sends or awaits it");
    each.judge(Space::Resources, table.resources.as_ref(), "resource", "no state holds it");
}

struct Each<'t, 'j> {
    table: &'j TableDecl,
    scope: &'j Scope<'t>,
    out: &'j mut Findings,
}

impl Each<'_, '_> {
    fn judge<T>(&mut self, space: Space, named: Option<&Named<T>>, noun: &str, label: &str) {
        for (index, declared) in named.iter().flat_map(|named| named.entries.iter().enumerate()) {
            if !self.scope.is_used(space, index) {
                let message = format!("{noun} `{}` is never used", declared.name.text);
                let finding = Finding::warning(UNUSED.code, declared.name.span, message, label);
                let spoken_of = self.spoken_of(space, &declared.name.text);
                let help = match spoken_of.is_empty() {
                    true => "remove it, or use it",
                    false => "remove it, here and where it is only spoken of, or use it",
                };
                let finding = spoken_of.into_iter().fold(finding, |it, span| it.with_place(span, "only spoken of"));
                self.out.push(finding.with_help(help));
            }
        }
    }

    /// Where a fact that no row needs is ranked or dropped all the same.
    fn spoken_of(&self, space: Space, name: &str) -> Vec<Span> {
        if !matches!(space, Space::Triggers | Space::Events | Space::Guards | Space::Messages) {
            return Vec::new();
        }
        let machines = self.table.machines.iter().flat_map(|machines| &machines.entries);
        let machines = machines.filter_map(|machine| machine.value.as_ref());
        let lists = machines.clone().flat_map(|machine| {
            let rows = machine.transitions.iter().flatten();
            machine.precedence.iter().chain(rows.filter_map(|row| row.drops.as_ref()))
        });
        let markers = machines.clone().flat_map(|machine| machine.markers.iter().flat_map(|markers| &markers.entries));
        let guards = markers.filter_map(|marker| marker.value.as_ref()?.guard.as_ref());
        let names = lists.flat_map(|list| &list.names).chain(guards).filter(|named| named.0.text == name);
        names.map(|named| named.0.span).collect()
    }
}
