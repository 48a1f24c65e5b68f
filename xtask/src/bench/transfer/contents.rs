//! What a guest's memory is filled with, and the memory of this machine before it is moved.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;

use anyhow::{Context, Result};

use super::options::Room;

/// So much free memory is left alone when the rest is taken.
const LEFT_MIB: usize = 1024;

/// Returns so many bytes, none of whose pages is zero.
pub(super) fn random_bytes(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("no random bytes")?;
    Ok(bytes)
}

/// Takes all free memory of this machine and gives it back, before something is received into memory that nobody has
/// touched, once the source has its own.
///
/// A virtual machine can tell its hypervisor after two seconds which pages are free (`VIRTIO_BALLOON_F_REPORTING`). Such a
/// page has to be found again when it is next touched, which takes four times as long as to clear it. Without this, chance
/// decides who gets how many of them: half of the destination's time, for one as for the other.
pub(super) fn take_and_give_back(room: Room) {
    if room == Room::Fresh {
        // What nobody looks at, a compiler may leave out.
        drop(black_box(Room::Prefaulted.memory(free_mib().saturating_sub(LEFT_MIB) << 20)));
    }
}

/// The free memory of this machine; 0 where it does not say.
fn free_mib() -> usize {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = text.lines().find_map(|line| line.strip_prefix("MemFree:")?.trim().strip_suffix(" kB")?.parse().ok());
    kib.map_or(0, |kib: usize| kib >> 10)
}
