//! Which page goes by which connection.

use crate::memory::{PAGE_BYTES, PageRun};

/// Neighbouring pages of this many bytes go by one connection: as many as a huge page, so that no two connections
/// allocate the same one.
const BLOCK_BYTES: u64 = 2 << 20;

/// Returns by which of `count` connections a page goes.
pub(super) fn connection_of(address: u64, count: usize) -> usize {
    (address / BLOCK_BYTES % count as u64) as usize
}

/// Splits a run after the pages that go by the connection of its first page; the rest may go by others.
pub(super) fn split(run: PageRun) -> (PageRun, Option<PageRun>) {
    let pages = (BLOCK_BYTES - run.address % BLOCK_BYTES) / PAGE_BYTES;
    if run.pages <= pages {
        return (run, None);
    }
    let rest = PageRun { address: run.address + pages * PAGE_BYTES, pages: run.pages - pages };
    (PageRun { pages, ..run }, Some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_a_piece_goes_by_the_connection_of_the_piece() {
        let whole = PageRun { address: BLOCK_BYTES - 3 * PAGE_BYTES, pages: 1030 };
        for count in [1, 2, 3, 255] {
            let (mut left, mut pieces, mut pages) = (Some(whole), 0, 0);
            while let Some(run) = left {
                let (piece, rest) = split(run);
                for page in 0..piece.pages {
                    let address = piece.address + page * PAGE_BYTES;
                    assert_eq!(connection_of(address, count), connection_of(piece.address, count));
                }
                (left, pieces, pages) = (rest, pieces + 1, pages + piece.pages);
            }
            assert_eq!((pieces, pages), (4, whole.pages));
        }
    }
}
