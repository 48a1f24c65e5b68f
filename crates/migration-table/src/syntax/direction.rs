//! Characters that change the direction of the text after them. A reader sees something else than the program, and the
//! Rust compiler refuses them in the generated code.

use crate::finding::{Finding, Findings, changes_direction};
use crate::rule::shape::WRONG_TYPE;
use crate::span::Span;

/// How many such characters are reported.
const FOUND_MAX: usize = 100;

/// Reports every such character of a text, comments included.
pub(super) fn find(source: &str, out: &mut Findings) {
    for (at, found) in source.match_indices(changes_direction).take(FOUND_MAX) {
        let code = found.chars().next().map_or(0, u32::from);
        let message = format!("the character U+{code:04X} changes the direction of the text after it");
        let span = Span::of(source, at..at + found.len());
        let finding = Finding::error(WRONG_TYPE.code, span, message, "a reader cannot see it");
        out.push(finding.with_help("remove the character"));
    }
}
