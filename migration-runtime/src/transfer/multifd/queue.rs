//! What one connection for pages has to send.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::bell::Bell;
use crate::dirty::DirtyBitmap;
use crate::memory::{PAGE_BYTES, PageRun};

/// The most pages that wait for one connection: 4 MiB.
const WAITING_PAGES_MAX: u64 = 1024;

/// Whoever waits for room is told once no more pages than this wait.
const REFILL_PAGES: u64 = WAITING_PAGES_MAX / 2;

/// The most pages that a thread takes at once: 1 MiB.
const TAKEN_PAGES_MAX: u64 = 256;

/// The most runs that a thread takes at once.
const TAKEN_RUNS_MAX: usize = 64;

/// The queue of one connection: one thread fills it, another empties it.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Bell,
}

#[derive(Debug, Default)]
struct State {
    runs: VecDeque<PageRun>,
    pages: u64,
    look_pages_min: u64,
    asked: bool,
    ending: bool,
    /// Whether the thread is at what it took, and how many pages that are.
    busy: bool,
    taken: u64,
    ended: bool,
    /// Whether the thread found nothing to do, and has not been called since.
    rests: bool,
    /// Whether somebody waits for room.
    awaits_room: bool,
}

/// What is to be sent next.
#[derive(Debug)]
pub(super) enum Job {
    /// These pages. Runs of at least so many pages may have some that were never touched.
    Pages { runs: Vec<PageRun>, look_pages_min: u64 },
    /// The question whether everything has arrived.
    Question,
    /// The end of the memory, after which nothing follows.
    End,
}

impl Queue {
    pub(super) fn new() -> std::io::Result<Queue> {
        Ok(Queue { state: Mutex::default(), work: Bell::new()? })
    }

    /// Whether more pages may wait.
    pub(super) fn has_room(&self) -> bool {
        self.state().pages < WAITING_PAGES_MAX
    }

    /// Whether enough pages have left since there was no room. If not, the thread tells once they have.
    pub(super) fn await_room(&self) -> bool {
        let mut state = self.state();
        state.awaits_room = state.pages > REFILL_PAGES;
        !state.awaits_room
    }

    /// Returns how many pages wait, or were taken and may not have left yet.
    pub(super) fn on_their_way(&self) -> u64 {
        let state = self.state();
        state.pages + state.taken
    }

    /// Adds pages, whether or not there is room.
    pub(super) fn push(&self, run: PageRun, look_pages_min: u64) {
        self.call(|state| {
            state.pages += run.pages;
            state.runs.push_back(run);
            state.look_pages_min = look_pages_min;
        });
    }

    /// Asks whether everything has arrived, once everything has left.
    pub(super) fn ask(&self) {
        self.call(|state| state.asked = true);
    }

    /// Ends the memory, once everything has left.
    pub(super) fn end(&self) {
        self.call(|state| state.ending = true);
    }

    /// Whether everything has left, and every question was answered.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.runs.is_empty() && !state.asked && !state.busy
    }

    /// Whether the end of the memory has left.
    pub(super) fn has_ended(&self) -> bool {
        self.state().ended
    }

    /// Puts the pages that still wait back to where they came from.
    pub(super) fn give_back(&self, dirty: &mut DirtyBitmap) {
        let mut state = self.state();
        state.pages = 0;
        for run in state.runs.drain(..) {
            for page in 0..run.pages {
                dirty.set(run.address + page * PAGE_BYTES);
            }
        }
    }

    /// Takes what is to be sent next, and says whether somebody waits for that: it counts as sent only when this is asked
    /// again.
    pub(super) fn next(&self) -> (Option<Job>, bool) {
        let mut state = self.state();
        let job = state.next();
        (state.busy, state.rests) = (job.is_some(), job.is_none());
        let has_room = state.awaits_room && state.pages <= REFILL_PAGES;
        state.awaits_room &= !has_room;
        let is_awaited = has_room || state.rests;
        (job, is_awaited)
    }

    /// Notes that the thread heard the call. It asks for what is to be sent after that.
    pub(super) fn heard(&self) {
        self.work.silence();
    }

    /// Notes that the question was answered.
    pub(super) fn answered(&self) {
        self.state().asked = false;
    }

    /// Notes that the end of the memory has left.
    pub(super) fn ended(&self) {
        let mut state = self.state();
        (state.ended, state.busy) = (true, false);
    }

    /// Adds something to do, and calls the thread if it rests.
    fn call(&self, add: impl FnOnce(&mut State)) {
        let mut state = self.state();
        add(&mut state);
        if std::mem::take(&mut state.rests) {
            drop(state);
            self.work.ring();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<Job> {
        let (mut runs, mut pages) = (Vec::new(), 0);
        while pages < TAKEN_PAGES_MAX && runs.len() < TAKEN_RUNS_MAX {
            let Some(run) = self.runs.pop_front() else { break };
            pages += run.pages;
            runs.push(run);
        }
        self.pages -= pages;
        self.taken = pages;
        match (runs.is_empty(), self.asked, self.ending) {
            (false, _, _) => Some(Job::Pages { runs, look_pages_min: self.look_pages_min }),
            (true, true, _) => Some(Job::Question),
            (true, false, true) => Some(Job::End),
            (true, false, false) => None,
        }
    }
}

/// The descriptor that is readable when something was added.
impl AsFd for Queue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.work.as_fd()
    }
}
