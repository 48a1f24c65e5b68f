//! `replay --formats`: what can be read.

use std::fmt::Write as _;

use migration_replay::log::{formats, printable};

/// Every format with its sample.
pub(super) fn list() -> String {
    let mut text = String::new();
    for format in formats() {
        let _ = writeln!(text, "{}: {}", format.name, format.doc);
        for line in format.sample.lines() {
            let _ = writeln!(text, "    {}", printable(line));
        }
    }
    text
}
