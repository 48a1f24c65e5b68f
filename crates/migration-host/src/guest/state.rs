//! How device state is written down: which kind of guest it is of, then the state.
//!
//! It comes from a peer on the other side, so reading it never panics and never takes more than it was given.

use std::io::{Read, Write};

use migration_runtime::guest::GuestError;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// No guest of ours has more device state than this, in bytes.
pub(super) const BYTES_MAX: usize = 64 << 10;

/// Judges a guest that wants to come here, by its kind.
pub(super) fn admit(kind: &str, description: &[u8]) -> Result<(), GuestError> {
    if description == kind.as_bytes() {
        return Ok(());
    }
    let theirs: String = String::from_utf8_lossy(description).chars().take(64).collect();
    let text =
        format!("the source has a guest of kind `{theirs}`, this host of kind `{kind}`: start it with the same guest");
    Err(GuestError::new(text))
}

pub(super) fn write<State: Serialize>(kind: &str, state: &State, to: &mut dyn Write) -> Result<(), GuestError> {
    let bytes = postcard::to_stdvec(&(kind, state));
    let bytes = bytes.map_err(|error| GuestError::with_source("device state cannot be written", error))?;
    to.write_all(&bytes).map_err(|error| GuestError::with_source("device state cannot be sent", error))
}

/// Reads the state of a guest of this kind.
pub(super) fn read<State: DeserializeOwned>(kind: &str, from: &mut dyn Read) -> Result<State, GuestError> {
    let mut bytes = Vec::new();
    let read = from.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| GuestError::with_source("device state cannot be read", error))?;
    if bytes.len() > BYTES_MAX {
        return Err(GuestError::new(format!("device state has more than the expected {BYTES_MAX} bytes")));
    }
    let malformed =
        |error| GuestError::with_source(format!("device state is malformed, expected that of a `{kind}` guest"), error);
    let (found, bytes) = postcard::take_from_bytes::<&str>(&bytes).map_err(malformed)?;
    if found != kind {
        let found = found.escape_default().take(64).collect::<String>();
        return Err(GuestError::new(format!("device state is that of a `{found}` guest, expected `{kind}`")));
    }
    let (state, rest) = postcard::take_from_bytes(bytes).map_err(malformed)?;
    if !rest.is_empty() {
        let rest = rest.len();
        return Err(GuestError::new(format!("device state has {rest} bytes more than that of a `{kind}` guest")));
    }
    Ok(state)
}
