//! What a VMM brings: a guest whose memory can be read and written, which can be stopped, and which can be told apart
//! from the one that is sent. The runtime never looks into the device state; it only carries it.

use std::error::Error;
use std::fmt;
use std::io::{Read, Write};

use crate::dirty::DirtyBitmap;
use crate::memory::Memory;

/// A guest that can be migrated.
///
/// All methods may be called from any thread. The memory is shared with running vCPUs, so whoever reads it while
/// [`is_running`](Guest::is_running) sees a mixture of old and new bytes; the dirty log makes up for that.
pub trait Guest: Send + Sync {
    /// Returns all RAM of the guest: regions of whole pages at page-aligned addresses, in order.
    fn memory(&self) -> Memory;

    /// What kind of guest this is and which version of device state it writes, such as `kvm-1`.
    ///
    /// Both sides of a migration must agree on it before a page is sent. At most
    /// [`KIND_BYTES_MAX`](crate::wire::KIND_BYTES_MAX) visible ASCII characters.
    fn kind(&self) -> &str;

    /// Starts or resumes the vCPUs; no effect while they run.
    ///
    /// The migration calls it where the guest ran before: on the destination once the source has handed the guest over,
    /// on the source after an attempt that failed or was cancelled once the guest had been stopped.
    ///
    /// # Errors
    /// When a vCPU cannot be started; the guest is then stopped.
    fn run(&self) -> Result<(), GuestError>;

    /// Takes note that the migration is over and the guest stays paused, as its user left it.
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
    /// # Errors
    /// When a vCPU does not stop. The attempt then fails, and the guest goes on as it was.
    fn stop(&self) -> Result<(), GuestError>;

    /// Asks a [`stop`](Guest::stop) that has not returned yet to return early, with an error: the migration was
    /// cancelled. Called from another thread. Without it, a cancel takes effect when `stop` returns.
    fn give_up_stop(&self) {}

    /// Returns whether the guest runs, so that it goes on as it was: a guest that its user paused stays paused.
    ///
    /// The migration asks once, before it calls [`stop`](Guest::stop).
    fn is_running(&self) -> bool;

    /// Writes to `state` all state of a stopped guest that is not in its memory. What is written leaves at once, in pieces;
    /// it has no bound.
    ///
    /// # Errors
    /// When the guest runs, a device cannot be saved, or `state` takes no more because the attempt is over.
    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError>;

    /// Reads from `state` what [`save`](Guest::save) wrote on the other side, all of it, into a stopped guest. All memory
    /// has arrived by then.
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
    /// # Errors
    /// When there is no way to record it.
    fn start_dirty_log(&self) -> Result<(), GuestError>;

    /// Marks in `into` the pages that were written since the start or the last harvest, and forgets them.
    ///
    /// # Errors
    /// When the log is not running or cannot be read; pages may then be lost, so the attempt must end.
    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError>;

    /// Stops to record writes; no effect while nothing is recorded.
    fn stop_dirty_log(&self);
}

/// Why a guest could not do what it was asked.
#[derive(Debug)]
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

impl fmt::Display for GuestError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Error for GuestError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
