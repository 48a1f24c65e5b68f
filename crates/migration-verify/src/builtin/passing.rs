//! Whether hosts can come to the ends of their paths one after the other, or in the middle of a step.

use migration_table::model::StateId;

use crate::composition::Action;
use crate::decide::by_passes;
use crate::graph::{Edge, Graph};

/// The hosts that have come to their ends in their present attempts, a bit for each.
type Arrived = usize;

/// From where the first host and another one can come to their ends: for every configuration and every set of hosts that
/// have come to theirs before.
pub(super) struct Passing<'g, 'c, 't> {
    graph: &'g Graph<'c, 't>,
    /// For each host the end of its path.
    ends: Vec<StateId>,
    can: Vec<bool>,
}

impl<'g, 'c, 't> Passing<'g, 'c, 't> {
    /// Searches backwards. It takes memory and time for every configuration and every set of hosts.
    pub(super) fn through(graph: &'g Graph<'c, 't>, ends: Vec<StateId>) -> Passing<'g, 'c, 't> {
        let mut passing = Passing { graph, ends, can: Vec::new() };
        passing.can = vec![false; graph.len() as usize * passing.sets()];
        let is_success = |arrived: Arrived| arrived & 1 != 0 && (passing.ends.len() == 1 || arrived > 1);
        let mut left = Vec::new();
        for at in (0..graph.len()).rev() {
            for arrived in 0..passing.sets() {
                let place = passing.place(at, arrived);
                passing.can[place] = is_success(arrived);
                left.extend((!is_success(arrived)).then_some((at, arrived)));
            }
        }
        by_passes(left, |(at, arrived)| {
            let leads = |edge: &Edge| passing.can[passing.place(edge.to, passing.after(arrived, at, edge))];
            let (reaches, place) = (graph.edges(at).iter().any(leads), passing.place(at, arrived));
            passing.can[place] = reaches;
            reaches
        });
        passing
    }

    /// Whether it can follow an edge with which an attempt begins: what came before does not count.
    pub(super) fn can_follow(&self, from: u32, edge: &Edge) -> bool {
        self.can[self.place(edge.to, self.after(0, from, edge))]
    }

    fn sets(&self) -> usize {
        1 << self.ends.len()
    }

    fn place(&self, at: u32, arrived: Arrived) -> usize {
        at as usize * self.sets() + arrived
    }

    fn after(&self, arrived: Arrived, from: u32, edge: &Edge) -> Arrived {
        let composition = self.graph.composition;
        match edge.action {
            Action::Step { host, step, .. } => {
                let (step, host) = (composition.step_of(self.graph.locals(from), host, step), usize::from(host));
                let rows = &composition.automaton(host).machine.rows;
                let before = if step.begins { arrived & !(1 << host) } else { arrived };
                let arrives = step.rows.iter().any(|row| rows[usize::from(*row)].to == self.ends[host]);
                before | usize::from(arrives) << host
            }
            Action::Kill { host } | Action::Restart { host } => arrived & !(1 << host),
            Action::Cut { .. } | Action::Disturb { .. } => arrived,
        }
    }
}
