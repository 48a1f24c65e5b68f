//! Which of two waits began first, and which timeouts therefore cannot run out yet.

use super::Composition;
use crate::config::Config;

impl Composition<'_> {
    /// Whether a host's timeout cannot run out yet, since an older and shorter wait is still going on.
    pub(super) fn is_held_back(&self, config: &Config, host: usize) -> bool {
        let mut acceptors = if host == 0 { 1..self.hosts.len() } else { host..host + 1 };
        acceptors.any(|acceptor| self.clock.get(&config.locals, acceptor).hold_back(host, config.older[acceptor] != 0))
    }

    /// Remembers which of two waits began first, after a host has entered a state.
    pub(super) fn note_ages(&self, next: &mut Config, moved: usize) {
        if self.clock.is_untimed() {
            return;
        }
        for acceptor in 1..self.hosts.len() {
            if !self.clock.get(&next.locals, acceptor).decide() {
                next.older[acceptor] = 0;
            } else if moved == 0 {
                next.older[acceptor] = 1;
            } else if moved == acceptor {
                next.older[acceptor] = 0;
            }
        }
    }
}
