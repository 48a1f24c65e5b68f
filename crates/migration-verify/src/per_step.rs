//! What is known of each step of each host: it is asked once for a step, and not wherever the step is taken.

use crate::automaton::Step;
use crate::composition::{Action, Composition};
use crate::config::{HOSTS_MAX, LocalId, Locals};

/// Something for each step of each host.
#[derive(Debug)]
pub(crate) struct PerStep<T> {
    /// For each host and configuration of it the place of its first step.
    first: [Vec<usize>; HOSTS_MAX],
    of: Vec<T>,
}

impl<T: Copy> PerStep<T> {
    /// `of` says it of a step of a host: the locals are where that host is before, and the step is given as an action
    /// too.
    pub(crate) fn new(composition: &Composition<'_>, of: impl Fn(&Locals, Action, &Step) -> T) -> PerStep<T> {
        let mut found = PerStep { first: Default::default(), of: Vec::new() };
        for host in 0..composition.hosts.len() {
            for (local, steps) in composition.automaton(host).steps.iter().enumerate() {
                let mut locals = Locals::default();
                locals[host] = LocalId::try_from(local).unwrap_or(LocalId::MAX);
                found.first[host].push(found.of.len());
                for (number, step) in steps.iter().enumerate() {
                    let (host, number) = (u8::try_from(host).unwrap_or(0), u16::try_from(number).unwrap_or(u16::MAX));
                    found.of.push(of(&locals, Action::Step { host, step: number, peer: 0 }, step));
                }
            }
        }
        found
    }

    /// What is known of an action out of a configuration; `None` if it is no step of a host.
    pub(crate) fn get(&self, locals: &Locals, action: Action) -> Option<T> {
        let Action::Step { host, step, .. } = action else { return None };
        let host = usize::from(host);
        Some(self.of[self.first[host][usize::from(locals[host])] + usize::from(step)])
    }
}
