//! The fixed lines of a lock file.

/// The format that is written, and the newest that is read.
pub const FORMAT: u32 = 1;

/// What the first line begins with.
pub(super) const MAGIC: &str = "api-lock ";

/// What the last line is.
pub(super) const END: &str = "end";

/// What follows the first line.
pub(super) const NOTE: &str = "# What a client can observe. `migration-table api bless` writes this file from the table; it is never edited by hand.";

/// What followed the first line before the program had a name of its own. Releases that were frozen then keep it.
pub(super) const NOTE_BEFORE: &str =
    "# What a client can observe. `cargo xtask api bless` writes this file from the table; it is never edited by hand.";
