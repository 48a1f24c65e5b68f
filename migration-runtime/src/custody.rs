//! The guest in the hands of a migration: how it is called, and how it goes on afterwards.
//!
//! A call to the guest can take long, can panic, and can be overtaken by a cancel. So every call runs on a thread of its
//! own, while the thread of the work sends signs of life to the peer and watches the visit. A panic becomes an error of
//! the guest, which ends the attempt as any error does.

use std::any::Any;
use std::io::Write;
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::channel::{Channel, ChannelErrorKind, Raiser, Wait};
use crate::guest::{Guest, GuestError};
use crate::machine::Visit;
use crate::memory::Memory;
use crate::transfer::{StatePipe, send_farewell, send_keep_alive};
use crate::trouble::{Trouble, panic_text};

/// While a call lasts, the peer gets a sign of life this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// While a guest saves and nothing comes of it, the visit is looked at this often.
const SAVE_TICK: Duration = Duration::from_millis(10);

/// A guest that is lost has stopped after this long, unless one of its vCPUs waits for a page.
const STOP_BEFORE_RELEASE: Duration = Duration::from_millis(500);

/// A call that goes on after its visit is looked after this often.
const RESCUE_TICK: Duration = Duration::from_millis(200);

/// What the peer is told when the user has ended the attempt.
pub(crate) const CANCELLED: &str = "the migration was cancelled";

/// A guest, and whether it ran before this attempt stopped it.
pub(crate) struct Custody {
    guest: Arc<dyn Guest>,
    when_over: WhenOver,
    stopped: Option<WasRunning>,
    /// Called again and again while a call lasts.
    rescue: Option<Box<dyn Fn() + Send>>,
}

/// What becomes of the connection when the visit ends during a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WhenOver {
    /// It is closed at once, so that the peer does not wait for a call that may take long.
    HangUp,
    /// It stays open: the next state has something to say.
    Stay,
}

/// Whether a guest ran before the migration stopped it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WasRunning {
    Yes,
    No,
}

impl Custody {
    pub(crate) fn new(guest: Arc<dyn Guest>, when_over: WhenOver) -> Custody {
        Custody { guest, when_over, stopped: None, rescue: None }
    }

    /// Has `rescue` called again and again while a call lasts, from now on: it frees a guest that waits for what does not
    /// come.
    pub(crate) fn set_rescue(&mut self, rescue: impl Fn() + Send + 'static) {
        self.rescue = Some(Box::new(rescue));
    }

    /// Says what becomes of the connection when a visit ends during a call, from now on.
    pub(crate) fn set_when_over(&mut self, when_over: WhenOver) {
        self.when_over = when_over;
    }

    /// Has the guest describe itself.
    pub(crate) fn describe(&self) -> Result<Vec<u8>, GuestError> {
        caught("describe", || self.guest.describe())
    }

    /// Has the guest judge the description of another.
    pub(crate) fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        caught("admit", || self.guest.admit(description))
    }

    /// Returns the memory of the guest.
    pub(crate) fn memory(&self) -> Result<Memory, GuestError> {
        caught("memory", || Ok(self.guest.memory()))
    }

    /// Returns whether the guest ran before this attempt stopped it; a guest that was never stopped counts as running.
    pub(crate) fn was_running(&self) -> WasRunning {
        self.stopped.unwrap_or(WasRunning::Yes)
    }

    /// Stops the guest. If the visit ends meanwhile, the guest is asked to give up stopping, and this returns when it has.
    pub(crate) fn stop(&mut self, channel: &mut Option<Channel>, visit: &Visit) -> Result<(), Trouble> {
        let runs = self.call("is_running", channel, visit, |guest| Ok(guest.is_running()))?;
        // Noted first: a guest that could not be stopped may have been stopped in part.
        self.stopped = Some(if runs { WasRunning::Yes } else { WasRunning::No });
        self.attend("stop", channel, visit, |guest| guest.stop(), |guest| guest.give_up_stop())
    }

    /// Stops a guest that is lost, part of whose memory will never come. vCPUs that wait for it cannot stop before
    /// `release` has ended their waits, so that is called once the guest has been told to stop.
    pub(crate) fn stop_lost(&self, release: impl FnOnce()) {
        let guest = &*self.guest;
        let (tell, told) = sync_channel(1);
        let stopped = thread::scope(|scope| {
            let thread = spawn(scope, "stop", move || {
                let stopped = caught("stop", || guest.stop());
                // Nobody listens any more where the waits were ended first.
                let _ = tell.send(());
                stopped
            });
            let _ = told.recv_timeout(STOP_BEFORE_RELEASE);
            release();
            thread.and_then(joined)
        });
        if let Err(error) = stopped {
            tracing::error!(%error, "the guest, which is lost, may still run");
        }
    }

    /// Lets a guest that this attempt stopped go on as it was before. Has no effect on one that was not stopped.
    pub(crate) fn go_on(&mut self) -> Result<(), GuestError> {
        match self.stopped.take() {
            Some(was_running) => resume(&*self.guest, was_running),
            None => Ok(()),
        }
    }

    /// Starts a guest that has arrived, or leaves it paused if it was paused where it came from.
    pub(crate) fn arrive(
        &self,
        was_running: WasRunning,
        channel: &mut Option<Channel>,
        visit: &Visit,
    ) -> Result<(), Trouble> {
        self.call("run", channel, visit, move |guest| resume(guest, was_running))
    }

    /// Calls the guest, with signs of life for the peer while that lasts.
    pub(crate) fn call<T: Send>(
        &self,
        name: &'static str,
        channel: &mut Option<Channel>,
        visit: &Visit,
        call: impl FnOnce(&dyn Guest) -> Result<T, GuestError> + Send,
    ) -> Result<T, Trouble> {
        self.attend(name, channel, visit, call, |_| ())
    }

    /// Has the guest save device state, and hands each piece of it to `send` as it comes.
    pub(crate) fn save<T: Send>(
        &self,
        name: &'static str,
        channel: &mut Option<Channel>,
        visit: &Visit,
        save: impl FnOnce(&dyn Guest, &mut dyn Write) -> Result<T, GuestError> + Send,
        mut send: impl FnMut(&mut Option<Channel>, &[u8]) -> Result<(), Trouble>,
    ) -> Result<T, Trouble> {
        let (guest, span) = (&*self.guest, tracing::debug_span!("guest", call = name));
        let (mut pipe, pieces) = StatePipe::new();
        let saves = move || {
            let saved = save(guest, &mut pipe)?;
            pipe.flush().map_err(|error| GuestError::with_source("the device state was not sent", error))?;
            Ok(saved)
        };
        thread::scope(|scope| {
            let thread = spawn(scope, name, move || span.in_scope(|| caught(name, saves)))?;
            let mut last_sign = Instant::now();
            let sent = loop {
                match pieces.recv_timeout(SAVE_TICK) {
                    Ok(piece) => {
                        if let Err(trouble) = send(channel, &piece) {
                            break Err(trouble);
                        }
                        last_sign = Instant::now();
                    }
                    Err(RecvTimeoutError::Disconnected) => break Ok(()),
                    Err(RecvTimeoutError::Timeout) => {}
                }
                if let Some(over) = visit.over() {
                    break Err(Trouble::Over(over));
                }
                if last_sign.elapsed() >= SIGN_OF_LIFE {
                    show_life(channel, visit);
                    last_sign = Instant::now();
                }
            };
            // A guest that still saves learns that nobody needs it.
            drop(pieces);
            let saved = joined(thread);
            sent?;
            Ok(saved?)
        })
    }

    /// Lets the guest go at its full speed, whatever it makes of that.
    pub(crate) fn throttle_off(&self) {
        if let Err(error) = caught("throttle", || self.guest.throttle(0)) {
            tracing::error!(%error, "the guest may still be slowed down");
        }
    }

    /// Stops the dirty log, whatever the guest makes of that.
    pub(crate) fn stop_dirty_log(&self) {
        if let Err(error) = caught("stop_dirty_log", || {
            self.guest.stop_dirty_log();
            Ok(())
        }) {
            tracing::error!(%error, "the dirty log may still be on");
        }
    }

    fn attend<T: Send>(
        &self,
        name: &'static str,
        channel: &mut Option<Channel>,
        visit: &Visit,
        call: impl FnOnce(&dyn Guest) -> Result<T, GuestError> + Send,
        give_up: impl FnOnce(&dyn Guest),
    ) -> Result<T, Trouble> {
        let guest = &*self.guest;
        let span = tracing::debug_span!("guest", call = name);
        let called = move || span.in_scope(|| caught(name, || call(guest)));
        let Ok(done) = Raiser::new() else {
            // Without a descriptor there is nothing to wait with; the call is made all the same.
            return Ok(called()?);
        };
        thread::scope(|scope| {
            let done = &done;
            let thread = spawn(scope, name, move || {
                let result = called();
                done.raise();
                result
            })?;
            self.watch(done, channel, visit, give_up);
            if let Some(rescue) = &self.rescue {
                let lasts = Visit::detached(None);
                while Wait::new(&lasts, RESCUE_TICK).until_ready(done.as_fd(), PollFlags::IN, Instant::now()).is_err() {
                    rescue();
                }
            }
            Ok(joined(thread)?)
        })
    }

    /// Keeps the peer informed until the call is done or the visit is over.
    fn watch(&self, done: &Raiser, channel: &mut Option<Channel>, visit: &Visit, give_up: impl FnOnce(&dyn Guest)) {
        loop {
            let tick = Wait::new(visit, SIGN_OF_LIFE);
            match tick.until_ready(done.as_fd(), PollFlags::IN, Instant::now()) {
                Ok(()) => return,
                Err(error) if error.kind() == ChannelErrorKind::TimedOut => {}
                Err(_) => break,
            }
            show_life(channel, visit);
            if let Some(rescue) = &self.rescue {
                rescue();
            }
        }
        if self.when_over == WhenOver::HangUp
            && let Some(channel) = channel
        {
            if let Err(error) = send_farewell(channel, CANCELLED) {
                tracing::debug!(%error, "the peer does not know why this side hangs up");
            }
            channel.end_writing();
        }
        if let Err(error) = caught("give_up_stop", || {
            give_up(&*self.guest);
            Ok(())
        }) {
            tracing::error!(%error, "the guest was not asked to give up stopping");
        }
    }
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: &str,
    call: impl FnOnce() -> Result<T, GuestError> + Send + 'scope,
) -> Result<thread::ScopedJoinHandle<'scope, Result<T, GuestError>>, GuestError> {
    thread::Builder::new().name(format!("guest {name}")).spawn_scoped(scope, call).map_err(|error| {
        GuestError::with_source(format!("the guest cannot be called (`{name}`): no thread can be made"), error)
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, Result<T, GuestError>>) -> Result<T, GuestError> {
    let panicked = |panic: Box<dyn Any + Send>| GuestError::new(format!("the guest panicked: {}", panic_text(&*panic)));
    thread.join().unwrap_or_else(|panic| Err(panicked(panic)))
}

/// Gives the peer a sign of life. If it is gone, the next thing that is said to it finds that out.
fn show_life(channel: &mut Option<Channel>, visit: &Visit) {
    if let Some(channel) = channel
        && let Err(error) = send_keep_alive(channel, &Wait::new(visit, visit.timeout()))
    {
        tracing::debug!(%error, "no sign of life could be sent");
    }
}

fn resume(guest: &dyn Guest, was_running: WasRunning) -> Result<(), GuestError> {
    match was_running {
        WasRunning::Yes => caught("run", || guest.run()),
        WasRunning::No => caught("stay_paused", || guest.stay_paused()),
    }
}

/// Makes a panic of the guest an error.
fn caught<T>(name: &str, call: impl FnOnce() -> Result<T, GuestError>) -> Result<T, GuestError> {
    // The guest answers for its own state: it is shared with threads of the VMM, which see what a panic left there.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        Err(GuestError::new(format!("the guest panicked in `{name}`: {}", panic_text(&*panic))))
    })
}
