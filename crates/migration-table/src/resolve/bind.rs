//! The table itself, from declarations whose names are all in order.
//!
//! Here every name is known to be declared, so a lookup that fails means that the table is not in order, and there is
//! no table. What is still reported is what can be said only of a table that is: that a machine has no initial state,
//! that a row is for no state, and that something is too large.

mod allowances;
mod facts;
mod joint;
mod machine;
mod path;
mod public;
mod shared;

use std::collections::BTreeSet;

use crate::check::{NEVER_AWAITED, NO_TIMEOUT};
use crate::declare::{Carries, Declared, MessageDecl, ResourceDecl, TableDecl};
use crate::finding::Findings;
use crate::model::{Message, MessageId, ReasonId, Resource, ResourceId, StatusId, Table};
use shared::{Shared, index};

/// Binds the table together.
pub(super) fn bind(decl: &TableDecl, out: &mut Findings) -> Option<Table> {
    let mut table = Table {
        name: decl.machine.as_ref()?.text.clone(),
        statuses: decl.statuses.as_ref()?.entries.iter().map(public::status).collect::<Option<_>>()?,
        reasons: decl.reasons.iter().flat_map(|named| &named.entries).map(public::reason).collect::<Option<_>>()?,
        messages: decl.messages.iter().flat_map(|named| &named.entries).map(message).collect::<Option<_>>()?,
        resources: decl.resources.iter().flat_map(|named| &named.entries).map(resource).collect::<Option<_>>()?,
        machines: Vec::new(),
        unused: Vec::new(),
        deprecated_for: decl.deprecated_for.map_or(public::DEPRECATED_FOR, |releases| releases.value),
        qmp: decl.qmp.as_ref().map(public::qmp).unwrap_or_default(),
        observers: decl
            .observers
            .iter()
            .flat_map(|named| &named.entries)
            .map(public::observer)
            .collect::<Option<_>>()?,
        reserved: decl.reserved.iter().flat_map(|named| &named.entries).map(public::reserved).collect::<Option<_>>()?,
        guarantees: public::guarantees(decl)?,
        markers: joint::markers(decl),
        acts: joint::acts(decl)?,
        properties: joint::properties(decl)?,
        allowances: allowances::of_table(decl),
    };
    let shared = Shared {
        statuses: index(table.statuses.iter().map(|status| (status.key.as_str(), status.span)), StatusId, out)?,
        reasons: index(table.reasons.iter().map(|reason| (reason.key.as_str(), reason.span)), ReasonId, out)?,
        messages: index(table.messages.iter().map(|message| (message.name.as_str(), message.span)), MessageId, out)?,
        resources: index(
            table.resources.iter().map(|resource| (resource.name.as_str(), resource.span)),
            ResourceId,
            out,
        )?,
        sent: sent(decl, &table),
        unbounded: table.allowances.iter().filter(|known| known.code == NO_TIMEOUT.0).cloned().collect(),
    };
    for machine in &decl.machines.as_ref()?.entries {
        let facts = facts::of_machine(decl, machine, &table.messages);
        table.machines.extend(machine::bind(machine, facts, &shared, out));
    }
    let used: BTreeSet<&str> =
        table.machines.iter().flat_map(|machine| &machine.facts).map(|fact| fact.name.as_str()).collect();
    table.unused = facts::triggers(decl, |name| !used.contains(name));
    (!out.has_errors()).then_some(table)
}

/// The messages that some row sends. Of one whose T0411 is silenced, nobody has to hear.
fn sent(decl: &TableDecl, table: &Table) -> BTreeSet<String> {
    let machines = decl.machines.iter().flat_map(|machines| &machines.entries);
    let rows = machines.filter_map(|machine| machine.value.as_ref()).flat_map(|decl| decl.transitions.iter().flatten());
    let names: BTreeSet<&str> = rows
        .filter_map(|row| row.sends.as_ref())
        .flat_map(|sends| &sends.names)
        .map(|name| name.0.text.as_str())
        .collect();
    let is_silenced = |message: &&Message| {
        table.allowances.iter().any(|known| known.code == NEVER_AWAITED.0 && known.covers(message.span))
    };
    let sent = table.messages.iter().filter(|message| names.contains(message.name.as_str()) && !is_silenced(message));
    sent.map(|message| message.name.clone()).collect()
}

fn message(declared: &Declared<MessageDecl>) -> Option<Message> {
    let decl = declared.value.as_ref()?;
    Some(Message {
        name: declared.name.text.clone(),
        number: decl.number?.value,
        from: decl.from.as_ref()?.0.text.clone(),
        to: decl.to.as_ref()?.0.text.clone(),
        unsent: decl.unsent.as_ref().map(|event| event.0.text.clone()),
        carries_cause: decl.carries.is_some_and(|carries| carries.value == Carries::Cause),
        doc: decl.doc.as_ref()?.text.clone(),
        span: declared.name.span,
    })
}

fn resource(declared: &Declared<ResourceDecl>) -> Option<Resource> {
    let doc = declared.value.as_ref()?.doc.as_ref()?.text.clone();
    Some(Resource { name: declared.name.text.clone(), doc, span: declared.name.span })
}
