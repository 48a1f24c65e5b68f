//! The guest together with its runstate: the one place that starts and stops it.
//!
//! Two parties do: the user, by `stop` and `cont`, and a migration, through the [`Guest`] trait. A [`Vm`] stands
//! between both and the guest, so that they cannot contradict each other: a guest that its user stopped is not started
//! by a migration that fails, and one that a migration stopped is not started by its user. `STOP` and `RESUME` are
//! published here, in the order of what happened.
//!
//! How the guest was (running, paused) travels in front of its device state, so a paused guest arrives paused.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::Memory;
use thiserror::Error;

use crate::qmp::{Broadcast, Event};
use crate::runstate::{Resting, Runstate};

/// First byte of what travels in front of the device state; raised when its form changes.
const LUGGAGE_VERSION: u8 = 1;

/// A guest with its runstate.
pub struct Vm {
    guest: Arc<dyn Guest>,
    events: Arc<Broadcast>,
    // Invariant: the guest runs exactly while this says so; both change under the lock.
    runstate: Mutex<Runstate>,
}

/// Why a `stop` or `cont` was refused.
#[derive(Debug, Error)]
pub enum RunError {
    /// A migration has stopped the guest.
    #[error(
        "the guest is stopped because it is being moved; wait until the migration is over or cancel it (`migrate_cancel`)"
    )]
    BeingMoved,
    /// The guest's state, which says that it runs, is on its way.
    #[error(
        "the guest is stopped and its state is on its way; stop it on the destination, or cancel the migration first"
    )]
    OnItsWay,
    /// The guest itself could not.
    #[error(transparent)]
    Guest(#[from] GuestError),
}

impl Vm {
    /// A guest that does not run yet, in `runstate`, whose changes are told to `events`.
    #[must_use]
    pub fn new(guest: Arc<dyn Guest>, runstate: Runstate, events: Arc<Broadcast>) -> Self {
        Self { guest, events, runstate: Mutex::new(runstate) }
    }

    /// Why the guest runs or does not.
    #[must_use]
    pub fn runstate(&self) -> Runstate {
        *self.lock()
    }

    /// Stops the guest for its user. Of a guest that is awaited, it says that it is not to run once it is here.
    ///
    /// # Errors
    /// When the guest cannot be stopped, or its state is on its way already and says otherwise.
    pub fn pause(&self) -> Result<(), RunError> {
        let mut runstate = self.lock();
        *runstate = match *runstate {
            Runstate::Own(Resting::Running) => {
                self.guest.stop()?;
                self.publish("STOP");
                Runstate::Own(Resting::Paused)
            }
            Runstate::InMigrate { was, .. } => Runstate::InMigrate { autostart: false, was },
            Runstate::FinishMigrate { was: Resting::Running, saved: true } => return Err(RunError::OnItsWay),
            Runstate::FinishMigrate { was: Resting::Running, saved: false } => {
                Runstate::FinishMigrate { was: Resting::Paused, saved: false }
            }
            same @ (Runstate::Own(Resting::Paused | Resting::Prelaunch)
            | Runstate::FinishMigrate { .. }
            | Runstate::PostMigrate) => same,
        };
        Ok(())
    }

    /// Runs the guest for its user. Of a guest that is awaited, it says that it is to run once it is here.
    ///
    /// # Errors
    /// When the guest cannot be started, or a migration has stopped it.
    pub fn resume(&self) -> Result<(), RunError> {
        let mut runstate = self.lock();
        *runstate = match *runstate {
            Runstate::Own(Resting::Running) => Runstate::Own(Resting::Running),
            Runstate::Own(Resting::Paused | Resting::Prelaunch) | Runstate::PostMigrate => self.start()?,
            Runstate::InMigrate { was, .. } => Runstate::InMigrate { autostart: true, was },
            Runstate::FinishMigrate { .. } => return Err(RunError::BeingMoved),
        };
        Ok(())
    }

    /// A migration that took the guest away is over, and did not start it again: it has left, as far as anyone knows.
    pub fn leave(&self) {
        let mut runstate = self.lock();
        if matches!(*runstate, Runstate::FinishMigrate { .. }) {
            *runstate = Runstate::PostMigrate;
        }
    }

    fn start(&self) -> Result<Runstate, GuestError> {
        self.guest.run()?;
        self.publish("RESUME");
        Ok(Runstate::Own(Resting::Running))
    }

    /// What a guest becomes that was `was` before a migration stopped it.
    fn settle(&self, was: Resting, runstate: &mut Runstate) -> Result<(), GuestError> {
        // A guest that cannot be started is for its user to look at, here.
        *runstate = Runstate::Own(if was == Resting::Running { Resting::Paused } else { was });
        if was == Resting::Running {
            *runstate = self.start()?;
        }
        Ok(())
    }

    fn publish(&self, event: &'static str) {
        self.events.publish(&Event::bare(event));
    }

    fn lock(&self) -> MutexGuard<'_, Runstate> {
        self.runstate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The guest as a migration handles it: it stops it to move it, and lets it go on, here or on the destination.
impl Guest for Vm {
    fn memory(&self) -> &Memory {
        self.guest.memory()
    }

    fn kind(&self) -> &str {
        self.guest.kind()
    }

    /// Lets the guest go on as it was: after a migration that has failed, or once it has arrived.
    fn run(&self) -> Result<(), GuestError> {
        let mut runstate = self.lock();
        match *runstate {
            Runstate::FinishMigrate { was, .. } => self.settle(was, &mut runstate),
            Runstate::InMigrate { autostart, was } => {
                let was = was.unwrap_or(Resting::Running);
                let wanted = if was == Resting::Running && !autostart { Resting::Paused } else { was };
                self.settle(wanted, &mut runstate)
            }
            Runstate::Own(_) | Runstate::PostMigrate => Ok(()),
        }
    }

    fn stop(&self) -> Result<(), GuestError> {
        let mut runstate = self.lock();
        if let Runstate::Own(was) = *runstate {
            self.guest.stop()?;
            *runstate = Runstate::FinishMigrate { was, saved: false };
            if was == Resting::Running {
                self.publish("STOP");
            }
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.lock().is_running()
    }

    fn save(&self) -> Result<Vec<u8>, GuestError> {
        let mut runstate = self.lock();
        let Runstate::FinishMigrate { was, .. } = *runstate else {
            return Err(GuestError::new(format!("cannot save a guest in runstate `{}`", runstate.name())));
        };
        let mut state = vec![LUGGAGE_VERSION, luggage(was)];
        state.extend(self.guest.save()?);
        *runstate = Runstate::FinishMigrate { was, saved: true };
        Ok(state)
    }

    fn load(&self, state: &[u8]) -> Result<(), GuestError> {
        let mut runstate = self.lock();
        let Runstate::InMigrate { autostart, .. } = *runstate else {
            return Err(GuestError::new(format!("cannot load a guest in runstate `{}`", runstate.name())));
        };
        let (was, state) = unpack(state).map_err(GuestError::new)?;
        self.guest.load(state)?;
        *runstate = Runstate::InMigrate { autostart, was: Some(was) };
        Ok(())
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        self.guest.start_dirty_log()
    }

    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        self.guest.harvest_dirty_log(into)
    }

    fn stop_dirty_log(&self) {
        self.guest.stop_dirty_log();
    }
}

fn luggage(was: Resting) -> u8 {
    match was {
        Resting::Running => 1,
        Resting::Paused => 2,
        Resting::Prelaunch => 3,
    }
}

fn unpack(state: &[u8]) -> Result<(Resting, &[u8]), String> {
    match state {
        [LUGGAGE_VERSION, was, rest @ ..] => {
            let all = [Resting::Running, Resting::Paused, Resting::Prelaunch];
            match all.into_iter().find(|resting| luggage(*resting) == *was) {
                Some(resting) => Ok((resting, rest)),
                None => Err(format!("the guest's state says runstate {was}, which is none")),
            }
        }
        [version, _, ..] => {
            Err(format!("the guest's state has version {version} of the runstate, but {LUGGAGE_VERSION} is known"))
        }
        [] | [_] => Err("the guest's state is too short to hold a runstate".to_owned()),
    }
}
