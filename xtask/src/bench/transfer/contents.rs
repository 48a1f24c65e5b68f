//! What a guest's memory is filled with, and the memory of this machine before it is moved.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};

use super::options::Room;

/// So many times the memory that is moved is taken and given back before each measurement. On a virtual machine a page
/// that was free for a while may have to be found by the hypervisor first; without this, who comes after whom decides.
/// It is done once the source has its memory. Before that was so, our source, which fills anonymous memory, took the huge
/// pages that were given back, and the kernel had to make others for our destination in its faults; QEMU's source maps a
/// file that was there already.
const TAKEN_BEFORE: usize = 3;

/// Returns so many bytes, none of whose pages is zero.
pub(super) fn random_bytes(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("no random bytes")?;
    Ok(bytes)
}

/// Takes memory and gives it back, before so many bytes are moved, once the source has its own.
pub(super) fn take_and_give_back(bytes: usize) {
    drop(Room::Prefaulted.memory(TAKEN_BEFORE * bytes));
}
