//! The words of a table that are public, and what is promised to clients.

use std::collections::{BTreeMap, BTreeSet};

use super::outline;
use crate::public::model::{
    AT_ANY_TIME, FOR_AN_ATTEMPT, Handled, Public, PublicGuarantee, PublicMachine, PublicName, PublicObserver, Term,
};
use migration_table::model::{
    Answer, Fact, FactKind, Guarantee, Machine, Observer, Promise, Reason, Status, Table, Wire,
};

/// The public side of a table, given that of its machines.
pub(super) fn public(table: &Table, machines: Vec<PublicMachine>) -> Public {
    let facts = || table.machines.iter().flat_map(|machine| &machine.facts).map(|fact| &fact.kind);
    let reserved = table.reserved.iter().map(|name| ((name.was, name.name.clone()), name.removed.clone()));
    Public {
        table: table.name.clone(),
        statuses: statuses(table),
        reasons: reasons(table),
        commands: facts().chain(table.unused.iter().map(|fact| &fact.kind)).filter_map(command).collect(),
        settings: facts().filter_map(outline::setting).collect(),
        terms: terms(table),
        handled: handled(table),
        deprecated_for: table.deprecated_for,
        observers: table.observers.iter().map(observer).collect(),
        reserved: reserved.collect(),
        guarantees: table.guarantees.iter().map(guarantee).collect(),
        machines,
    }
}

/// Every status that is declared: clients may know one that no state shows, and its name is not free.
fn statuses(table: &Table) -> BTreeMap<String, PublicName> {
    let named = |status: &Status| {
        let deprecated = status.deprecated.as_ref().map(|deprecation| deprecation.since.clone());
        let renamed_from = status.renamed_from.clone();
        (status.name.clone(), PublicName { since: Some(status.since.clone()), deprecated, renamed_from })
    };
    table.statuses.iter().map(named).collect()
}

/// Every reason that is declared, for the same reasons.
fn reasons(table: &Table) -> BTreeMap<String, PublicName> {
    let named = |reason: &Reason| {
        let deprecated = reason.deprecated.as_ref().map(|deprecation| deprecation.since.clone());
        (reason.name.clone(), PublicName { since: Some(reason.since.clone()), deprecated, renamed_from: None })
    };
    table.reasons.iter().map(named).collect()
}

fn command(kind: &FactKind) -> Option<(String, PublicName)> {
    let FactKind::Trigger { deprecated, renamed_from, .. } = kind else { return None };
    let deprecated = deprecated.as_ref().map(|deprecation| deprecation.since.clone());
    Some((outline::command(kind)?, PublicName { since: None, deprecated, renamed_from: renamed_from.clone() }))
}

/// What clients write and read besides the words of a table.
#[must_use]
pub(in crate::public) fn terms(table: &Table) -> BTreeMap<Term, String> {
    let statuses = table.statuses.iter().map(|status| status.name.clone()).collect();
    let names = of_wire(Wire::of(&table.qmp, &statuses));
    let of_fact = |fact: &Fact| match &fact.kind {
        FactKind::Trigger { admission, .. } => {
            Some((Term::Argument(outline::command(&fact.kind)?), admission.expects.clone()?))
        }
        FactKind::Guard { .. } => {
            let when = if fact.is_fixed() { FOR_AN_ATTEMPT } else { AT_ANY_TIME };
            Some((Term::Setting(outline::setting(&fact.kind)?), when.to_owned()))
        }
        FactKind::Event | FactKind::Message(_) => None,
    };
    let facts = table.machines.iter().flat_map(|machine| &machine.facts).filter_map(of_fact);
    names.into_iter().chain(facts).collect()
}

/// The names of the wire as terms.
pub(in crate::public) fn of_wire(wire: Wire) -> BTreeMap<Term, String> {
    let Wire { event, member, reason, query, capability, subjects } = wire;
    let always = [(Term::Event, event), (Term::Member, member), (Term::Query, query)];
    let given = [(Term::Reason, reason), (Term::Capability, capability)];
    let given = given.into_iter().filter_map(|(term, name)| Some((term, name?)));
    let subjects = subjects.into_iter().map(|name| (Term::Subject(name.clone()), name));
    always.into_iter().chain(given).chain(subjects).collect()
}

/// Where the host carries commands out, and no state that shows the same does nothing.
pub(in crate::public) fn handled(table: &Table) -> BTreeSet<Handled> {
    table.machines.iter().flat_map(|machine| handled_by(table, machine)).collect()
}

fn handled_by(table: &Table, machine: &Machine) -> BTreeSet<Handled> {
    let (mut carried_out, mut passed_over) = (BTreeSet::new(), BTreeSet::new());
    for row in &machine.answers {
        let places = match row.answer {
            Answer::Handle => &mut carried_out,
            Answer::Ignore => &mut passed_over,
            Answer::Accept | Answer::Refuse(_) => continue,
        };
        let Some(command) = outline::command(&machine.fact(row.trigger).kind) else { continue };
        places.extend(row.states.iter().map(|state| Handled {
            machine: machine.name.clone(),
            command: command.clone(),
            status: table.statuses[machine.state(*state).shows.index()].name.clone(),
        }));
    }
    carried_out.difference(&passed_over).cloned().collect()
}

fn observer(observer: &Observer) -> (String, PublicObserver) {
    let Observer { channel, unknown, repeat, gate, .. } = *observer;
    (observer.name.clone(), PublicObserver { channel, unknown, repeat, gate })
}

fn guarantee(guarantee: &Guarantee) -> (String, PublicGuarantee) {
    let mut promise = guarantee.promise.clone();
    if let Promise::Ends { ends, .. } = &mut promise {
        ends.sort_unstable();
        ends.dedup();
    }
    (guarantee.name.clone(), PublicGuarantee { machine: guarantee.machine.clone(), promise })
}
