//! Which of two waits began first, and which timeouts therefore cannot run out yet.

use super::Composition;
use crate::clock::{ACCEPTOR_FIRST, OPENER_FIRST};
use crate::config::Config;

impl Composition<'_> {
    /// Whether a host's timeout cannot run out yet, since an older and shorter wait is still going on.
    pub(super) fn must_wait(&self, config: &Config, host: usize) -> bool {
        if host == 0 {
            let is_before =
                |acceptor: usize| config.older[acceptor] == 1 && self.clock.get(config, acceptor) & ACCEPTOR_FIRST != 0;
            return (1..self.hosts.len()).any(is_before);
        }
        config.older[host] == 0 && self.clock.get(config, host) & OPENER_FIRST != 0
    }

    /// Remembers which of two waits began first, after a host has entered a state.
    pub(super) fn note_ages(&self, next: &mut Config, moved: usize) {
        for acceptor in 1..self.hosts.len() {
            let decides = self.clock.get(next, acceptor) != 0;
            if !decides {
                next.older[acceptor] = 0;
            } else if moved == 0 {
                next.older[acceptor] = 1;
            } else if moved == acceptor {
                next.older[acceptor] = 0;
            }
        }
    }
}
