//! The end of the process: clients, signals and failed arrivals ask for it, and `main` waits for it.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::log::Log;

/// How long the log of a process that ends at once may take to be written.
const LAST_WORDS_MAX: Duration = Duration::from_millis(200);

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
    /// Asks the process to end. The first reason counts. Returns whether this is the first.
    pub fn ask(&self, reason: Reason) -> bool {
        let mut first = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = first.is_none();
        first.get_or_insert(reason);
        self.asked.notify_all();
        is_first
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

    /// Turns signals into a reason to end. A signal to a process that is ending already ends it at once, once that is in
    /// `log`.
    ///
    /// # Errors
    /// When the signals cannot be caught.
    pub fn on_signals(self: &Arc<Self>, log: Log) -> io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let shutdown = Arc::clone(self);
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                if !shutdown.ask(Reason::Signal) {
                    tracing::error!(signal, "a signal to a process that is ending already: ending at once");
                    log.drain(LAST_WORDS_MAX);
                    std::process::exit(1);
                }
                tracing::info!(signal, "ending because of a signal");
            }
        })?;
        Ok(())
    }
}
