//! What the threads that send pages share.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::broken::Broken;
use crate::bell::Bell;
use crate::channel::Raiser;
use crate::memory::Memory;
use crate::progress::Progress;

/// How long the destination may take to say why it hung up.
const EXPLANATION_MAX: Duration = Duration::from_millis(500);

/// The memory, and how far the connections have come.
#[derive(Debug)]
pub(super) struct Outbox {
    pub(super) memory: Memory,
    pub(super) progress: Arc<Progress>,
    silence: Mutex<Option<Duration>>,
    pub(super) over: Raiser,
    pub(super) news: Bell,
    /// Whether somebody waits for each piece that leaves.
    pub(super) tells_each: AtomicBool,
    pub(super) sent: AtomicU64,
    pub(super) taken: AtomicU64,
    pub(super) broken: Broken,
}

impl Outbox {
    /// Nothing has been sent. The destination may be silent on each connection for `silence`.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub(super) fn new(memory: &Memory, progress: Arc<Progress>, silence: Option<Duration>) -> io::Result<Outbox> {
        Ok(Outbox {
            memory: memory.clone(),
            progress,
            silence: Mutex::new(silence),
            over: Raiser::new()?,
            news: Bell::new()?,
            tells_each: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            broken: Broken::new(EXPLANATION_MAX),
        })
    }

    /// Returns how long the destination may be silent on each connection.
    pub(super) fn silence(&self) -> Option<Duration> {
        *self.silence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_silence(&self, silence: Option<Duration>) {
        *self.silence.lock().unwrap_or_else(PoisonError::into_inner) = silence;
    }
}
