//! What backs the memory of a guest, and whether its pages can be awaited here.

use std::os::fd::OwnedFd;

use migration_runtime::postcopy::Fetch;
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

/// Whether post-copy can be tested here.
pub(super) fn userfaultfd() -> bool {
    match Fetch::check_host() {
        Ok(()) => true,
        Err(error) => {
            eprintln!("skipped: {error}");
            false
        }
    }
}
