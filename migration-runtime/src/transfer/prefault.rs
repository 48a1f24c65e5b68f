//! Lets the kernel allocate pages of the destination ahead of their arrival, on another thread.
//!
//! Receiving into memory that nobody has touched spends more time in allocating pages than in copying them. As a file
//! system reads ahead of a sequential reader, this touches memory ahead of a sequential stream of pages. The window
//! grows with the stream, so a guest that is mostly zeroes gets few pages that it does not need. Memory with a file is
//! left alone: it may be sparse, and has to stay so.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::memory::{Memory, PAGE_BYTES, PageRun, Pages};

/// The most pages that are allocated ahead of the stream: 16 MiB.
const WINDOW_PAGES_MAX: u64 = 4096;

/// The pages that are allocated by one call: the thread stops within the time that this takes.
const STEP_PAGES: u64 = 512;

/// Watches the stream of pages and keeps the thread ahead of it.
#[derive(Debug)]
pub(super) struct Prefault {
    memory: Memory,
    worker: Option<Worker>,
    stopped: bool,
    /// Where the stream goes on if it is sequential, and since how many pages it is.
    next: u64,
    streak: u64,
    /// Up to where pages were asked for.
    frontier: u64,
}

#[derive(Debug)]
struct Worker {
    steps: SyncSender<PageRun>,
    thread: JoinHandle<()>,
}

impl Prefault {
    /// Nothing is allocated until a stream is seen.
    pub(super) fn new(memory: &Memory) -> Prefault {
        Prefault { memory: memory.clone(), worker: None, stopped: false, next: 0, streak: 0, frontier: 0 }
    }

    /// Learns that a run of pages arrives.
    pub(super) fn expect_after(&mut self, run: PageRun) {
        if self.stopped {
            return;
        }
        let end = run.address + run.bytes();
        if run.address != self.next {
            self.streak = 0;
            self.frontier = end;
        }
        self.next = end;
        self.streak += run.pages;
        self.frontier = self.frontier.max(end);
        let target = end + self.streak.min(WINDOW_PAGES_MAX) * PAGE_BYTES;
        while self.frontier + STEP_PAGES * PAGE_BYTES <= target {
            let step = PageRun { address: self.frontier, pages: STEP_PAGES };
            if !self.memory.is_private_at(step.address) || Pages::find(&self.memory, step).is_none() || !self.ask(step)
            {
                break;
            }
            self.frontier += step.bytes();
        }
    }

    /// Allocates no more: every page has come once.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
        if let Some(Worker { steps, thread }) = self.worker.take() {
            drop(steps);
            if thread.join().is_err() {
                tracing::error!("the thread that allocates pages panicked");
            }
        }
    }

    /// Hands a step to the thread, unless it has enough to do.
    fn ask(&mut self, step: PageRun) -> bool {
        if self.worker.is_none() {
            self.worker = Worker::start(&self.memory);
        }
        self.worker.as_ref().is_some_and(|worker| worker.steps.try_send(step).is_ok())
    }
}

impl Drop for Prefault {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Worker {
    /// Starts the thread; without one, pages are allocated as they arrive.
    fn start(memory: &Memory) -> Option<Worker> {
        let (steps, received) = sync_channel((WINDOW_PAGES_MAX / STEP_PAGES) as usize);
        let memory = memory.clone();
        let thread =
            std::thread::Builder::new().name("prefault".to_owned()).spawn(move || populate(&memory, &received)).ok()?;
        Some(Worker { steps, thread })
    }
}

fn populate(memory: &Memory, steps: &Receiver<PageRun>) {
    while let Ok(step) = steps.recv() {
        let done = Pages::find(memory, step).map(|pages| pages.populate());
        // A kernel before 5.14 does not know how; then there is nothing to gain.
        if !matches!(done, Some(Ok(()))) {
            return;
        }
    }
}
