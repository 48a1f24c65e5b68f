//! A guest that is watched: it knows at every moment on how many sides it runs.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use migration_host::guest::verify::Verdict;
use migration_host::guest::{Contents, GuestKind, GuestOptions, HostedGuest, create};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::Memory;

/// On how many sides a guest runs, now and at most so far.
#[derive(Default)]
pub(crate) struct Watch {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Watch {
    /// On how many sides it ran at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One side's guest. It is counted as running before it may run and until it surely does not.
pub(crate) struct Watched {
    guest: Arc<dyn HostedGuest>,
    watch: Arc<Watch>,
    running: AtomicBool,
    /// Whether a dirty log runs.
    pub(crate) logs: AtomicBool,
    /// Whether it was ever started.
    pub(crate) ran: AtomicBool,
}

impl Watched {
    /// A guest of 1 MiB in plain memory that writes a few of its pages all the time.
    pub(crate) fn small(contents: Contents, watch: &Arc<Watch>) -> Arc<Self> {
        let options = GuestOptions {
            kind: GuestKind::Memory,
            memory_bytes: 1 << 20,
            hot_bytes: 64 << 10,
            pages_per_second: 2000,
            contents,
            ..GuestOptions::default()
        };
        Self::of(&options, watch)
    }

    pub(crate) fn of(options: &GuestOptions, watch: &Arc<Watch>) -> Arc<Self> {
        Arc::new(Self {
            guest: create(options).unwrap(),
            watch: Arc::clone(watch),
            running: AtomicBool::new(false),
            logs: AtomicBool::new(false),
            ran: AtomicBool::new(false),
        })
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.guest.kind()
    }

    /// Stops the guest for good and looks at its memory.
    pub(crate) fn verdict(&self) -> Verdict {
        self.stop().unwrap();
        self.guest.verdict().unwrap()
    }
}

impl Guest for Watched {
    fn memory(&self) -> Memory {
        self.guest.memory()
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        self.guest.describe()
    }

    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        self.guest.admit(description)
    }

    fn run(&self) -> Result<(), GuestError> {
        if !self.running.swap(true, Ordering::SeqCst) {
            self.watch.enter();
            self.ran.store(true, Ordering::SeqCst);
        }
        self.guest.run()
    }

    fn stop(&self) -> Result<(), GuestError> {
        self.guest.stop()?;
        if self.running.swap(false, Ordering::SeqCst) {
            self.watch.leave();
        }
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        self.guest.save(state)
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        self.guest.load(state)
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        self.logs.store(true, Ordering::SeqCst);
        self.guest.start_dirty_log()
    }

    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        self.guest.harvest_dirty_log(into)
    }

    fn stop_dirty_log(&self) {
        self.logs.store(false, Ordering::SeqCst);
        self.guest.stop_dirty_log();
    }
}
