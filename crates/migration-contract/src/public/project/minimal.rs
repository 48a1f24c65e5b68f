//! The smallest automaton that behaves the same, with its states numbered in a way that depends on nothing else.
//!
//! States are told apart by what is to be said of them and by where observations lead, after Valmari and Lehtinen: two
//! partitions, one of states and one of edges, refine each other, and the smaller half is always the new one. So the
//! time is that of sorting the edges. What cannot be observed in a state has no edge; there is no state for it.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::outline::number;

/// An edge of an automaton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Edge {
    pub(super) from: u32,
    pub(super) label: u32,
    pub(super) to: u32,
}

/// For every state the number of its class, in the order of a search in breadth from the class of state 0, labels in
/// order. `marks` says what is to be said of each state, and all of them can be reached from state 0. At most one edge
/// of a label leads from a state.
pub(super) fn classes<M: Hash + Eq>(marks: &[M], edges: &[Edge]) -> Vec<u32> {
    let refined = refine(marks, edges);
    let mut by_class: Vec<(u32, u32, u32)> =
        edges.iter().map(|edge| (refined[edge.from as usize], edge.label, refined[edge.to as usize])).collect();
    by_class.sort_unstable();
    by_class.dedup();
    let count = refined.iter().max().map_or(0, |last| *last as usize + 1);
    let mut numbers: Vec<Option<u32>> = vec![None; count];
    let mut order: Vec<u32> = refined.first().copied().into_iter().collect();
    order.iter().for_each(|class| numbers[*class as usize] = Some(0));
    let mut next = 0;
    while let Some(class) = order.get(next).copied() {
        next += 1;
        let first = by_class.partition_point(|(from, _, _)| *from < class);
        for (_, _, to) in by_class[first..].iter().take_while(|(from, _, _)| *from == class) {
            if numbers[*to as usize].is_none() {
                numbers[*to as usize] = Some(number(order.len()));
                order.push(*to);
            }
        }
    }
    refined.iter().map(|class| numbers[*class as usize].unwrap_or(u32::MAX)).collect()
}

/// For every state the number of its class, in no particular order.
fn refine<M: Hash + Eq>(marks: &[M], edges: &[Edge]) -> Vec<u32> {
    let mut states = Partition::new(&ranks(marks));
    let labels: Vec<u32> = edges.iter().map(|edge| edge.label).collect();
    let mut cords = Partition::new(&ranks(&labels));
    let mut into: Vec<Vec<u32>> = vec![Vec::new(); marks.len()];
    edges.iter().enumerate().for_each(|(index, edge)| into[edge.to as usize].push(number(index)));
    let (mut state, mut cord) = (0, 0);
    while cord < cords.first.len() || state < states.first.len() {
        if state < states.first.len() {
            // Edges of one label that lead into this block are told from those that lead elsewhere.
            for member in states.members(state) {
                into[member as usize].iter().for_each(|edge| cords.mark(*edge));
            }
            cords.split();
            state += 1;
        } else {
            // So are states that have such an edge from those that have none.
            for edge in cords.members(cord) {
                states.mark(edges[edge as usize].from);
            }
            states.split();
            cord += 1;
        }
    }
    states.of
}

/// Equal things get equal numbers, in the order in which they first come up.
fn ranks<T: Hash + Eq>(things: &[T]) -> Vec<u32> {
    let mut known = FxHashMap::default();
    let ranks = things.iter().map(|thing| {
        let next = number(known.len());
        *known.entry(thing).or_insert(next)
    });
    ranks.collect()
}

/// A partition that is refined by marking elements and splitting the marked ones off.
struct Partition {
    // Invariant: the elements of a block stand together, from `first` to `past`, the marked ones of them first, and
    // `at` says where each element stands.
    elements: Vec<u32>,
    at: Vec<u32>,
    of: Vec<u32>,
    first: Vec<u32>,
    past: Vec<u32>,
    marked: Vec<u32>,
    touched: Vec<u32>,
}

impl Partition {
    /// Elements with equal numbers are in one block; the numbers have no gaps.
    fn new(blocks: &[u32]) -> Partition {
        let mut elements: Vec<u32> = (0..number(blocks.len())).collect();
        elements.sort_by_key(|element| blocks[*element as usize]);
        let mut partition = Partition {
            at: vec![0; blocks.len()],
            of: blocks.to_vec(),
            first: Vec::new(),
            past: Vec::new(),
            marked: Vec::new(),
            touched: Vec::new(),
            elements,
        };
        for (index, element) in partition.elements.iter().enumerate() {
            partition.at[*element as usize] = number(index);
            if partition.past.len() == blocks[*element as usize] as usize {
                partition.first.push(number(index));
                partition.past.push(number(index));
                partition.marked.push(0);
            }
            partition.past[blocks[*element as usize] as usize] += 1;
        }
        partition
    }

    fn members(&self, block: usize) -> Vec<u32> {
        self.elements[self.first[block] as usize..self.past[block] as usize].to_vec()
    }

    fn mark(&mut self, element: u32) {
        let block = self.of[element as usize] as usize;
        let (here, there) = (self.at[element as usize], self.first[block] + self.marked[block]);
        if here < there {
            return;
        }
        let other = self.elements[there as usize];
        (self.elements[here as usize], self.at[other as usize]) = (other, here);
        (self.elements[there as usize], self.at[element as usize]) = (element, there);
        if self.marked[block] == 0 {
            self.touched.push(number(block));
        }
        self.marked[block] += 1;
    }

    /// Makes two blocks of each that is marked in part; the smaller one is new.
    fn split(&mut self) {
        while let Some(block) = self.touched.pop() {
            let block = block as usize;
            let (first, past, marked) = (self.first[block], self.past[block], self.marked[block]);
            self.marked[block] = 0;
            let middle = first + marked;
            if middle == past {
                continue;
            }
            let new = number(self.first.len());
            let (from, to) = if marked <= past - middle { (first, middle) } else { (middle, past) };
            if from == first {
                self.first[block] = middle
            } else {
                self.past[block] = middle
            }
            self.first.push(from);
            self.past.push(to);
            self.marked.push(0);
            for index in from..to {
                self.of[self.elements[index as usize] as usize] = new;
            }
        }
    }
}
