//! The facts of one machine: those of the shared vocabulary that it has to do with.

use std::collections::BTreeSet;

use super::public::deprecation;
use crate::declare::{Argument, Carries, Declared, GuardDecl, MachineDecl, Spanned, TableDecl, TriggerDecl};
use crate::formula;
use crate::model::{Admission, Fact, FactKind, Message, MessageId, Parameter};
use crate::syntax::Text;

/// The facts of a machine: triggers, events, messages to it, guards; within a kind in the order of the file.
///
/// A trigger or guard belongs to it if one of its rows or answers names it, a guard also if one of its triggers needs
/// it; an event also if a timeout of its states
/// or a message that it sends reports it. A message belongs to the machine that it is addressed to.
pub(super) fn of_machine(table: &TableDecl, machine: &Declared<MachineDecl>, messages: &[Message]) -> Vec<Fact> {
    let mut named = machine.value.as_ref().map_or_else(BTreeSet::new, |decl| named(decl, messages));
    for Declared { name, value } in table.triggers.iter().flat_map(|triggers| &triggers.entries) {
        if named.contains(&name.text) {
            let needs = value.iter().filter_map(|decl| decl.needs.as_ref()).flat_map(|needs| &needs.names);
            named.extend(needs.map(|name| name.0.text.clone()));
        }
    }
    let mut facts = triggers(table, |name| named.contains(name));
    for Declared { name, value } in table.events.iter().flat_map(|events| &events.entries) {
        if let Some(decl) = value.as_ref().filter(|_| named.contains(&name.text)) {
            let carries_cause = decl.carries.is_some_and(|Spanned { value, .. }| value == Carries::Cause);
            let doc = decl.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default();
            let is_rare = decl.rare.is_some_and(|rare| rare.value);
            let is_outside = decl.outside.is_some_and(|outside| outside.value);
            facts.push(Fact {
                name: name.text.clone(),
                kind: FactKind::Event,
                carries_cause,
                is_rare,
                is_outside,
                doc,
                span: name.span,
            });
        }
    }
    for (index, message) in (0..u16::MAX).zip(messages).filter(|(_, message)| message.to == machine.name.text) {
        facts.push(Fact {
            name: message.name.clone(),
            kind: FactKind::Message(MessageId(index)),
            carries_cause: message.carries_cause,
            is_rare: false,
            is_outside: false,
            doc: message.doc.clone(),
            span: message.span,
        });
    }
    for Declared { name, value } in table.guards.iter().flat_map(|guards| &guards.entries) {
        if let Some(decl) = value.as_ref().filter(|_| named.contains(&name.text)) {
            let doc = decl.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default();
            facts.push(Fact {
                name: name.text.clone(),
                kind: guard(decl),
                carries_cause: false,
                is_rare: false,
                is_outside: false,
                doc,
                span: name.span,
            });
        }
    }
    facts
}

/// The triggers whose names are such, in the order of the file.
pub(super) fn triggers(table: &TableDecl, is_it: impl Fn(&str) -> bool) -> Vec<Fact> {
    let declared = table.triggers.iter().flat_map(|triggers| &triggers.entries);
    let fact = |Declared { name, value }: &Declared<TriggerDecl>| {
        let decl = value.as_ref()?;
        Some(Fact {
            name: name.text.clone(),
            kind: trigger(decl),
            carries_cause: false,
            is_rare: false,
            is_outside: false,
            doc: decl.doc.as_ref().map(|doc| doc.text.clone()).unwrap_or_default(),
            span: name.span,
        })
    };
    declared.filter(|declared| is_it(&declared.name.text)).filter_map(fact).collect()
}

fn trigger(decl: &TriggerDecl) -> FactKind {
    let command = decl.command.as_ref().map(|command| command.text.clone()).unwrap_or_default();
    let arguments = decl.with.iter().flat_map(|with| &with.entries);
    let pair = |Declared { name, value }: &Declared<Argument>| {
        (name.text.clone(), value.as_ref().map(|value| value.0.text.clone()).unwrap_or_default())
    };
    let needs = decl.needs.iter().flat_map(|needs| &needs.names).map(|name| name.0.text.clone());
    let admission = Admission { expects: text(&decl.expects), needs: needs.collect(), veto: text(&decl.veto) };
    FactKind::Trigger {
        command,
        with: arguments.map(pair).collect(),
        admission,
        deprecated: decl.deprecated.as_ref().and_then(deprecation),
        renamed_from: text(&decl.renamed_from),
    }
}

fn guard(decl: &GuardDecl) -> FactKind {
    let parameter = decl.parameter.as_ref().map(|name| Parameter { name: name.text.clone(), is: text(&decl.is) });
    let fixed = decl.fixed.is_some_and(|fixed| fixed.value);
    FactKind::Guard { capability: text(&decl.capability), parameter, fixed }
}

fn text(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.text.clone())
}

/// The names of facts that a machine uses, messages among them.
fn named(decl: &MachineDecl, messages: &[Message]) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for row in decl.transitions.iter().flatten() {
        if let Some(formula) = row.when.as_ref().and_then(|when| formula::parse(&when.text).ok()) {
            named.extend(formula.names().iter().map(|(name, _)| name.clone()));
        }
        for sent in row.sends.iter().flat_map(|sends| &sends.names) {
            let message = messages.iter().find(|message| message.name == sent.0.text);
            named.extend(message.and_then(|message| message.unsent.clone()));
        }
    }
    let triggers = decl.answers.iter().flatten().filter_map(|answer| answer.trigger.as_ref());
    named.extend(triggers.flat_map(|triggers| &triggers.names).map(|trigger| trigger.0.text.clone()));
    let states = decl.states.iter().flat_map(|states| &states.entries).filter_map(|state| state.value.as_ref());
    let bounds = states.flat_map(|state| state.timeout.iter().chain(&state.timer));
    let events = bounds.filter_map(|bound| bound.event.as_ref());
    named.extend(events.map(|event| event.0.text.clone()));
    named
}
