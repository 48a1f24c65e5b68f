//! Messages that a host sends over a connection before it has read anything from it.
//!
//! A connection belongs to the host that accepts it from the first message on that it reads: before, several may wait to
//! be accepted. What it sends earlier is on none of them and is lost, which need not be so in a real program.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::automaton::{Input, Step};
use crate::composition::Action;
use crate::graph::Graph;

/// A message that is taken to be lost because its sender has not read anything before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unheard {
    /// The machine that sends it.
    pub machine: String,
    /// The message.
    pub message: String,
    /// The line of the row that sends it.
    pub line: usize,
}

pub(super) fn unheard(graph: &Graph<'_, '_>) -> Vec<Unheard> {
    let composition = graph.composition;
    let mut found = BTreeSet::new();
    for host in 1..composition.hosts.len() {
        let automaton = composition.automaton(host);
        let speaks: Vec<bool> = automaton.steps.iter().map(|steps| steps.iter().any(speaks_first)).collect();
        let is_asked = |at: &u32| speaks[usize::from(graph.locals(*at)[host])] && has_unread_peer(graph, *at, host);
        for at in (0..graph.len()).filter(is_asked) {
            let taken = graph.edges(at).iter().filter_map(|edge| match edge.action {
                Action::Step { host: by, step, .. } if usize::from(by) == host => Some(step),
                Action::Step { .. } | Action::Cut { .. } | Action::Disturb { .. } => None,
                Action::Kill { .. } | Action::Restart { .. } => None,
            });
            let steps = taken.map(|step| &automaton.steps[usize::from(graph.locals(at)[host])][usize::from(step)]);
            for step in steps.filter(|step| speaks_first(step)) {
                let rows = || step.rows.iter().map(|row| &automaton.machine.rows[usize::from(*row)]);
                let row = rows().find(|row| !row.sends.is_empty()).or(rows().next_back());
                let line = row.map_or(0, |row| row.span.line);
                let messages = step.sends.iter().map(|letter| &composition.letters[usize::from(*letter)]);
                let machine = &automaton.machine.name;
                found.extend(messages.map(|message| (machine, message, line)));
            }
        }
    }
    let lost = |(machine, message, line): (&String, &String, usize)| Unheard {
        machine: machine.clone(),
        message: message.clone(),
        line,
    };
    found.into_iter().map(lost).collect()
}

/// Whether a step sends something, and not because a message was read.
fn speaks_first(step: &Step) -> bool {
    !step.sends.is_empty() && !matches!(step.input, Input::Receive { .. })
}

/// Whether a host has read nothing of the attempt of its peer, although the peer has begun one with it.
fn has_unread_peer(graph: &Graph<'_, '_>, at: u32, host: usize) -> bool {
    let (composition, locals) = (graph.composition, graph.locals(at));
    if composition.is_idle(locals, 0) || composition.is_down(locals, 0) {
        return false;
    }
    let config = graph.config(at);
    usize::from(config.peer) == host && config.bound[host] == 0 && config.last[host] != config.attempts[0]
}
