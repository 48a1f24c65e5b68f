//! Turns every public step of a migration into the runstate that goes with it, and then into an event.
//!
//! It runs under the lock of the machine that made the step, so a client that saw an event finds everything else to be
//! as the event says.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migration_runtime::states::{self, Status};
use serde_json::json;

use crate::capabilities::{Capabilities, Capability};
use crate::qmp::{Broadcast, Event};
use crate::shutdown::{Reason, Shutdown};
use crate::vm::Vm;

/// Publishes the steps of both machines.
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
    /// It is over, and the guest has not moved, or the source does not know whether it has.
    Ended,
}

impl Announcer {
    /// Returns an announcer for one process.
    pub fn new(vm: Arc<Vm>, capabilities: Arc<Capabilities>, events: Arc<Broadcast>, shutdown: Arc<Shutdown>) -> Self {
        Self { vm, capabilities, events, shutdown, exit_on_error: AtomicBool::new(false) }
    }

    /// Sets whether the process ends if the attempt to receive that begins now fails.
    pub fn set_exit_on_error(&self, exit: bool) {
        self.exit_on_error.store(exit, Ordering::SeqCst);
    }

    /// The source now shows `status`, and why the attempt ends if that is known.
    pub fn source_shows(&self, status: Status, reason: Option<states::Reason>, stage: Stage) {
        match stage {
            Stage::InProgress => {}
            Stage::Completed | Stage::Ended => self.vm.leave(),
        }
        self.publish_status(status, reason);
    }

    /// The destination now shows `status`, and why the attempt ends if that is known.
    pub fn destination_shows(&self, status: Status, reason: Option<states::Reason>, stage: Stage) {
        match (stage, reason) {
            (Stage::InProgress | Stage::Completed, _) => {}
            // Only a guest that runs here can be given up.
            (Stage::Ended, Some(states::Reason::GivenUp)) => self.vm.lose(),
            (Stage::Ended, _) => self.vm.not_arrived(),
        }
        self.publish_status(status, reason);
        if stage == Stage::Ended && self.exit_on_error.load(Ordering::SeqCst) {
            self.shutdown.ask(Reason::NoArrival);
        }
    }

    /// The source begins its round number `pass`, from 1.
    pub fn pass(&self, pass: u64) {
        self.publish("MIGRATION_PASS", json!({ "pass": pass }));
    }

    fn publish_status(&self, status: Status, reason: Option<states::Reason>) {
        let data = match reason {
            Some(reason) => json!({ "status": status.name(), "reason": reason.name() }),
            None => json!({ "status": status.name() }),
        };
        self.publish("MIGRATION", data);
    }

    fn publish(&self, name: &'static str, data: serde_json::Value) {
        if self.capabilities.is_on(Capability::Events) {
            self.events.publish(&Event::with_data(name, data));
        }
    }
}
