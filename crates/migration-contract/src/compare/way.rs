//! The way on which a walk came to a pair.

use super::report::Step;
use super::walk::{Difference, Kind, Pair, Walk};
use migration_table::Span;

/// The number of a walk, and a pair of it.
type Place = (usize, usize);

impl Walk<'_> {
    /// The steps to a pair.
    pub(super) fn steps(&self, pair: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        for pair in self.back(pair) {
            let Pair { labels, is_assumed, .. } = pair;
            let step = |label: &usize| Step {
                label: Some(self.names.label(*label).clone()),
                assumed: *is_assumed,
                ..Step::default()
            };
            steps.extend(labels.iter().rev().map(step));
        }
        steps.reverse();
        let before = self.back(pair).find_map(|pair| pair.before.as_ref());
        before.map(|before| before.steps.clone()).unwrap_or_default().into_iter().chain(steps).collect()
    }

    /// The steps to a pair since settings changed last, by their labels, and where that was; `None` if they never did.
    pub(super) fn since_change(&self, pair: usize) -> Option<(Place, Vec<&[usize]>)> {
        let first = self.back(pair).last()?;
        Some((first.before.as_ref()?.from, self.steps_to(pair)))
    }

    /// The same since the walk began or came from another one.
    pub(super) fn steps_to(&self, pair: usize) -> Vec<&[usize]> {
        let mut steps: Vec<&[usize]> = self.back(pair).map(|pair| pair.labels.as_slice()).collect();
        steps.pop();
        steps.reverse();
        steps
    }

    /// The pair behind a step; `None` if the walk did not go there.
    pub(super) fn behind(&self, pair: usize, labels: &[usize]) -> Option<usize> {
        let label = *labels.first()?;
        let to = match self.unknown.get(&(pair, label)) {
            Some(to) => *to,
            None => (self.new_seen(pair).after(label)?, self.old_seen(pair).after(label)?),
        };
        self.latest(to.0, to.1)
    }

    /// The labels on the way to a pair.
    pub(super) fn labels(&self, pair: usize) -> Vec<usize> {
        let mut labels: Vec<usize> = self.back(pair).flat_map(|pair| pair.labels.iter().rev().copied()).collect();
        labels.reverse();
        labels
    }

    /// Whether the walk found this difference.
    pub(super) fn has(&self, difference: &Difference) -> bool {
        let first = self.differences.partition_point(|known| known.pair < difference.pair);
        let here = self.differences[first..].iter().take_while(|known| known.pair == difference.pair);
        here.into_iter().any(|known| known.kind == difference.kind)
    }

    /// Whether the new side was trapped on the way to a pair already.
    pub(super) fn was_trapped_before(&self, pair: usize) -> bool {
        let mut way = std::iter::successors(self.pairs[pair].from, |before| self.pairs[*before].from);
        way.any(|pair| self.has(&Difference { pair, kind: Kind::Trapped }))
    }

    /// The label of the last step to a pair.
    pub(super) fn last_label(&self, pair: usize) -> Option<usize> {
        self.pairs[pair].labels.last().copied()
    }

    /// The last step to a pair, if it is one: the pair before, and the label.
    pub(super) fn last_step(&self, pair: usize) -> Option<(usize, usize)> {
        Some((self.pairs[pair].from?, self.last_label(pair)?))
    }

    /// The line of the new side that gives the last reply on the way to a pair, if nothing was seen since.
    pub(super) fn answered_last(&self, pair: usize) -> Option<Span> {
        let (before, label) = (self.pairs[pair].from?, self.last_label(pair)?);
        self.names.answer(label)?;
        self.new.automaton.places(self.names, &self.new_seen(before).members, label).into_iter().min()
    }

    /// The status that was seen last on the way to a pair, if any was.
    pub(super) fn last_seen(&self, pair: usize) -> Option<usize> {
        let mut labels = self.back(pair).flat_map(|pair| pair.labels.iter().rev());
        let seen = labels.find_map(|label| self.names.shown(*label));
        seen.or_else(|| self.back(pair).find_map(|pair| pair.before.as_ref()?.seen))
    }

    /// The pairs on the way to one, the last one first.
    fn back(&self, pair: usize) -> impl Iterator<Item = &Pair> {
        std::iter::successors(Some(&self.pairs[pair]), |pair| Some(&self.pairs[pair.from?]))
    }
}
