//! What a VMM brings: a guest whose memory can be read and written, which can be stopped, and which can be told apart
//! from the one that is sent. The runtime never looks into the device state; it only carries it.

use std::error::Error;
use std::io::{Read, Write};

use crate::dirty::DirtyBitmap;
use crate::memory::Memory;

/// A guest that can be migrated.
///
/// # The order of calls
///
/// On the source: [`memory`](Guest::memory) when the work is made; [`describe`](Guest::describe);
/// [`start_dirty_log`](Guest::start_dirty_log); in each round [`save_round`](Guest::save_round) and, every tenth of a
/// second or so, [`harvest_dirty_log`](Guest::harvest_dirty_log); [`is_running`](Guest::is_running),
/// [`stop`](Guest::stop), a harvest, [`save`](Guest::save), a last harvest. If the attempt fails or is cancelled, whatever
/// it had come to, [`stop_dirty_log`](Guest::stop_dirty_log) and, if `stop` was called, [`run`](Guest::run) or
/// [`stay_paused`](Guest::stay_paused).
///
/// On the destination: [`admit`](Guest::admit), `memory`, [`load_round`](Guest::load_round) for each section of the
/// source's rounds, [`load`](Guest::load) once memory is complete, and after the hand-over `run` or `stay_paused`.
///
/// Each call is made on a thread of its own, so a guest cannot rely on anything that belongs to a thread. No two of them
/// run at once, except [`give_up_stop`](Guest::give_up_stop) during `stop` and `admit` during nothing else.
///
/// # How long a call may take, and what happens when it fails
///
/// The peer gets a sign of life every second while a call lasts, so a slow call is no dead peer. `stop`, the harvest after
/// it, `save`, `load` and `run` are downtime. After the hand-over the source waits only so long for word that the guest
/// runs (the timeout of the state `handing_over` in the table): `run` has to return well within that, and whatever may
/// take long belongs into `load`. Signs of life do not hold a peer for ever: a call that keeps it waiting for more than ten
/// times the timeout of its state (five minutes by the table's default) ends the attempt, and so does a switchover, from
/// the stop of the guest to the end of `load`, that takes longer than that.
///
/// An error ends the attempt as a failure, with the error's words and those of its causes, which the peer is told too. A
/// panic is an error. The guest then goes on as it was on the source; what has arrived on the destination is worth nothing,
/// and the guest there is never run.
///
/// # Memory and devices
///
/// Memory must keep its layout for the whole attempt: no region may be added, removed or mapped again. On the source
/// anything may write memory until `stop` returns, and `save` may write what devices still had in hand; after that nothing
/// may, until `run`. On the destination nobody but the runtime may touch memory before `load`.
///
/// A page must be **marked in the dirty log after it was written, never before**. Marks are taken first and pages are read
/// then: a mark that comes early can be taken before the write is there, and the write is lost.
///
/// # Post-copy
///
/// A post-copy needs memory that userfaultfd can watch on the destination: private anonymous memory or a shared memfd, in
/// pages of 4 KiB, not locked, and neither unmapped, moved nor forked meanwhile. `load` is called before memory is complete:
/// whoever touches a page that is missing, in `load`, in `run` or later, waits until it has come from the source. If the
/// connection breaks during `load` or `run`, such a wait ends with a page of zeroes, the call may return what it likes, and
/// the guest is stopped. While a post-copy is paused, a vCPU that needs a missing page waits without a bound; `stop` then
/// cannot return before the page comes, so give it a bound of its own if a user may call it.
///
/// When the user gives a paused post-copy up, the guest is lost: the runtime calls `stop`, and half a second later lets
/// every wait end with zeroes. `stop` has to tell all vCPUs to stop before it waits for any of them.
///
/// A `save_round` whose write fails because a post-copy was started has moved nothing: its state belongs into `save`.
///
/// # Disks and other things that one host has at a time
///
/// Finish all requests in `stop`, write caches back and release the locks of disk images at the end of `save`: after it
/// the source does not touch them any more. Take the locks in `run` and in `stay_paused`, on the destination and, if the
/// attempt fails, on the source. A lock that the destination cannot have is an error of its `run`: the source is told, and
/// the guest goes on there.
///
/// # A guest that its user paused
///
/// A paused guest can be migrated, arrives paused, and stays paused if the attempt fails. The runtime asks once, by
/// `is_running`, before it calls `stop`. Between that and the end of the attempt the VMM has to hold its user's `pause` and
/// `resume` back, refuse them, or see to it that `run` does what the user said last.
///
/// # After each ending
///
/// | Source | Destination | What the operator does |
/// | --- | --- | --- |
/// | completed | completed | ends the source's process; it must not run the guest again |
/// | cancelled, failed | failed | nothing: the guest goes on at the source, and can be migrated again to a destination that waits anew |
/// | failed, post-copy given up | failed, given up | the guest is lost; if the destination never started it, it is run at the source by hand |
/// | failed after the hand-over, in doubt | any | looks at the destination: where it has completed, the guest is there; where it has failed or is gone, the guest is run at the source by hand |
/// | failed, and the guest does not go on | failed | reads why in the outcome (`Here::Stuck` of the departure), mends that, and resumes the guest at the source |
///
/// A completed destination is the source of the next migration; to take in another guest it needs a new
/// [`Machine`](crate::machine::Machine).
pub trait Guest: Send + Sync {
    /// Returns all RAM of the guest: regions of whole pages at page-aligned addresses, in order.
    ///
    /// On the destination it is asked after [`admit`](Guest::admit), and may be made there.
    fn memory(&self) -> Memory;

    /// Describes the guest for [`admit`](Guest::admit) on the destination: what it needs to be built, such as its
    /// configuration and CPUID, and the version of its device state. At most
    /// [`DESCRIPTION_BYTES_MAX`](crate::wire::DESCRIPTION_BYTES_MAX) bytes, which the runtime does not look into.
    ///
    /// The guest runs. It must not change afterwards in what it said.
    ///
    /// # Errors
    /// When the guest cannot be moved as it is.
    fn describe(&self) -> Result<Vec<u8>, GuestError>;

    /// Judges the description of a guest that wants to come, before any memory, and may build the guest after it. Which
    /// versions of device state it takes is its own rule.
    ///
    /// It can be called again, with another description, if the source does not fit after all or leaves before it is
    /// chosen: the last call counts. The bytes come from a peer.
    ///
    /// # Errors
    /// When this guest cannot come here. The source's user is told the reason; a destination that listens waits for
    /// another source.
    fn admit(&self, description: &[u8]) -> Result<(), GuestError>;

    /// Starts or resumes the vCPUs and devices, and takes the locks of disks; no effect while the guest runs.
    ///
    /// The migration calls it where the guest ran before: on the destination once the source has handed the guest over,
    /// on the source after an attempt that failed or was cancelled once the guest had been stopped.
    ///
    /// # Errors
    /// When a vCPU cannot be started or a lock cannot be had; the guest is then stopped. On the destination the source goes
    /// on with the guest instead; on the source the guest stays stopped, which
    /// [`Here::Stuck`](crate::source::Here::Stuck) says.
    fn run(&self) -> Result<(), GuestError>;

    /// Takes note that the migration is over and the guest stays here, paused, as its user left it; takes the locks of
    /// disks.
    ///
    /// The migration calls it in place of [`run`](Guest::run) where the guest was paused before.
    ///
    /// # Errors
    /// When the guest cannot be kept here, paused.
    fn stay_paused(&self) -> Result<(), GuestError> {
        Ok(())
    }

    /// Stops the vCPUs and the devices, and returns when nothing but [`save`](Guest::save) will write memory; no effect
    /// while they are stopped.
    ///
    /// What it writes to memory, such as completed requests, must be marked in the dirty log before it returns.
    ///
    /// # Errors
    /// When a vCPU does not stop. The attempt then fails, and the guest goes on as it was, by [`run`](Guest::run).
    fn stop(&self) -> Result<(), GuestError>;

    /// Asks a [`stop`](Guest::stop) that has not returned yet to return early, with an error: the migration was
    /// cancelled. Called from another thread. Without it, a cancel takes effect when `stop` returns.
    fn give_up_stop(&self) {}

    /// Returns whether the guest runs, so that it goes on as it was: a guest that its user paused stays paused.
    ///
    /// The migration asks once, before it calls [`stop`](Guest::stop).
    fn is_running(&self) -> bool;

    /// Writes to `state` all state of a stopped guest that is not in its memory. What is written leaves at once, in pieces;
    /// it has no bound. A write blocks while the connection takes nothing.
    ///
    /// Memory that it writes must be marked in the dirty log, which is read once more afterwards. When it returns, nothing
    /// writes memory any more and the locks of disks are released.
    ///
    /// # Errors
    /// When the guest runs, a device cannot be saved, or `state` takes no more because the attempt is over.
    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError>;

    /// Reads from `state` what [`save`](Guest::save) wrote on the other side, all of it, into a stopped guest. All memory
    /// has arrived by then, unless a post-copy was started.
    ///
    /// # Errors
    /// When the guest runs or the bytes are not such a state: they come from a peer.
    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError>;

    /// Writes to `state` what can be moved of the device state while the guest runs, and returns how many bytes are left
    /// for [`save`](Guest::save), as far as that is known. Called once in each round of memory.
    ///
    /// # Errors
    /// As [`save`](Guest::save).
    fn save_round(&self, state: &mut dyn Write) -> Result<u64, GuestError> {
        let _ = state;
        Ok(0)
    }

    /// Reads from `state` what one call of [`save_round`](Guest::save_round) wrote on the other side. Called only where
    /// that wrote anything, while memory still arrives.
    ///
    /// # Errors
    /// When the bytes are not what this guest expects: they come from a peer.
    fn load_round(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        let _ = state;
        Err(GuestError::new("this guest has no device state that arrives in rounds"))
    }

    /// Slows the vCPUs down: of their time they sleep `percent`, from 0 (none) to 99. Called while the guest runs, if the
    /// user has switched auto-converge on; with 0 once that is over. Without it, auto-converge has no effect.
    ///
    /// # Errors
    /// When the vCPUs cannot be slowed down. The attempt then fails.
    fn throttle(&self, percent: u8) -> Result<(), GuestError> {
        let _ = percent;
        Ok(())
    }

    /// Starts to record which pages are written.
    ///
    /// The guest runs. Every page is sent afterwards, so marks from before may be forgotten.
    ///
    /// # Errors
    /// When there is no way to record it.
    fn start_dirty_log(&self) -> Result<(), GuestError>;

    /// Marks in `into` the pages that were written since the start or the last harvest, and forgets them.
    ///
    /// # Errors
    /// When the log is not running or cannot be read; pages may then be lost, so the attempt must end.
    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError>;

    /// Stops to record writes; no effect while nothing is recorded. Called at the end of every attempt of a source, before
    /// the guest goes on. What it cannot do is its own affair: the attempt is over.
    fn stop_dirty_log(&self);
}

/// Why a guest could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct GuestError {
    text: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl GuestError {
    /// An error that is told in one lower-case sentence without a full stop.
    pub fn new(text: impl Into<String>) -> GuestError {
        GuestError { text: text.into(), source: None }
    }

    /// An error with the one that caused it.
    pub fn with_source(text: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> GuestError {
        GuestError { text: text.into(), source: Some(source.into()) }
    }
}
