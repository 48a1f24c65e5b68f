//! The memory of a guest: had from the kernel with the hint that huge pages are welcome, as VMMs do.
//!
//! Where the pages of a destination are found one by one as they arrive, finding them costs several times what it costs
//! to receive them; `cargo xtask bench transfer` shows both.
#![expect(unsafe_code, reason = "the kernel takes its hint by address")]

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use migration_runtime::guest::GuestError;
use migration_runtime::memory::{Bytes, PAGE_BYTES};
use rustix::mm::{Advice, madvise};
use vm_memory::{Bytes as _, GuestAddress, GuestMemoryBackend, GuestMemoryRegion};

use super::layout;
use super::ram::Ram;

/// Fresh memory, all zero, which takes no room until it is touched.
pub(super) fn new(memory_bytes: u64) -> Result<Ram, GuestError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        let bytes = Bytes(memory_bytes);
        GuestError::with_source(format!("{bytes} of guest memory cannot be had"), error)
    };
    let size = usize::try_from(memory_bytes).map_err(|error| failed(error.into()))?;
    let memory = Ram::from_ranges(&[(GuestAddress(0), size)]).map_err(|error| failed(error.into()))?;
    welcome_huge_pages(&memory);
    Ok(memory)
}

/// Touches every page of fresh memory, so that the kernel finds it now.
pub(super) fn allocate(memory: &Ram) {
    for page in 0..layout::memory_pages(memory) {
        let address = GuestAddress(page * PAGE_BYTES);
        memory.store(0_u8, address, Ordering::Relaxed).expect("a page of this memory");
    }
}

/// Tells the kernel that huge pages may be used. Without them everything works, only slower.
fn welcome_huge_pages(memory: &Ram) {
    for region in memory.iter() {
        let Ok(size) = usize::try_from(region.len()) else { continue };
        // SAFETY: the advice keeps contents and mapping as they are; the region is mapped while `memory` lives.
        let told = unsafe { madvise(region.as_ptr().cast::<c_void>(), size, Advice::LinuxHugepage) };
        if let Err(error) = told {
            tracing::debug!(%error, "the kernel has no huge pages for the guest");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn huge_pages_are_welcome_where_there_are_any() {
        if !fs::exists("/sys/kernel/mm/transparent_hugepage").unwrap_or(false) {
            migration_testkit::skip::skipped("this kernel has no transparent huge pages");
            return;
        }
        let memory = new(8 << 20).unwrap();
        let region = memory.iter().next().unwrap();
        let start = region.as_ptr().addr();
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        // The kernel may show one mapping or several for it; each begins with `start-end`, in hexadecimal.
        let mut is_ours = false;
        let mut flags = Vec::new();
        for line in maps.lines() {
            let first = line.split([' ', '-']).next().unwrap_or_default();
            if let Some(end) = line.split([' ', '-']).nth(1)
                && let (Ok(from), Ok(to)) = (usize::from_str_radix(first, 16), usize::from_str_radix(end, 16))
            {
                is_ours = from < start + (8 << 20) && start < to;
            } else if is_ours && let Some(found) = line.strip_prefix("VmFlags:") {
                flags.push(found.to_owned());
            }
        }
        assert!(!flags.is_empty() && flags.iter().all(|it| it.split(' ').any(|flag| flag == "hg")), "{flags:?}");
    }
}
