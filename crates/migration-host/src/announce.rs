//! What the host makes of every public step of a migration: the runstate that goes with it, then the event.
//!
//! It is called under the lock of the machine that made the step, so a client that saw an event finds everything else
//! to be as the event says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::capabilities::{Capabilities, Capability};
use crate::qmp::{Broadcast, Event};
use crate::shutdown::{Reason, Shutdown};
use crate::vm::Vm;

/// Tells clients, and whoever else must know, of the steps of both machines.
pub struct Announcer {
    vm: Arc<Vm>,
    capabilities: Arc<Capabilities>,
    events: Arc<Broadcast>,
    shutdown: Arc<Shutdown>,
    exit_on_error: AtomicBool,
}

/// Whether the attempt goes on after a public step, and which it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It goes on.
    InProgress,
    /// It is over, and the guest has moved.
    Completed,
    /// It is over, and the guest has not moved, or nobody knows.
    Ended,
}

impl Announcer {
    /// An announcer for one process.
    #[must_use]
    pub fn new(vm: Arc<Vm>, capabilities: Arc<Capabilities>, events: Arc<Broadcast>, shutdown: Arc<Shutdown>) -> Self {
        Self { vm, capabilities, events, shutdown, exit_on_error: AtomicBool::new(false) }
    }

    /// Says whether the process ends when no guest arrives, for the arrival that begins now.
    pub fn set_exit_on_error(&self, exit: bool) {
        self.exit_on_error.store(exit, Ordering::SeqCst);
    }

    /// The source now shows `status`.
    pub fn source_shows(&self, status: &'static str, stage: Stage) {
        match stage {
            Stage::InProgress => {}
            Stage::Completed | Stage::Ended => self.vm.leave(),
        }
        self.publish("MIGRATION", json!({ "status": status }));
    }

    /// The destination now shows `status`.
    pub fn destination_shows(&self, status: &'static str, stage: Stage) {
        self.publish("MIGRATION", json!({ "status": status }));
        if stage == Stage::Ended && self.exit_on_error.load(Ordering::SeqCst) {
            self.shutdown.ask(Reason::NoArrival);
        }
    }

    /// The source begins its round number `pass`, from 1.
    pub fn pass(&self, pass: u64) {
        self.publish("MIGRATION_PASS", json!({ "pass": pass }));
    }

    fn publish(&self, name: &'static str, data: serde_json::Value) {
        if self.capabilities.is_on(Capability::Events) {
            self.events.publish(&Event::with_data(name, data));
        }
    }
}
