//! The edges of a graph by where they lead.

/// For each node the edges that lead to it.
#[derive(Debug)]
pub(super) struct Incoming {
    /// For each node its first one; one more at the end.
    first: Vec<u32>,
    /// The node that an edge comes from, and the number of the edge.
    edges: Vec<(u32, u32)>,
}

impl Incoming {
    /// Sorts edges, given as where they come from and lead, in the order of their numbers.
    pub(super) fn of(nodes: usize, given: impl Iterator<Item = (u32, u32)> + Clone) -> Incoming {
        let mut first = vec![0_u32; nodes + 1];
        given.clone().for_each(|(_, to)| first[to as usize + 1] += 1);
        for at in 0..nodes {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut edges = vec![(0, 0); first[nodes] as usize];
        for (number, (from, to)) in (0..).zip(given) {
            let slot = &mut next[to as usize];
            edges[*slot as usize] = (from, number);
            *slot += 1;
        }
        Incoming { first, edges }
    }

    pub(super) fn to(&self, at: u32) -> &[(u32, u32)] {
        &self.edges[self.first[at as usize] as usize..self.first[at as usize + 1] as usize]
    }
}
