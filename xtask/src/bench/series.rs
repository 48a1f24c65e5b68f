//! What was measured of one thing, round by round.

use std::fmt;

/// The figures of one thing, one a round.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Series(Vec<f64>);

impl Series {
    /// Adds the figure of a round.
    pub(super) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// Whether nothing was measured.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The middle figure; not a number when there is none.
    pub(super) fn median(&self) -> f64 {
        let sorted = self.sorted();
        match (sorted.len(), sorted.len() / 2) {
            (0, _) => f64::NAN,
            (length, middle) if length % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
            (_, middle) => sorted[middle],
        }
    }

    /// These figures over those of `other`, each over the one of its own round.
    pub(super) fn over(&self, other: &Series) -> Series {
        Series(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect())
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// The median, and the least and the greatest in brackets.
impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sorted = self.sorted();
        let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else {
            return f.pad("-");
        };
        let median = self.median();
        let digits = if median >= 100.0 {
            0
        } else if median >= 10.0 {
            1
        } else {
            2
        };
        f.pad(&format!("{median:.digits$} [{least:.digits$}..{most:.digits$}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!(Series::default().median().is_nan());
        assert_eq!(Series(vec![3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(Series(vec![4.0, 1.0, 2.0, 3.0]).median(), 2.5);
    }

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        let (one, other) = (Series(vec![1.0, 20.0]), Series(vec![2.0, 40.0]));
        assert_eq!(one.over(&other), Series(vec![0.5, 0.5]));
    }

    #[test]
    fn figures_are_shown_with_what_digits_they_deserve() {
        assert_eq!(Series(vec![1234.56, 1.0, 2000.0]).to_string(), "1235 [1..2000]");
        assert_eq!(Series(vec![0.456]).to_string(), "0.46 [0.46..0.46]");
        assert_eq!(format!("{:>4}", Series::default()), "   -");
    }
}
