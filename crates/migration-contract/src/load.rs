//! From text to a sound table that keeps what it promises.

use migration_table::check::{Check, Notes};
use migration_table::model::Table;
use migration_table::{Findings, Loaded, check, from_bytes, load_checked};

use crate::promises;

/// The checks that need the public side of a table.
const OBSERVED: &[Check] = &[promises::CHECK];

/// Every check, in the order of the codes.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    let mut all: Vec<&Check> = check::checks().chain(OBSERVED).collect();
    all.sort_by_key(|check| check.code);
    all.into_iter()
}

/// Runs every check over a resolved table but those that only give notes, and takes away what the table silences.
pub fn check(table: &Table, out: &mut Findings) {
    check::run_with(table, Notes::LeftOut, OBSERVED, out);
}

/// Reads, resolves and checks a table as [`migration_table::load()`] does, and checks that it keeps its guarantees.
#[must_use]
pub fn load(text: &str) -> Loaded {
    load_with(text, Notes::LeftOut)
}

/// As [`load`], and on request also reports what is worth knowing although nothing is wrong.
#[must_use]
pub fn load_with(text: &str, notes: Notes) -> Loaded {
    load_checked(text, notes, OBSERVED)
}

/// Does what [`load_with`] does with the bytes of a file. Returns the text that the findings are about as well: a file
/// that is not UTF-8 has a finding, and a text in which a reader recognises it.
#[must_use]
pub fn load_bytes_with(bytes: &[u8], notes: Notes) -> (String, Loaded) {
    from_bytes(bytes, |text| load_with(text, notes))
}
