//! Colours of the pictures that other programs draw, on white.

use super::figure::Mark;

pub(super) const INK: &str = "#1f2937";
pub(super) const MUTED: &str = "#5f6b7a";
pub(super) const PATH: &str = "#1d4ed8";
pub(super) const PATH_FILL: &str = "#e6eefc";
pub(super) const ASIDE_FILL: &str = "#f3f4f6";
pub(super) const GOOD: &str = "#15803d";
pub(super) const BAD: &str = "#b91c1c";
pub(super) const SEEN: &str = "#a14a07";

/// Returns the colour of a mark, or `None` where the mark says nothing. A sign says the same.
pub(super) fn of(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::Plain => None,
        Mark::Added | Mark::Accepted => Some(GOOD),
        Mark::Removed | Mark::Refused => Some(BAD),
        Mark::Changed | Mark::Highlighted => Some(SEEN),
        Mark::Muted | Mark::Unchanged | Mark::Ignored => Some(MUTED),
    }
}

/// Whether a heavy line shows a mark, too.
pub(super) fn is_heavy(mark: Mark) -> bool {
    of(mark).is_some_and(|colour| colour != MUTED)
}
