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
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn layout() -> Layout {
        // 70 pages, then 64, then 3: ends within, at and before the end of a word.
        let regions = [(0, 70), (70, 64), (1000, 3)];
        let regions = regions.map(|(page, pages)| Region { start: page * PAGE_BYTES, bytes: pages * PAGE_BYTES });
        regions.to_vec().try_into().unwrap()
    }

    fn pages() -> Vec<u64> {
        (0..134).chain(1000..1003).map(|page| page * PAGE_BYTES).collect()
    }

    #[test]
    fn all_pages_are_taken_in_order_and_runs_stay_within_a_region() {
        let mut bitmap = DirtyBitmap::new(&layout());
        assert!(bitmap.is_empty());
        bitmap.set_all();
        assert_eq!(bitmap.count(), 137);
        assert_eq!(bitmap.iter().collect::<Vec<_>>(), pages());
        let runs: Vec<_> = std::iter::from_fn(|| bitmap.take_run(u64::MAX)).map(|run| run.pages).collect();
        assert_eq!(runs, [70, 64, 3]);
        assert!(bitmap.is_empty());
    }

    #[test]
    fn bits_past_the_end_of_a_region_mean_nothing() {
        let mut bitmap = DirtyBitmap::new(&layout());
        bitmap.merge_words(2, &[u64::MAX, u64::MAX]);
        bitmap.merge_words(0, &[0, u64::MAX, u64::MAX]);
        assert_eq!(bitmap.count(), 3 + 6);
        assert!(!bitmap.set(134 * PAGE_BYTES));
        assert!(!bitmap.set(u64::MAX));
        assert!(bitmap.set(1000 * PAGE_BYTES + 17));
        assert_eq!(bitmap.count(), 9);
    }

    #[test]
    fn words_that_are_not_pages_are_refused() {
        // Words 0 and 1 are of 70 pages, word 2 of 64, word 3 of 3.
        for (word, bits, fits) in [
            (1, 1 << 5, true),
            (1, 1 << 6, false),
            (2, 1 << 63, true),
            (3, 1 << 3, false),
            (4, 0, false),
            (9, 1, false),
        ] {
            assert_eq!(DirtyBitmap::new(&layout()).add_words(word, &[bits]), fits, "word {word}: {bits:#x}");
        }
    }

    proptest! {
        #[test]
        fn is_searched_like_a_set(
            chosen in prop::collection::btree_set(prop::sample::select(pages()), 0..60),
            from in 0..1010_u64,
            pages_max in 1..9_u64,
        ) {
            let mut bitmap = DirtyBitmap::new(&layout());
            for &page in &chosen {
                bitmap.set(page);
            }
            let all = PageRun { address: 0, pages: 1010 };
            let found: Vec<u64> = bitmap.parts_of(all).iter().flat_map(|run| {
                (0..run.pages).map(|page| run.address + page * PAGE_BYTES)
            }).collect();
            prop_assert_eq!(found, chosen.iter().copied().collect::<Vec<_>>());
            for run in bitmap.parts_of(all) {
                prop_assert!(bitmap.contains(run));
                let longer = PageRun { pages: run.pages + 1, ..run };
                prop_assert!(!bitmap.contains(longer));
                prop_assert!(layout().find(run).is_some());
            }
            let mut copy = DirtyBitmap::new(&layout());
            prop_assert!(copy.add_words(0, bitmap.words()));
            prop_assert_eq!(copy.iter().collect::<Vec<_>>(), bitmap.iter().collect::<Vec<_>>());

            let address = from * PAGE_BYTES;
            let expected = chosen.range(address..).next().or(chosen.first()).copied();
            let run = bitmap.take_run_from(address, pages_max);
            prop_assert_eq!(run.map(|run| run.address), expected);
            for page in run.iter().flat_map(|run| (0..run.pages).map(|page| run.address + page * PAGE_BYTES)) {
                prop_assert!(chosen.contains(&page));
            }
            prop_assert_eq!(bitmap.count() + run.map_or(0, |run| run.pages), chosen.len() as u64);
        }

        #[test]
        fn behaves_like_a_set(
            steps in prop::collection::vec((prop::sample::select(pages()), 0..9u64), 0..80),
            log in any::<[u64; 2]>(),
            removed in prop::collection::vec((70..100u64, 1..=34u64), 0..4),
        ) {
            let mut bitmap = DirtyBitmap::new(&layout());
            let mut model = BTreeSet::new();
            bitmap.merge_words(0, &log);
            model.extend((0..70).filter(|&page| log[page / 64] >> (page % 64) & 1 == 1).map(|page| page as u64 * PAGE_BYTES));
            for (address, pages_max) in steps {
                prop_assert!(bitmap.set(address));
                model.insert(address);
                let Some(run) = bitmap.take_run(pages_max) else { panic!("a page was just set") };
                prop_assert!(run.pages <= pages_max.max(1));
                let first = *model.first().unwrap();
                prop_assert_eq!(run.address, first);
                prop_assert!(layout().find(run).is_some());
                for page in 0..run.pages {
                    prop_assert!(model.remove(&(run.address + page * PAGE_BYTES)));
                }
                prop_assert_eq!(bitmap.count(), model.len() as u64);
                prop_assert_eq!(bitmap.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
            }
            let mut more = DirtyBitmap::new(&layout());
            more.merge_words(1, &log);
            let union: BTreeSet<u64> = model.iter().copied().chain(more.iter()).collect();
            prop_assert_eq!(bitmap.union_count(&more), union.len() as u64);
            bitmap.merge(&more);
            prop_assert_eq!(bitmap.count(), union.len() as u64);
            prop_assert_eq!(bitmap.iter().collect::<Vec<_>>(), union.into_iter().collect::<Vec<_>>());
            more.clear();
            prop_assert!(more.is_empty() && more.take_run(1).is_none());
            let mut other = DirtyBitmap::new(&layout());
            other.set_all();
            bitmap.set_all();
            prop_assert_eq!(bitmap.count(), 137);
            for (page, pages) in removed {
                bitmap.remove(PageRun { address: page * PAGE_BYTES, pages });
                for page in page..page + pages {
                    other.remove(PageRun { address: page * PAGE_BYTES, pages: 1 });
                }
            }
            prop_assert_eq!(bitmap.count(), other.count());
            prop_assert_eq!(bitmap.iter().collect::<Vec<_>>(), other.iter().collect::<Vec<_>>());
        }
    }
}
