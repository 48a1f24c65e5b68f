//! Which known word was meant: the nearest one by edit distance.

/// The known word that is nearest to the given one, if one is near enough to be meant. The first of equals.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let word: Vec<char> = word.chars().take(LENGTH_MAX + 1).collect();
    if word.len() > LENGTH_MAX {
        return None;
    }
    let mut best = (word.len().max(3) / 3 + 1, None);
    for candidate in known {
        let chars: Vec<char> = candidate.chars().take(LENGTH_MAX).collect();
        if chars.len().abs_diff(word.len()) < best.0 {
            let distance = distance(&word, &chars);
            if distance < best.0 {
                best = (distance, Some(candidate));
            }
        }
    }
    best.1
}

/// Longest word that is compared, in characters.
const LENGTH_MAX: usize = 64;

/// Letters to insert, remove, replace, or swap with their neighbour, to get from one word to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(!a[i - 1].eq_ignore_ascii_case(&b[j - 1]));
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_word_is_meant_and_a_far_one_is_not() {
        let known = ["active", "pre_copy", "post_copy"];
        assert_eq!(nearest("pre_cpoy", known), Some("pre_copy"));
        assert_eq!(nearest("postcopy", known), Some("post_copy"));
        assert_eq!(nearest("Active", known), Some("active"));
        assert_eq!(nearest("setup", known), None);
        assert_eq!(nearest("", known), None);
    }
}
