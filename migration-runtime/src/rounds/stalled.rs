//! Finds out whether rounds bring the end nearer.

/// So many rounds that leave no less than the one before mean that rounds do not help.
const STALLED_ROUNDS: u32 = 5;

/// Counts rounds that did not help.
#[derive(Debug, Default)]
pub(super) struct Stalled {
    left: Option<u64>,
    rounds: u32,
    told: bool,
}

impl Stalled {
    /// Learns what a round left, and returns whether it is time to say that rounds do not help.
    pub(super) fn after_round(&mut self, left: u64) -> bool {
        let helped = self.left.is_none_or(|before| left < before);
        self.left = Some(self.left.map_or(left, |before| before.min(left)));
        self.rounds = if helped { 0 } else { self.rounds + 1 };
        let tells = self.rounds >= STALLED_ROUNDS && !self.told;
        self.told |= tells;
        tells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_that_help_are_not_called_stalled() {
        let mut stalled = Stalled::default();
        assert!((0..100).rev().all(|left| !stalled.after_round(left)));
        let mut stalled = Stalled::default();
        let told: Vec<bool> = [9, 8, 8, 9, 8, 8, 8, 8, 8].into_iter().map(|left| stalled.after_round(left)).collect();
        assert_eq!(told, [false, false, false, false, false, false, true, false, false], "once, after five in a row");
    }
}
