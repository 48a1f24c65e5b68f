//! Frames of pages that leave in one system call, straight from guest memory.

use super::flow::{Sent, push};
use crate::channel::{Channel, ChannelError, Part, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Holes, Memory, PAGE_BYTES, PageRun, Pages};
use crate::wire::{FRAME_PAGES_MAX, Frame, HEADER_BYTES};

/// As many frames as this fill a batch. With the pages of all of them it stays below the kernel's 1024 pieces a call.
const FRAMES_MAX: usize = 64;

/// The most pages that are looked at for one batch, so that a memory full of zeroes does not keep an interrupt waiting.
const SCAN_PAGES_MAX: u64 = 16384;

/// Pages that will be sent together.
pub(crate) struct Batch<'m> {
    memory: &'m Memory,
    pieces: Vec<Piece<'m>>,
    normal_pages: u64,
    zero_pages: u64,
}

/// What becomes of neighbouring pages.
enum Piece<'m> {
    Pages(PageRun, Pages<'m>),
    Zeroes(PageRun),
}

impl<'m> Batch<'m> {
    /// Takes pages out of `dirty`, as many as fit into `bytes_max`, at least one if there is one. Runs of at
    /// least `look_pages_min` pages may have pages that were never touched: `holes` tells.
    ///
    /// # Panics
    /// When the bitmap is of another memory.
    pub(super) fn take(
        memory: &'m Memory,
        dirty: &mut DirtyBitmap,
        holes: &mut Holes,
        look_pages_min: u64,
        bytes_max: u64,
    ) -> Batch<'m> {
        let mut batch = Batch { memory, pieces: Vec::with_capacity(FRAMES_MAX), normal_pages: 0, zero_pages: 0 };
        let pages_max = (bytes_max / PAGE_BYTES).max(1);
        while batch.normal_pages < pages_max
            && batch.normal_pages + batch.zero_pages < SCAN_PAGES_MAX
            && batch.pieces.len() < FRAMES_MAX
        {
            // A run that alternates between data and zeroes makes a piece of each page, so the last may overshoot
            // FRAMES_MAX by FRAME_PAGES_MAX.
            let run_pages_max = FRAME_PAGES_MAX.min(pages_max - batch.normal_pages);
            let Some(run) = dirty.take_run(run_pages_max) else {
                break;
            };
            batch.add(run, holes, look_pages_min);
        }
        batch
    }

    /// The pages of one run, which was taken out of a bitmap of `memory`. `holes` and `look_pages_min` are as for
    /// [`take`](Batch::take).
    ///
    /// # Panics
    /// When the memory has no such pages.
    pub(crate) fn of(memory: &'m Memory, run: PageRun, holes: &mut Holes, look_pages_min: u64) -> Batch<'m> {
        let mut batch = Batch { memory, pieces: Vec::new(), normal_pages: 0, zero_pages: 0 };
        batch.add(run, holes, look_pages_min);
        batch
    }

    /// The pages of several runs, as [`of`](Batch::of).
    ///
    /// # Panics
    /// When the memory has no such pages.
    pub(super) fn of_all(memory: &'m Memory, runs: &[PageRun], holes: &mut Holes, look_pages_min: u64) -> Batch<'m> {
        let mut batch = Batch { memory, pieces: Vec::new(), normal_pages: 0, zero_pages: 0 };
        runs.iter().for_each(|&run| batch.add(run, holes, look_pages_min));
        batch
    }

    /// Puts the pages back into the bitmap that they were taken from.
    pub(super) fn give_back(&self, dirty: &mut DirtyBitmap) {
        for piece in &self.pieces {
            let (Piece::Pages(run, _) | Piece::Zeroes(run)) = piece;
            for page in 0..run.pages {
                dirty.set(run.address + page * PAGE_BYTES);
            }
        }
    }

    /// Pages that go with their contents.
    pub(super) fn normal_pages(&self) -> u64 {
        self.normal_pages
    }

    /// Pages that are named as zeroes.
    pub(super) fn zero_pages(&self) -> u64 {
        self.zero_pages
    }

    /// Sends everything, unless the peer has something to say when the channel is full.
    pub(crate) fn send(&self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        self.with_parts(|parts| push(channel, parts, wait))
    }

    /// Sends everything, whatever the peer says.
    pub(crate) fn send_all(&self, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.with_parts(|parts| channel.write_parts(parts, wait))
    }

    fn with_parts<T>(&self, send: impl FnOnce(&mut [Part<'_>]) -> T) -> T {
        let headers: Vec<[u8; HEADER_BYTES]> = self.pieces.iter().map(Piece::header).collect();
        let mut parts = Vec::with_capacity(2 * headers.len());
        for (piece, header) in self.pieces.iter().zip(&headers) {
            parts.push(Part::from(&header[..]));
            match piece {
                Piece::Pages(_, pages) => parts.push(Part::from(*pages)),
                Piece::Zeroes(_) => {}
            }
        }
        send(&mut parts)
    }

    /// Splits a run into data and zeroes.
    fn add(&mut self, run: PageRun, holes: &mut Holes, look_pages_min: u64) {
        let pages = self.find(run);
        let looks = run.pages >= look_pages_min;
        if looks {
            holes.look(self.memory, run);
        }
        let is_zero = |page: u64| looks && holes.is_hole(page) || pages.is_zero(page as usize);
        let mut start = 0;
        let mut zero = is_zero(start);
        while start < run.pages {
            let (mut end, mut zero_after) = (start + 1, zero);
            while end < run.pages {
                zero_after = is_zero(end);
                if zero_after != zero {
                    break;
                }
                end += 1;
            }
            let part = PageRun { address: run.address + start * PAGE_BYTES, pages: end - start };
            if zero {
                self.add_zeroes(part);
            } else {
                self.normal_pages += part.pages;
                self.pieces.push(Piece::Pages(part, self.find(part)));
            }
            (start, zero) = (end, zero_after);
        }
    }

    /// Names pages as zeroes, in one frame with the ones before them where that is one region.
    fn add_zeroes(&mut self, run: PageRun) {
        self.zero_pages += run.pages;
        if let Some(Piece::Zeroes(last)) = self.pieces.last_mut() {
            let both = PageRun { address: last.address, pages: last.pages + run.pages };
            if last.address + last.bytes() == run.address && Pages::find(self.memory, both).is_some() {
                *last = both;
                return;
            }
        }
        self.pieces.push(Piece::Zeroes(run));
    }

    fn find(&self, run: PageRun) -> Pages<'m> {
        Pages::find(self.memory, run).expect("a bitmap of this memory")
    }
}

impl Piece<'_> {
    fn header(&self) -> [u8; HEADER_BYTES] {
        match self {
            Piece::Pages(run, _) => Frame::Pages(*run),
            Piece::Zeroes(run) => Frame::Zeroes(*run),
        }
        .encode()
    }
}
