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

/// Returns the lines in which two texts differ, as a diff without context. Lines that are only moved are shown with those
/// that they pass, since they say the same before and after.
fn lines(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let operations = capture_diff_slices(Algorithm::Lcs, &before, &after);
    let changes = operations.iter().flat_map(|operation| operation.iter_changes(&before, &after));
    let all: Vec<(ChangeTag, &str)> = changes.map(|change| (change.tag(), change.value().trim_end())).collect();
    let of = |tag: ChangeTag| {
        let mut lines: Vec<&str> = all.iter().filter(|(of, _)| *of == tag).map(|(_, line)| *line).collect();
        lines.sort_unstable();
        lines
    };
    let is_changed = |(tag, _): &(ChangeTag, &str)| *tag != ChangeTag::Equal;
    let is_moved = of(ChangeTag::Delete) == of(ChangeTag::Insert);
    let (first, last) = (all.iter().position(is_changed), all.iter().rposition(is_changed));
    let passed = first.zip(last).filter(|_| is_moved).map_or(0..0, |(first, last)| first..last);
    let shown = all.iter().enumerate().filter(|(at, line)| is_changed(line) || passed.contains(at));
    shown.map(|(_, (tag, line))| format!("{tag}{line}")).collect()
}

#[cfg(test)]
mod tests {
    use super::if_short;

    #[test]
    fn a_line_that_is_moved_is_shown_with_those_that_it_passes() {
        assert_eq!(if_short("a\nb\nc\nd\n", "a\nc\nb\nd\n").as_deref(), Some("-b\n c\n+b"));
        assert_eq!(if_short("a\nb\nc\n", "a\nc\ne\n").as_deref(), Some("-b\n+e"));
    }
}
