//! placeholder
use crate::memory::{Memory, PageRun};
#[derive(Debug)]
pub(super) struct Prefault;
impl Prefault {
    pub(super) fn new(_memory: &Memory) -> Prefault {
        Prefault
    }
    pub(super) fn expect_after(&mut self, _run: PageRun) {}
}
