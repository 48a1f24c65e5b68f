//! An item of a list without its `- `, or without the space of it: the lines around show that it was meant as one.

use super::found::Mistake;
use super::key::{is_entry, word};

/// Whether a text begins with the `-` of an item that is a mapping or a list, and no space follows.
pub(super) fn lacks_space(text: &str, is_key: fn(&str) -> bool) -> bool {
    let item = text.strip_prefix('-').unwrap_or_default();
    item.starts_with(['{', '[', '"']) || (is_entry(item) && is_key(word(item)))
}

/// The mistake of a `-` before an item without a space.
pub(super) fn without_space(at: usize) -> Mistake {
    Mistake::new(at..at + 1, "a space is missing after `-`", "no space follows", "write a space after it")
}

/// Finds the item in the line that the parser names, or in the one before it.
pub(super) fn missing(source: &str, noticed: usize) -> Option<Mistake> {
    let start = source[..noticed].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let here = line(source, start);
    let before = source[..start].trim_end_matches(['\n', '\r']);
    let before_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let before = line(source, before_start);
    let is_beside = here.indentation == before.indentation;
    let at = if is_beside && before.is_item && here.is_mapping {
        start + here.indentation
    } else if is_beside && before.is_mapping && here.is_item {
        before_start + before.indentation
    } else {
        return None;
    };
    let help = "begin the line with `- `, as the others of the list";
    Some(Mistake::new(at..at + 1, "`- ` is missing before an item of a list", "no item, to YAML", help))
}

/// How a line begins.
struct Line {
    indentation: usize,
    is_item: bool,
    is_mapping: bool,
}

fn line(source: &str, start: usize) -> Line {
    let line = source[start..].split(['\n', '\r']).next().unwrap_or_default();
    let text = line.trim_start_matches(' ');
    let (is_item, is_mapping) = (text.starts_with("- "), text.starts_with('{'));
    Line { indentation: line.len() - text.len(), is_item, is_mapping }
}
