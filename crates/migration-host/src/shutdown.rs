//! The end of the process: clients, signals and failed arrivals ask for it, and `main` waits for it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Why the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A client sent `quit`.
    Quit,
    /// The process got a signal.
    Signal,
    /// No guest arrived, and the process was started for that only.
    NoArrival,
}

impl Reason {
    /// Returns the reason in the `SHUTDOWN` event.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Quit => "host-qmp-quit",
            Reason::Signal => "host-signal",
            Reason::NoArrival => "host-error",
        }
    }
}

/// Remembers the first reason to end, and wakes the thread that waits for one.
#[derive(Debug, Default)]
pub struct Shutdown {
    reason: Mutex<Option<Reason>>,
    asked: Condvar,
}

impl Shutdown {
    /// Asks the process to end. The first reason counts.
    pub fn ask(&self, reason: Reason) {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
        self.asked.notify_all();
    }

    /// Waits for a reason to end.
    #[must_use]
    pub fn wait(&self) -> Reason {
        let mut reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(reason) = *reason {
                return reason;
            }
            reason = self.asked.wait(reason).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Turns signals into a reason to end. A second signal ends the process at once.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub fn on_signals(self: &Arc<Self>) -> io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let shutdown = Arc::clone(self);
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for (count, signal) in signals.forever().enumerate() {
                if count > 0 {
                    tracing::error!(signal, "a second signal: ending at once");
                    std::process::exit(1);
                }
                tracing::info!(signal, "ending because of a signal");
                shutdown.ask(Reason::Signal);
            }
        })?;
        Ok(())
    }
}
