//! Ends a connection from another thread.

use std::os::fd::OwnedFd;

use rustix::net::{Shutdown, shutdown};

/// Ends a connection from another thread: whoever waits for it on either side then finds it closed.
#[derive(Debug)]
pub(crate) struct Cutter(OwnedFd);

impl Cutter {
    pub(super) fn new(socket: OwnedFd) -> Cutter {
        Cutter(socket)
    }

    /// Ends the connection; no effect when it has ended already.
    pub(crate) fn cut(&self) {
        // It fails only where there is no connection any more.
        let _ = shutdown(&self.0, Shutdown::Both);
    }
}
