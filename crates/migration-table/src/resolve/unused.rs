//! Names that are declared and never used. Asked only of a table in which every name that is used was found.

use super::scope::{Scope, Space};
use crate::declare::{Named, TableDecl};
use crate::finding::{Finding, Findings};
use crate::rule::names::UNUSED;

/// Says which names of the shared vocabulary nothing refers to.
pub(super) fn judge(table: &TableDecl, scope: &Scope<'_>, out: &mut Findings) {
    let mut each = Each { scope, out };
    each.judge(Space::Statuses, table.statuses.as_ref(), "status", "no state shows it");
    each.judge(Space::Reasons, table.reasons.as_ref(), "reason", "no row gives it");
    each.judge(Space::Triggers, table.triggers.as_ref(), "trigger", "no row and no answer names it");
    each.judge(Space::Events, table.events.as_ref(), "event", "no row, timeout, timer or message names it");
    each.judge(Space::Guards, table.guards.as_ref(), "guard", "no row names it");
    each.judge(Space::Messages, table.messages.as_ref(), "message", "no row sends or awaits it");
    each.judge(Space::Resources, table.resources.as_ref(), "resource", "no state holds it");
}

struct Each<'t, 'j> {
    scope: &'j Scope<'t>,
    out: &'j mut Findings,
}

impl Each<'_, '_> {
    fn judge<T>(&mut self, space: Space, named: Option<&Named<T>>, noun: &str, label: &str) {
        for (index, declared) in named.iter().flat_map(|named| named.entries.iter().enumerate()) {
            if !self.scope.is_used(space, index) {
                let message = format!("{noun} `{}` is never used", declared.name.text);
                let finding = Finding::warning(UNUSED.code, declared.name.span, message, label);
                self.out.push(finding.with_help("remove it, or use it"));
            }
        }
    }
}
