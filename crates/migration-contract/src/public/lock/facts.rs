//! The facts of a machine: each is a line, and holds in some behaviours.

use std::collections::BTreeMap;
use std::fmt;

use super::names::{Name, names};
use super::words::quoted;
use crate::public::automaton::{Label, Reply, Shown};
use crate::public::model::PublicMachine;

/// Something that holds of a machine under some settings. The order is that of the lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    /// While this status is shown, that one may be published next. For readers.
    After(String, String),
    /// The command, the status that is shown, and how it may be answered then. For readers.
    Reply(String, String, Reply),
    /// The status, and a reason with which it can be shown. For readers.
    Because(String, String),
    /// The state in which it begins.
    Begins(Name),
    /// A state.
    At(Name, Traits),
    /// From a state, what is observed, and the state after it.
    On(Name, Label, Name),
    /// In a state, what a query shows, the state after it, and whether nothing more may come where that is shown.
    Query(Name, Shown, Name, bool),
}

/// What is said of a state besides what it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Traits {
    pub(super) rests: bool,
    pub(super) ends: bool,
    pub(super) trapped: bool,
}

/// All facts of a machine, with the numbers of the behaviours in which they hold, in order.
pub(super) fn facts(machine: &PublicMachine) -> BTreeMap<Fact, Vec<usize>> {
    let mut facts = BTreeMap::<Fact, Vec<usize>>::new();
    for (index, behaviour) in machine.behaviours.iter().enumerate() {
        let mut add = |fact: Fact| {
            let holds = facts.entry(fact).or_default();
            if holds.last() != Some(&index) {
                holds.push(index);
            }
        };
        let names = names(&behaviour.automaton);
        names.first().into_iter().for_each(|name| add(Fact::Begins(name.clone())));
        for (state, from) in behaviour.automaton.states.iter().zip(&names) {
            add(Fact::At(from.clone(), Traits { rests: state.rests, ends: state.ends, trapped: state.trapped }));
            for Shown { status, reason } in &state.shows {
                reason.iter().for_each(|reason| add(Fact::Because(status.clone(), reason.clone())));
            }
            for (label, edge) in &state.edges {
                for Shown { status, .. } in &state.shows {
                    add(match label {
                        Label::Event(next) => Fact::After(status.clone(), next.status.clone()),
                        Label::Reply(command, reply) => Fact::Reply(command.clone(), status.clone(), reply.clone()),
                    });
                }
                names.get(edge.to).into_iter().for_each(|to| add(Fact::On(from.clone(), label.clone(), to.clone())));
            }
            for (shown, query) in &state.queries {
                let to = names.get(query.to).into_iter();
                to.for_each(|to| add(Fact::Query(from.clone(), shown.clone(), to.clone(), query.rests)));
            }
        }
    }
    facts
}

impl Fact {
    /// Facts of different sections are kept apart by an empty line.
    pub(super) fn section(&self) -> u8 {
        match self {
            Fact::After(..) => 0,
            Fact::Reply(..) => 1,
            Fact::Because(..) => 2,
            Fact::Begins(_) | Fact::At(..) => 3,
            Fact::On(..) => 4,
            Fact::Query(..) => 5,
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::After(status, next) => write!(out, "after {} -> {}", quoted(status), quoted(next)),
            Fact::Reply(command, status, reply) => {
                write!(out, "reply {} in {}: {}", quoted(command), quoted(status), said(reply))
            }
            Fact::Because(status, reason) => write!(out, "with {}: {}", quoted(status), quoted(reason)),
            Fact::Begins(name) => write!(out, "begins {name}"),
            Fact::At(name, Traits { rests, ends, trapped }) => {
                write!(out, "at {name}:")?;
                let words = [(rests, " rests"), (ends, " ends"), (trapped, " caught")];
                words.iter().filter(|(holds, _)| **holds).try_for_each(|(_, word)| out.write_str(word))
            }
            Fact::On(from, Label::Event(shown), to) => write!(out, "on {from}: !{} -> {to}", written(shown)),
            Fact::On(from, Label::Reply(command, reply), to) => {
                write!(out, "on {from}: {} {} -> {to}", quoted(command), said(reply))
            }
            Fact::Query(from, shown, to, rests) => {
                let rests = if *rests { " rests" } else { "" };
                write!(out, "query {from}: {} -> {to}{rests}", written(shown))
            }
        }
    }
}

fn said(reply: &Reply) -> String {
    match reply {
        Reply::Success => "success".to_owned(),
        Reply::Error(class) => quoted(class),
    }
}

/// What is shown, as it is written: `failed(peer-lost)`.
fn written(shown: &Shown) -> String {
    match &shown.reason {
        Some(reason) => format!("{}({})", quoted(&shown.status), quoted(reason)),
        None => quoted(&shown.status),
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shows: Vec<String> = self.shows.iter().map(written).collect();
        // A name in quotes is never empty, so this is no status.
        out.write_str(if shows.is_empty() { "\"\"" } else { "" })?;
        out.write_str(&shows.join("+"))?;
        if self.number == 1 { Ok(()) } else { write!(out, "#{}", self.number) }
    }
}
