//! What the kernel did to find pages. A huge page costs a destination little where free memory is in large pieces. Where it
//! is not, the kernel moves other memory out of the way first, in the middle of a fault (direct compaction), and that time
//! counts as the destination's. It can be more than all the rest.

use std::fs;

/// What `/proc/vmstat` counts, for the whole machine.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    /// Faults that got a huge page.
    pub(super) huge: f64,
    /// Faults that were to get one and got a small page.
    pub(super) small_instead: f64,
    /// Times that a fault waited for memory to be moved together.
    pub(super) compactions: f64,
}

impl Found {
    /// Reads the counters; those that this kernel does not have are 0.
    pub(super) fn now() -> Found {
        let text = fs::read_to_string("/proc/vmstat").unwrap_or_default();
        let count = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
        };
        Found {
            huge: count("thp_fault_alloc"),
            small_instead: count("thp_fault_fallback"),
            compactions: count("compact_stall"),
        }
    }

    /// Returns what was counted since `before`.
    pub(super) fn since(&self, before: &Found) -> Found {
        Found {
            huge: self.huge - before.huge,
            small_instead: self.small_instead - before.small_instead,
            compactions: self.compactions - before.compactions,
        }
    }
}
