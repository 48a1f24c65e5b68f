//! The lines in which the two texts of an example differ.

/// Most lines that are shown, and how long they may be; more is left to the files.
const LINES_MAX: usize = 16;
const CHARS_MAX: usize = 200;

/// The lines in which two texts differ, as a diff without the others; none if they are too many to show.
pub(super) fn if_short(before: &str, after: &str) -> Option<String> {
    let changed = lines(before, after);
    let is_short = changed.len() <= LINES_MAX && changed.iter().all(|line| line.chars().count() <= CHARS_MAX);
    is_short.then(|| changed.join("\n"))
}

/// The lines in which two texts differ, as a diff without the others.
fn lines(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // `longest[i][j]` is how many lines the rests of both from `i` and `j` on have in common, in order.
    let mut longest = vec![vec![0usize; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            let skipped = longest[i + 1][j].max(longest[i][j + 1]);
            longest[i][j] = if before[i] == after[j] { longest[i + 1][j + 1] + 1 } else { skipped };
        }
    }
    let (mut i, mut j, mut changed) = (0, 0, Vec::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || i < before.len() && longest[i + 1][j] >= longest[i][j + 1] {
            changed.push(format!("-{}", before[i].trim_end()));
            i += 1;
        } else {
            changed.push(format!("+{}", after[j].trim_end()));
            j += 1;
        }
    }
    changed
}
