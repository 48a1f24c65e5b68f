//! What backs the memory of a guest, and whether its pages can be awaited here.

use std::os::fd::OwnedFd;

use migration_runtime::postcopy::Fetch;
use migration_testkit::skip::skipped;
use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use vm_memory::FileOffset;

/// What backs the memory of a guest.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Anonymous,
    Memfd,
}

impl Kind {
    /// A memfd of this size, for memory that is backed by one.
    pub(super) fn file(self, bytes: usize) -> FileOffset {
        let file: OwnedFd = memfd_create("guest", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&file, bytes as u64).unwrap();
        FileOffset::new(file.into(), 0)
    }
}

/// `None`, after a report, where post-copy cannot be tested.
pub(super) fn userfaultfd() -> Option<()> {
    Fetch::check_host().inspect_err(|why| skipped(why)).ok()
}
