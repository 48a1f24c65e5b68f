//! What the bench is asked for, and the memory that receives.

/// What the bench is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How often everything is measured.
    pub(crate) rounds: u32,
    /// The guest's memory in MiB.
    pub(crate) memory_mib: usize,
    /// For how long the guest may stand still, in ms.
    pub(crate) downtime_limit_ms: u64,
    /// The kind of guest in our hosts: `auto`, `kvm` or `memory`.
    pub(crate) guest: String,
    /// Since when the pages of a destination are free.
    pub(crate) free: Free,
    /// Over how many connections pages go; one is the main connection alone.
    pub(crate) connections: u8,
}

/// Since when the pages that a destination gets are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Free {
    /// Another process gave them back as the migration began.
    JustNow,
    /// Nobody has had them for a while: the hypervisor may have to find them again.
    ForLong,
}

/// The memory that receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Nobody has touched it: the kernel has yet to find every page.
    Fresh,
    /// Every page is there.
    Prefaulted,
}

impl Room {
    /// Memory of this process, of this kind.
    pub(super) fn memory(self, bytes: usize) -> Vec<u8> {
        match self {
            // Zeroes of this length come straight from the kernel, as a promise.
            Room::Fresh => vec![0; bytes],
            Room::Prefaulted => vec![1; bytes],
        }
    }
}
