//! Suggestions for a misspelt word.

use strsim::osa_distance;

/// Longest word that is compared, in characters.
const LENGTH_MAX: usize = 160;

/// Returns the known word with the smallest edit distance to `word`, the first of equals, or `None` if none is close.
///
/// The distance counts insertions, deletions, substitutions and swaps of neighbours, and ignores ASCII case.
#[must_use]
pub fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let length = word.chars().take(LENGTH_MAX + 1).count();
    if length > LENGTH_MAX {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let distance = |candidate: &str| osa_distance(&word, &candidate.to_ascii_lowercase());
    let short = known.into_iter().filter(|candidate| candidate.chars().nth(LENGTH_MAX).is_none());
    let close = short.map(|candidate| (distance(candidate), candidate)).filter(|(far, _)| *far <= length.max(3) / 3);
    close.min_by_key(|(far, _)| *far).map(|(_, candidate)| candidate)
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
