//! What is missing, who waits for it, and what the source still owes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Figures;
use crate::dirty::DirtyBitmap;
use crate::memory::{PAGE_BYTES, PageRun};

/// How a page came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Via {
    /// Somebody asked for it.
    Pull,
    /// The source sent it unasked.
    Push,
}

/// The destination's books. They are kept apart from the work: nothing here waits or touches memory.
// Invariant: a page leaves `missing` only after it is in memory, never the other way round.
#[derive(Debug)]
pub(super) struct Ledger {
    missing: DirtyBitmap,
    /// Pages that the source may push on the present connection: each once.
    owed: DirtyBitmap,
    /// Pages that were asked for on the present connection and have not been answered, and since when. A page leaves only
    /// after it has left `missing`.
    asked: BTreeMap<u64, Instant>,
    /// Threads that wait for a page, and since when.
    waiting: BTreeMap<u64, Vec<(u32, Instant)>>,
    figures: Figures,
}

impl Ledger {
    /// The books of a memory in which these pages are missing.
    pub(super) fn new(missing: DirtyBitmap) -> Ledger {
        let owed = missing.clone();
        Ledger { missing, owed, asked: BTreeMap::new(), waiting: BTreeMap::new(), figures: Figures::default() }
    }

    /// The pages that are missing.
    pub(super) fn missing(&self) -> &DirtyBitmap {
        &self.missing
    }

    /// What was counted so far.
    pub(super) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Begins with a new connection for pushed pages, on which everything that is missing is owed, and returns that.
    pub(super) fn owe_again(&mut self) -> DirtyBitmap {
        self.owed = self.missing.clone();
        self.missing.clone()
    }

    /// Begins with a new connection for requests. Returns the pages that somebody waits for: they have to be asked for
    /// there.
    pub(super) fn ask_again(&mut self) -> Vec<u64> {
        self.asked.clear();
        self.waiting.keys().copied().filter(|&page| self.missing.contains(one(page))).collect()
    }

    /// Notes that a thread waits for a page. Returns whether the page is missing.
    pub(super) fn wait(&mut self, page: u64, thread: u32, now: Instant) -> bool {
        let missing = self.missing.contains(one(page));
        if missing {
            self.waiting.entry(page).or_default().push((thread, now));
        }
        missing
    }

    /// Notes that a page is about to be asked for. Returns false if it was already.
    pub(super) fn ask(&mut self, page: u64, now: Instant) -> bool {
        let new = self.asked.insert(page, now).is_none();
        self.figures.requests += u64::from(new);
        new
    }

    /// When the oldest request that has not been answered was sent.
    pub(super) fn oldest_ask(&self) -> Option<Instant> {
        self.asked.values().min().copied()
    }

    /// Takes note of pages that are about to come. Returns false when the source may not send them.
    pub(super) fn admit(&mut self, run: PageRun, via: Via) -> bool {
        match via {
            Via::Push if self.owed.contains(run) => {
                self.owed.remove(run);
                true
            }
            Via::Push => false,
            Via::Pull => pages(run).all(|page| self.asked.contains_key(&page)),
        }
    }

    /// Takes note that a request for pages was answered, and that the pages are in memory.
    pub(super) fn answered(&mut self, run: PageRun) {
        for page in pages(run) {
            self.asked.remove(&page);
        }
    }

    /// Takes note of pages that are in memory now, of which the kernel filled `filled`. Returns whether nothing is
    /// missing any more.
    pub(super) fn arrived(&mut self, run: PageRun, filled: u64, zero: bool, via: Via, now: Instant) -> bool {
        self.missing.remove(run);
        let pages = match via {
            Via::Pull => &mut self.figures.pulled_pages,
            Via::Push => &mut self.figures.pushed_pages,
        };
        *pages += filled;
        self.figures.zero_pages += if zero { filled } else { 0 };
        self.figures.crossed_pages += run.pages - filled;
        let mut waited: BTreeMap<u64, Vec<(u32, Instant)>> = self.waiting.split_off(&run.address);
        self.waiting.append(&mut waited.split_off(&(run.address + run.bytes())));
        for (thread, since) in waited.into_values().flatten() {
            self.figures.waited(thread, now.saturating_duration_since(since));
        }
        self.missing.is_empty()
    }

    /// Counts pages that came although they were here.
    pub(super) fn crossed(&mut self, pages: u64) {
        self.figures.crossed_pages += pages;
    }

    /// How many pages are missing without having been asked for.
    pub(super) fn unasked(&self) -> u64 {
        let asked = self.asked.keys().filter(|&&page| self.missing.contains(one(page))).count();
        self.missing.count() - asked as u64
    }

    /// How long the threads that wait now have waited, the longest.
    pub(super) fn longest_wait(&self, now: Instant) -> Option<Duration> {
        let since = self.waiting.values().flatten().map(|&(_, since)| since).min()?;
        Some(now.saturating_duration_since(since))
    }
}

fn one(page: u64) -> PageRun {
    PageRun { address: page, pages: 1 }
}

fn pages(run: PageRun) -> impl Iterator<Item = u64> {
    (0..run.pages).map(move |page| run.address + page * PAGE_BYTES)
}
