//! What a guest's memory is filled with.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};

/// Returns so many bytes, none of whose pages is zero.
pub(super) fn random_bytes(count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("no random bytes")?;
    Ok(bytes)
}
