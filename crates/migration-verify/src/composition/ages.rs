//! Which of two waits began first, and which timeouts therefore cannot run out yet.

use super::Composition;
use crate::clock::OrderId;
use crate::config::Config;

impl Composition<'_> {
    /// The orders by which a host's timeout cannot run out yet, since an older and shorter wait is still going on.
    pub(super) fn held_back<'c>(&'c self, config: &'c Config, host: usize) -> impl Iterator<Item = OrderId> + 'c {
        let acceptors = if host == 0 { 1..self.hosts.len() } else { host..host + 1 };
        acceptors.filter_map(move |acceptor| {
            let firsts = self.clock.get(config, acceptor);
            match (host, config.older[acceptor]) {
                (0, 1) => firsts.acceptor,
                (0, _) | (_, 1) => None,
                _ => firsts.opener,
            }
        })
    }

    /// Remembers which of two waits began first, after a host has entered a state.
    pub(super) fn note_ages(&self, next: &mut Config, moved: usize) {
        for acceptor in 1..self.hosts.len() {
            if !self.clock.get(next, acceptor).decide() {
                next.older[acceptor] = 0;
            } else if moved == 0 {
                next.older[acceptor] = 1;
            } else if moved == acceptor {
                next.older[acceptor] = 0;
            }
        }
    }
}
