//! The ways on which a client first comes to a difference. An approval covers those that it names.

use std::collections::BTreeSet;

use super::report::Step;
use super::text::steps_words;
use super::walk::Walk;
use migration_table::search::BreadthFirst;

impl Walk<'_> {
    /// Returns in words the shortest way to each of these pairs that can be reached past all the others. A client that
    /// reaches a pair only behind another one has met the difference already. Pairs before `first` do not count. If all
    /// pairs lie behind an assumed step, the nearest one stands for all.
    pub(super) fn first_ways(&self, first: usize, pairs: &BTreeSet<usize>) -> BTreeSet<String> {
        let is_exact = |pair: &usize| self.pairs[*pair].assumed == 0;
        let exact: BTreeSet<usize> = pairs.iter().copied().filter(is_exact).collect();
        if exact.len() < 2 {
            let nearest = exact.first().or_else(|| pairs.first());
            return nearest.map(|pair| steps_words(&self.steps(*pair))).into_iter().collect();
        }
        let starts = (first..self.pairs.len()).filter(|pair| is_exact(pair) && self.pairs[*pair].from.is_none());
        let mut search = BreadthFirst::new(starts);
        let mut ways = BTreeSet::new();
        while let Some((number, pair)) = search.next_node() {
            if exact.contains(&pair) {
                ways.insert(steps_words(&self.steps_from(search.start_of(number), &search.path_to(number))));
                continue;
            }
            for (label, to) in self.next_exact(pair) {
                if to >= first && is_exact(&to) {
                    search.reach(number, label, to);
                }
            }
        }
        ways
    }

    /// The steps from a pair at which the walk began, or came from another one, with what came before.
    fn steps_from(&self, start: &usize, labels: &[&usize]) -> Vec<Step> {
        let step = |label: &&usize| Step { label: Some(self.names.label(**label).clone()), ..Step::default() };
        self.steps(*start).into_iter().chain(labels.iter().map(step)).collect()
    }

    /// The steps that both sides can take at a pair, each with the pair behind it, in the order of the walk.
    fn next_exact(&self, pair: usize) -> Vec<(usize, usize)> {
        let (new, old, state) = (self.new_seen(pair), self.old_seen(pair), self.pairs[pair].old);
        let outputs = new.outputs.iter().filter(|(label, _)| old.output(*label).is_some());
        let may_be_given = |label: usize| {
            let succeeds = |(command, _)| {
                let mut known = old.replies.iter().map(|(label, _)| self.names.answer(*label));
                known.any(|answer| answer == Some((command, true))) && self.old.may_give(state, command)
            };
            self.names.answer(label).is_some_and(succeeds)
        };
        let replies = new.replies.iter().filter(|(label, _)| may_be_given(*label));
        let labels = outputs.chain(replies).map(|(label, _)| *label);
        let behind = |label: usize| {
            let known = self.unknown.get(&(pair, label)).copied();
            let (new, old) = known.or_else(|| Some((new.after(label)?, old.after(label)?)))?;
            Some((label, self.pair(new, old)?))
        };
        labels.filter_map(behind).collect()
    }
}
