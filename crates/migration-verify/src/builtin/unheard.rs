//! Messages that a host sends over a connection before it has read anything from it.
//!
//! A connection belongs to the host that accepts it from the first message on that it reads: before, several may wait to
//! be accepted. What it sends earlier is on none of them and is lost, which need not be so in a real program.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::automaton::Input;
use crate::composition::{Action, Composition};
use crate::config::Config;
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
    for at in 0..graph.len() {
        let locals = graph.locals(at);
        for edge in graph.edges(at) {
            let Action::Step { host, step, .. } = edge.action else { continue };
            let taken = composition.step_of(locals, host, step);
            let host = usize::from(host);
            let reads = matches!(taken.input, Input::Receive { .. });
            if host == 0 || taken.sends.is_empty() || reads || !has_unread_peer(composition, &graph.config(at), host) {
                continue;
            }
            let machine = composition.automaton(host).machine;
            let rows = || taken.rows.iter().map(|row| &machine.rows[usize::from(*row)]);
            let row = rows().find(|row| !row.sends.is_empty()).or(rows().next_back());
            let line = row.map_or(0, |row| row.span.line);
            for letter in &taken.sends {
                let message = composition.letters[usize::from(*letter)].clone();
                found.insert(Unheard { machine: machine.name.clone(), message, line });
            }
        }
    }
    found.into_iter().collect()
}

/// Whether a host has read nothing of the attempt of its peer, although the peer has begun one with it.
fn has_unread_peer(composition: &Composition<'_>, config: &Config, host: usize) -> bool {
    let is_there = !composition.is_idle(&config.locals, 0) && !composition.is_down(&config.locals, 0);
    is_there && usize::from(config.peer) == host && config.bound[host] == 0 && config.last[host] != config.attempts[0]
}
