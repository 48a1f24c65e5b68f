//! The bitmap behaves like a set of pages.

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
    for (word, bits, fits) in
        [(1, 1 << 5, true), (1, 1 << 6, false), (2, 1 << 63, true), (3, 1 << 3, false), (4, 0, false), (9, 1, false)]
    {
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
