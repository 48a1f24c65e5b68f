//! The guest together with its runstate: the one place that starts and stops it.
//!
//! The user does so by `stop` and `cont`, a migration through the [`Guest`] trait. A [`Vm`] stands between both and the
//! guest, so that they cannot contradict each other: a migration that fails does not start a guest that its user
//! stopped, and the user cannot start a guest that a migration stopped. `STOP` and `RESUME` are published here, in the
//! order in which the guest stopped and ran.
//!
//! The runstate travels in front of the device state, so a paused guest arrives paused.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::Memory;
use thiserror::Error;

use crate::qmp::{Broadcast, Event};
use crate::runstate::{Resting, Runstate};

/// The first byte of the prefix of the device state; raised when the form of the prefix changes.
const PREFIX_VERSION: u8 = 1;

/// A guest that is told to stop has stopped after this long, unless it waits for a page.
const STOP_BEFORE_RELEASE: Duration = Duration::from_millis(500);

/// Why a source whose guest ran on the destination of a post-copy cannot use what it has of it.
pub(crate) const RAN_THERE: &str = "the guest ran on the destination of an earlier post-copy: what is left here is its \
                                    memory from before that, so it never runs here again; end this process with `quit`";

/// A guest with its runstate.
pub struct Vm {
    guest: Arc<dyn Guest>,
    events: Arc<Broadcast>,
    // Invariant: the guest runs exactly while this says so; both change under the lock.
    runstate: Mutex<Runstate>,
    /// Whether a guest that arrives is to run, as its user said before it arrived last.
    autostart: AtomicBool,
}

/// Why a `stop` or `cont` was refused.
#[derive(Debug, Error)]
pub enum RunError {
    /// A migration has stopped the guest.
    #[error(
        "the guest is stopped because it is being moved; wait until the migration is over or cancel it (`migrate_cancel`)"
    )]
    BeingMoved,
    /// The state that says that the guest runs has been sent already.
    #[error(
        "the guest is stopped and its state is on its way; stop it on the destination, or cancel the migration first"
    )]
    OnItsWay,
    /// The guest waits for a page of a post-copy.
    #[error(
        "the guest waits for memory that has yet to arrive and cannot stop now, so it was not stopped; send `stop` again later, and recover the post-copy first if it is paused"
    )]
    WaitsForMemory,
    /// Part of the guest's memory is gone.
    #[error(
        "the guest is lost: part of its memory is gone with the source of a post-copy; end this process with `quit`"
    )]
    Lost,
    /// The guest ran on the destination of a post-copy.
    #[error("{RAN_THERE}")]
    RanThere,
    /// The guest itself failed.
    #[error(transparent)]
    Guest(#[from] GuestError),
}

impl Vm {
    /// Returns a guest that does not run yet, in `runstate`, whose changes are published to `events`.
    pub fn new(guest: Arc<dyn Guest>, runstate: Runstate, events: Arc<Broadcast>) -> Self {
        Self { guest, events, runstate: Mutex::new(runstate), autostart: AtomicBool::new(true) }
    }

    /// Returns the runstate.
    pub fn runstate(&self) -> Runstate {
        *self.lock()
    }

    /// Stops the guest for its user. A guest that is still to arrive will not run once it is here.
    ///
    /// # Errors
    /// When the guest cannot be stopped, or its state is on its way already and says otherwise.
    pub fn pause(&self) -> Result<(), RunError> {
        self.pause_by(|| Ok(self.guest.stop()?))
    }

    /// Like [`pause`](Vm::pause), for a guest that lacks memory. It may wait for a page, which may come only after another
    /// command: then it is not stopped.
    ///
    /// # Errors
    /// As those of `pause`, and when the guest waits.
    pub(crate) fn pause_soon(&self) -> Result<(), RunError> {
        self.pause_by(|| self.stop_soon())
    }

    fn pause_by(&self, stop: impl FnOnce() -> Result<(), RunError>) -> Result<(), RunError> {
        let mut runstate = self.lock();
        *runstate = match *runstate {
            Runstate::Own(Resting::Running) => {
                stop()?;
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
            | Runstate::PostMigrate
            | Runstate::Lost) => same,
        };
        Ok(())
    }

    /// Stops the guest, or gives that up.
    fn stop_soon(&self) -> Result<(), RunError> {
        let (tell, told) = sync_channel(1);
        thread::scope(|scope| {
            let stops = scope.spawn(move || {
                let stopped = self.guest.stop();
                // It is known from the result too.
                let _ = tell.send(());
                stopped
            });
            let in_time = told.recv_timeout(STOP_BEFORE_RELEASE).is_ok();
            if !in_time {
                self.guest.give_up_stop();
            }
            match stops.join().unwrap_or_else(|_| Err(GuestError::new("the guest panicked while it was stopped"))) {
                Err(_) if !in_time => Err(RunError::WaitsForMemory),
                stopped => Ok(stopped?),
            }
        })
    }

    /// Runs the guest for its user. A guest that is still to arrive will run once it is here.
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
            Runstate::Lost => return Err(RunError::Lost),
        };
        Ok(())
    }

    /// Notes that a migration which stopped the guest is over and has not started it again: the guest has left.
    pub fn leave(&self) {
        let mut runstate = self.lock();
        if matches!(*runstate, Runstate::FinishMigrate { .. }) {
            *runstate = Runstate::PostMigrate;
        }
    }

    /// Stops a guest that may wait for pages which will not come. `release` ends these waits, once the guest was told to
    /// stop.
    pub fn end_waiting(&self, release: impl FnOnce()) {
        thread::scope(|scope| {
            let stops = scope.spawn(|| self.guest.stop());
            let told = Instant::now();
            while !stops.is_finished() && told.elapsed() < STOP_BEFORE_RELEASE {
                thread::sleep(Duration::from_millis(5));
            }
            release();
        });
    }

    /// Notes that an attempt to receive the guest has failed: the guest is awaited as before.
    pub fn not_arrived(&self) {
        let mut runstate = self.lock();
        let autostart = match *runstate {
            Runstate::InMigrate { autostart, .. } => autostart,
            Runstate::Own(_) | Runstate::FinishMigrate { .. } | Runstate::PostMigrate | Runstate::Lost => {
                self.autostart.load(Ordering::SeqCst)
            }
        };
        *runstate = Runstate::InMigrate { autostart, was: None };
    }

    /// Notes that the guest, which ran here, is lost: its user gave up the rest of its memory.
    pub fn lose(&self) {
        *self.lock() = Runstate::Lost;
    }

    fn start(&self) -> Result<Runstate, GuestError> {
        self.guest.run()?;
        self.publish("RESUME");
        Ok(Runstate::Own(Resting::Running))
    }

    /// Restores the runstate from before the migration. This knows more than the migration does: the user may have said
    /// `stop` or `cont` since, here or on the other side.
    fn go_on(&self) -> Result<(), GuestError> {
        let mut runstate = self.lock();
        match *runstate {
            Runstate::FinishMigrate { was, .. } => self.settle(was, &mut runstate),
            Runstate::InMigrate { autostart, was } => {
                let was = was.unwrap_or(Resting::Running);
                let wanted = if was == Resting::Running && !autostart { Resting::Paused } else { was };
                self.autostart.store(autostart, Ordering::SeqCst);
                // A guest that cannot be started here has not arrived: it goes on where it came from.
                let awaited = *runstate;
                self.settle(wanted, &mut runstate).inspect_err(|_| *runstate = awaited)
            }
            Runstate::Own(_) | Runstate::PostMigrate | Runstate::Lost => Ok(()),
        }
    }

    /// Restores the runstate `was` from before a migration stopped the guest.
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

/// The guest as a migration uses it: stopped for the switchover, and run again here or on the destination.
impl Guest for Vm {
    fn memory(&self) -> Memory {
        self.guest.memory()
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        self.guest.describe()
    }

    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        self.guest.admit(description)
    }

    /// Lets the guest go on as it was: after a migration that has failed, or once it has arrived.
    fn run(&self) -> Result<(), GuestError> {
        self.go_on()
    }

    fn stay_paused(&self) -> Result<(), GuestError> {
        self.go_on()
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

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        let mut runstate = self.lock();
        let Runstate::FinishMigrate { was, .. } = *runstate else {
            return Err(GuestError::new(format!("cannot save a guest in runstate `{}`", runstate.name())));
        };
        let prefix = [PREFIX_VERSION, resting_code(was)];
        state.write_all(&prefix).map_err(|error| GuestError::with_source("the runstate cannot be sent", error))?;
        self.guest.save(state)?;
        *runstate = Runstate::FinishMigrate { was, saved: true };
        Ok(())
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        let mut runstate = self.lock();
        let Runstate::InMigrate { autostart, .. } = *runstate else {
            return Err(GuestError::new(format!("cannot load a guest in runstate `{}`", runstate.name())));
        };
        let mut prefix = [0; 2];
        let short = |error| GuestError::with_source("the guest's state is too short to hold a runstate", error);
        state.read_exact(&mut prefix).map_err(short)?;
        let was = unpack(prefix).map_err(GuestError::new)?;
        self.guest.load(state)?;
        *runstate = Runstate::InMigrate { autostart, was: Some(was) };
        Ok(())
    }

    fn save_round(&self, state: &mut dyn Write) -> Result<u64, GuestError> {
        self.guest.save_round(state)
    }

    fn load_round(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        self.guest.load_round(state)
    }

    fn throttle(&self, percent: u8) -> Result<(), GuestError> {
        self.guest.throttle(percent)
    }

    fn give_up_stop(&self) {
        self.guest.give_up_stop();
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

fn resting_code(was: Resting) -> u8 {
    match was {
        Resting::Running => 1,
        Resting::Paused => 2,
        Resting::Prelaunch => 3,
    }
}

fn unpack([version, was]: [u8; 2]) -> Result<Resting, String> {
    if version != PREFIX_VERSION {
        return Err(format!("the guest's state has version {version} of the runstate, but {PREFIX_VERSION} is known"));
    }
    let all = [Resting::Running, Resting::Paused, Resting::Prelaunch];
    let known = all.into_iter().find(|resting| resting_code(*resting) == was);
    known.ok_or_else(|| format!("the guest's state names the unknown runstate {was}"))
}
