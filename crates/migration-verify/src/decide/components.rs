//! Strongly connected components of a part of the graph, by the algorithm of Pearce (2016), which is linear and keeps one
//! number for each configuration. Tarjan's of `petgraph` recurses as deep as the graph, and its Kosaraju's wants a copy.

use crate::graph::{Edge, Graph};

/// A configuration that does not belong to the part.
const OUTSIDE: u32 = u32::MAX;
/// One that the search has not come to.
const UNSEEN: u32 = u32::MAX - 1;

/// The components of a part of the graph.
pub(super) struct Components {
    /// The members of all components, component by component.
    members: Vec<u32>,
    /// For each component where its members end.
    ends: Vec<usize>,
    /// For each configuration the number of its component: the same for its members, and for no others.
    of: Vec<u32>,
}

impl Components {
    /// Finds the components of the configurations of a region, by some of the edges between them.
    pub(super) fn of(graph: &Graph<'_, '_>, region: &[u32], within: &impl Fn(&Edge) -> bool) -> Components {
        let mut of = vec![OUTSIDE; graph.len() as usize];
        region.iter().for_each(|at| of[*at as usize] = UNSEEN);
        let mut found = Components { members: Vec::with_capacity(region.len()), ends: Vec::new(), of };
        let mut search = Search { next: 0, component: UNSEEN - 1, open: Vec::new(), way: Vec::new() };
        for root in region {
            if found.of[*root as usize] == UNSEEN {
                search.from(*root, graph, within, &mut found);
            }
        }
        found
    }

    /// Whether two configurations of the region are in one component.
    pub(super) fn is_one(&self, one: u32, other: u32) -> bool {
        self.of[one as usize] == self.of[other as usize]
    }

    /// The members of each component, in order.
    pub(super) fn each(&self) -> impl Iterator<Item = &[u32]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| &self.members[begin..*end])
    }
}

/// A depth-first search.
struct Search {
    /// The number of the next configuration.
    next: u32,
    /// The number of the next component. They count down, so that each is greater than that of a configuration.
    component: u32,
    /// Configurations whose component is not known yet, beside those on the way.
    open: Vec<u32>,
    /// The configurations on the way from the root, each with the number of edges that were followed, and whether no
    /// earlier configuration is reached from it.
    way: Vec<(u32, usize, bool)>,
}

impl Search {
    fn from(&mut self, root: u32, graph: &Graph<'_, '_>, within: &impl Fn(&Edge) -> bool, found: &mut Components) {
        self.enter(root, found);
        while let Some((at, followed, is_first)) = self.way.last_mut() {
            let (at, mut into) = (*at, None);
            for edge in &graph.edges(at)[*followed..] {
                let lowest = found.of[edge.to as usize];
                if lowest == UNSEEN && within(edge) {
                    into = Some(edge.to);
                    break;
                }
                *followed += 1;
                if lowest < found.of[at as usize] && within(edge) {
                    found.of[at as usize] = lowest;
                    *is_first = false;
                }
            }
            match into {
                Some(to) => self.enter(to, found),
                None => self.leave(found),
            }
        }
    }

    fn enter(&mut self, at: u32, found: &mut Components) {
        found.of[at as usize] = self.next;
        self.next += 1;
        self.way.push((at, 0, true));
    }

    fn leave(&mut self, found: &mut Components) {
        let Some((at, _, is_first)) = self.way.pop() else { return };
        if !is_first {
            self.open.push(at);
            return;
        }
        let lowest = found.of[at as usize];
        while let Some(member) = self.open.pop_if(|open| found.of[*open as usize] >= lowest) {
            found.of[member as usize] = self.component;
            found.members.push(member);
            self.next -= 1;
        }
        found.of[at as usize] = self.component;
        found.members.push(at);
        let begin = found.ends.last().copied().unwrap_or(0);
        found.members[begin..].sort_unstable();
        found.ends.push(found.members.len());
        self.next -= 1;
        self.component -= 1;
    }
}
