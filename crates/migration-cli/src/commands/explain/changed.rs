//! The lines in which the two texts of an example differ.

use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// Most lines that are shown, and how long they may be; more is left to the files.
const LINES_MAX: usize = 16;
const CHARS_MAX: usize = 200;

/// Returns the lines in which two texts differ, as a diff without context, or `None` if they are too many to show.
pub(super) fn if_short(before: &str, after: &str) -> Option<String> {
    let changed = lines(before, after);
    let is_short = changed.len() <= LINES_MAX && changed.iter().all(|line| line.chars().count() <= CHARS_MAX);
    is_short.then(|| changed.join("\n"))
}

/// Returns the lines in which two texts differ, as a diff without context.
fn lines(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let operations = capture_diff_slices(Algorithm::Lcs, &before, &after);
    let changes = operations.iter().flat_map(|operation| operation.iter_changes(&before, &after));
    let changed = changes.filter(|change| change.tag() != ChangeTag::Equal);
    changed.map(|change| format!("{}{}", change.tag(), change.value().trim_end())).collect()
}
