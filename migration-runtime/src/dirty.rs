//! Which pages have yet to be sent: one bit a page, in the order of the layout.
//!
//! Every region begins at a new word, as it does in KVM's logs, so that a log is merged word by word.

use crate::memory::{Layout, PAGE_BYTES, PageRun, Region};

const BITS: u64 = u64::BITS as u64;

/// A set of pages of one memory layout.
// Invariant: bits past the end of a region are clear; `count` is the number of set bits; no bit is set in a word below
// `first`.
#[derive(Clone, Debug)]
pub struct DirtyBitmap {
    regions: Vec<Span>,
    words: Vec<u64>,
    count: u64,
    first: usize,
}

/// A region and its part of the words.
#[derive(Clone, Copy, Debug)]
struct Span {
    region: Region,
    word: usize,
}

impl DirtyBitmap {
    /// A set without pages.
    pub fn new(layout: &Layout) -> DirtyBitmap {
        let mut regions = Vec::with_capacity(layout.regions().len());
        let mut word = 0;
        for &region in layout.regions() {
            let span = Span { region, word };
            word += span.words();
            regions.push(span);
        }
        DirtyBitmap { regions, words: vec![0; word], count: 0, first: word }
    }

    /// Adds all pages.
    pub fn set_all(&mut self) {
        for index in 0..self.regions.len() {
            let span = self.regions[index];
            for offset in 0..span.words() {
                self.merge_word(span, offset, u64::MAX);
            }
        }
    }

    /// Adds the page that holds this guest physical address; says whether there is such a page.
    pub fn set(&mut self, address: u64) -> bool {
        let at = self.regions.partition_point(|span| span.region.start <= address);
        let Some(span) = at.checked_sub(1).map(|index| self.regions[index]) else {
            return false;
        };
        let page = (address - span.region.start) / PAGE_BYTES;
        if page >= span.pages() {
            return false;
        }
        self.merge_word(span, (page / BITS) as usize, 1 << (page % BITS));
        true
    }

    /// Adds the pages of one region, as a log of words, lowest page in the lowest bit, gives them.
    ///
    /// `region` is an index into [`Layout::regions`]. Bits past the end of the region mean nothing.
    ///
    /// # Panics
    /// When there is no such region.
    pub fn merge_words(&mut self, region: usize, words: &[u64]) {
        let span = self.regions[region];
        for (offset, &word) in words.iter().take(span.words()).enumerate() {
            if word != 0 {
                self.merge_word(span, offset, word);
            }
        }
    }

    /// Takes the first pages out of the set: a run of neighbours within one region, of at most `pages_max`.
    pub fn take_run(&mut self, pages_max: u64) -> Option<PageRun> {
        let (span, page) = self.first_page()?;
        let pages = self.run_length(span, page, pages_max.max(1));
        for (word, mask) in span.masks(page, pages) {
            self.words[word] &= !mask;
        }
        self.count -= pages;
        Some(span.run(page, pages))
    }

    /// Takes pages as [`take_run`](DirtyBitmap::take_run) does, but those that come first at or after `address`; from the
    /// beginning if there are none.
    pub fn take_run_from(&mut self, address: u64, pages_max: u64) -> Option<PageRun> {
        let Some((span, page)) = self.page_from(address) else {
            return self.take_run(pages_max);
        };
        let pages = self.run_length(span, page, pages_max.max(1));
        let run = span.run(page, pages);
        self.remove(run);
        Some(run)
    }

    /// Returns the parts of `run` that are in the set, in order.
    pub fn parts_of(&self, run: PageRun) -> Vec<PageRun> {
        let end = run.address.saturating_add(run.bytes());
        let mut parts = Vec::new();
        let mut from = run.address;
        while from < end {
            let Some((span, page)) = self.page_from(from).filter(|(span, page)| span.run(*page, 1).address < end)
            else {
                break;
            };
            let start = span.run(page, 1).address;
            let part = PageRun { address: start, pages: self.run_length(span, page, (end - start) / PAGE_BYTES) };
            from = part.address + part.bytes();
            parts.push(part);
        }
        parts
    }

    /// Returns whether all pages of `run` are in the set.
    pub fn contains(&self, run: PageRun) -> bool {
        self.parts_of(run) == [run]
    }

    /// The set as words, lowest page in the lowest bit; every region begins at a new word.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Adds the pages of the words from `word` on, and returns whether all of them are pages of the layout. Otherwise
    /// some of them may have been added.
    pub fn add_words(&mut self, word: usize, words: &[u64]) -> bool {
        for (index, &bits) in (word..).zip(words) {
            let at = self.regions.partition_point(|span| span.word <= index);
            let Some(span) = at.checked_sub(1).map(|at| self.regions[at]) else {
                return false;
            };
            let offset = index - span.word;
            if offset >= span.words() || bits & !span.word_mask(offset) != 0 {
                return false;
            }
            self.merge_word(span, offset, bits);
        }
        true
    }

    /// Takes the pages of a run out of the set, whether or not they are in it.
    ///
    /// # Panics
    /// When the run is not within one region of the layout.
    pub fn remove(&mut self, run: PageRun) {
        let at = self.regions.partition_point(|span| span.region.start <= run.address);
        let span = self.regions[at.checked_sub(1).expect("a run within a region")];
        let page = (run.address - span.region.start) / PAGE_BYTES;
        assert!(page + run.pages <= span.pages(), "a run within a region");
        for (word, mask) in span.masks(page, run.pages) {
            self.count -= u64::from((self.words[word] & mask).count_ones());
            self.words[word] &= !mask;
        }
    }

    /// Adds the pages of another set of the same layout.
    ///
    /// # Panics
    /// When the other is of another size.
    pub fn merge(&mut self, other: &DirtyBitmap) {
        assert_eq!(self.words.len(), other.words.len(), "sets of one layout");
        self.first = self.first.min(other.first);
        for (word, more) in self.words.iter_mut().zip(&other.words).skip(other.first) {
            self.count += u64::from((more & !*word).count_ones());
            *word |= more;
        }
    }

    /// Returns how many pages are in this set or in another of the same layout.
    pub fn union_count(&self, other: &DirtyBitmap) -> u64 {
        let more = self.words.iter().zip(&other.words).skip(other.first);
        self.count + more.map(|(word, more)| u64::from((more & !word).count_ones())).sum::<u64>()
    }

    /// Takes all pages out of the set.
    pub fn clear(&mut self) {
        self.words[self.first..].fill(0);
        (self.count, self.first) = (0, self.words.len());
    }

    /// The number of pages in the set.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The bytes of the pages in the set.
    pub fn bytes(&self) -> u64 {
        self.count * PAGE_BYTES
    }

    /// Whether the set has no pages.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The pages of the set, one guest physical address each, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.regions.iter().flat_map(move |span| {
            (0..span.pages())
                .filter(move |page| self.words[span.word + (page / BITS) as usize] >> (page % BITS) & 1 == 1)
                .map(move |page| span.region.start + page * PAGE_BYTES)
        })
    }

    fn merge_word(&mut self, span: Span, offset: usize, bits: u64) {
        let bits = bits & span.word_mask(offset);
        let index = span.word + offset;
        let word = &mut self.words[index];
        self.count += u64::from((bits & !*word).count_ones());
        *word |= bits;
        if bits != 0 {
            self.first = self.first.min(index);
        }
    }

    fn first_page(&mut self) -> Option<(Span, u64)> {
        let found = self.words[self.first..].iter().position(|&word| word != 0);
        let Some(found) = found else {
            self.first = self.words.len();
            return None;
        };
        self.first += found;
        let at = self.regions.partition_point(|span| span.word <= self.first) - 1;
        let span = self.regions[at];
        let bit = u64::from(self.words[self.first].trailing_zeros());
        Some((span, (self.first - span.word) as u64 * BITS + bit))
    }

    /// The first page of the set at or after `address`.
    fn page_from(&self, address: u64) -> Option<(Span, u64)> {
        let at = self.regions.partition_point(|span| span.region.start <= address).saturating_sub(1);
        let mut page = address.saturating_sub(self.regions[at].region.start) / PAGE_BYTES;
        for &span in &self.regions[at..] {
            while page < span.pages() {
                let word = self.words[span.word + (page / BITS) as usize] >> (page % BITS);
                if word != 0 {
                    return Some((span, page + u64::from(word.trailing_zeros())));
                }
                page = (page / BITS + 1) * BITS;
            }
            page = 0;
        }
        None
    }

    fn run_length(&self, span: Span, page: u64, pages_max: u64) -> u64 {
        let mut pages = 0;
        while pages < pages_max && page + pages < span.pages() {
            let at = page + pages;
            let word = self.words[span.word + (at / BITS) as usize] >> (at % BITS);
            let ones = u64::from(word.trailing_ones());
            pages += ones;
            if ones < BITS - at % BITS {
                break;
            }
        }
        pages.min(pages_max)
    }
}

impl Span {
    fn pages(&self) -> u64 {
        self.region.bytes / PAGE_BYTES
    }

    fn words(&self) -> usize {
        self.pages().div_ceil(BITS) as usize
    }

    /// The bits of the word `offset` of this region that stand for pages.
    fn word_mask(&self, offset: usize) -> u64 {
        let pages_left = self.pages() - offset as u64 * BITS;
        if pages_left < BITS { (1 << pages_left) - 1 } else { u64::MAX }
    }

    fn run(&self, page: u64, pages: u64) -> PageRun {
        PageRun { address: self.region.start + page * PAGE_BYTES, pages }
    }

    /// The words that hold a run of pages of this region, each with the bits of the run.
    fn masks(&self, page: u64, pages: u64) -> impl Iterator<Item = (usize, u64)> + use<> {
        let first_word = self.word;
        (page / BITS..(page + pages).div_ceil(BITS)).map(move |word| {
            let low = page.saturating_sub(word * BITS);
            let high = (page + pages - word * BITS).min(BITS);
            let ones = if high - low == BITS { u64::MAX } else { (1 << (high - low)) - 1 };
            (first_word + word as usize, ones << low)
        })
    }
}

#[cfg(test)]
mod tests;
