//! What the threads that receive pages share.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::broken::Broken;
use crate::bell::Bell;
use crate::channel::Raiser;
use crate::dirty::DirtyBitmap;
use crate::memory::Memory;
use crate::progress::Progress;
use crate::transfer::landing::{Landing, Missing};

/// How long the source may take to say why it hung up.
const EXPLANATION_MAX: Duration = Duration::from_secs(2);

/// The memory, and how far the connections have come.
#[derive(Debug)]
pub(super) struct Inbox {
    memory: Memory,
    progress: Arc<Progress>,
    missing: Missing,
    pub(super) count: usize,
    /// How long the source may be silent on each connection.
    pub(super) silence: Option<Duration>,
    pub(super) over: Raiser,
    pub(super) news: Bell,
    pub(super) moved: AtomicU64,
    pub(super) ended: AtomicUsize,
    pub(super) broken: Broken,
}

impl Inbox {
    /// For so many connections, over which nothing has come.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub(super) fn new(
        memory: &Memory,
        progress: Arc<Progress>,
        missing: DirtyBitmap,
        silence: Option<Duration>,
        count: usize,
    ) -> io::Result<Inbox> {
        Ok(Inbox {
            memory: memory.clone(),
            progress,
            missing: Arc::new(Mutex::new(missing)),
            count,
            silence,
            over: Raiser::new()?,
            news: Bell::new()?,
            moved: AtomicU64::new(0),
            ended: AtomicUsize::new(0),
            broken: Broken::new(EXPLANATION_MAX),
        })
    }

    /// Where the pages of one more connection arrive.
    pub(super) fn landing(&self) -> Landing {
        Landing::new(&self.memory, Arc::clone(&self.progress), Arc::clone(&self.missing))
    }
}
