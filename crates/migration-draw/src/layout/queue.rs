//! Columns and lanes: where each of the things that stand side by side belongs.
//!
//! The happy path is lane 0, a column for each thing on it. The rest hangs below: what is reached from lane 0 under
//! the thing that leads there, what is reached from there to the right of that, ends in the last column. What is
//! farthest to the right is placed first and highest, so that lines down to the others pass it on the left.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::figure::{Course, Panel, Tail};
use super::super::{label, wrap};
use super::items::{Item, Link, What};
use super::measure::{self, LINE, WIDE};
use super::piece::Piece;

/// Between columns.
const COLUMN_GAP: i32 = 30;

/// Between what stands above another.
const LANE_GAP: i32 = 34;

/// More lines of words than this are many.
const LINES_MANY: i32 = 3;

/// So many arrows go past each other without more room than their words have.
const ARROWS_FEW: usize = 25;

/// Things that are to be placed.
pub(super) struct Queue<'a> {
    pub(super) panel: &'a Panel,
    pub(super) items: &'a [Item],
    pub(super) links: &'a [Link],
    pub(super) pieces: Vec<Piece>,
}

/// Where a thing belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    column: usize,
    lane: usize,
    /// The last column that its straight line to the right goes through.
    reach: usize,
    /// The thing from which it is reached.
    from: Option<usize>,
}

impl Queue<'_> {
    /// Places everything.
    pub(super) fn lay_out(self) -> Piece {
        let slots = self.slots();
        let lefts = self.lefts(&slots);
        let tops = self.tops(&slots);
        let lead = (0..slots.len()).filter(|at| slots[*at].lane == 0);
        let spine = lead.map(|at| tops[at] + self.pieces[at].spine).max().unwrap_or(0);
        let mut whole = Piece { spine, ..Piece::default() };
        for (at, piece) in self.pieces.into_iter().enumerate() {
            whole.w = whole.w.max(lefts[at] + piece.w);
            whole.h = whole.h.max(tops[at] + piece.h);
            whole.take(piece, lefts[at], tops[at]);
        }
        whole
    }

    fn slots(&self) -> Vec<Slot> {
        let mut slots: Vec<Option<Slot>> = vec![None; self.items.len()];
        let lead = self.lead();
        for (column, at) in lead.iter().enumerate() {
            slots[*at] = Some(Slot { column, lane: 0, reach: column, from: None });
        }
        let last = lead.len().saturating_sub(1);
        // Invariant: every stretch of a lane that something stands on or that a straight line goes along.
        let mut taken: Vec<(usize, usize, usize)> = Vec::new();
        while let Some((at, from)) = self.next(&slots) {
            let slot = self.slot(at, from, &slots, last, &taken);
            taken.push((slot.lane, slot.column, slot.reach));
            slots[at] = Some(slot);
        }
        slots.into_iter().flatten().collect()
    }

    /// What stands on lane 0: the happy path, or where nothing of it is here, one way through.
    fn lead(&self) -> Vec<usize> {
        let mut path: Vec<usize> = (0..self.items.len()).filter(|at| self.items[*at].on_path.is_some()).collect();
        path.sort_by_key(|at| self.items[*at].on_path);
        if !path.is_empty() || self.items.is_empty() {
            return path;
        }
        let entered = |at: &usize| self.links.iter().any(|link| link.to == *at);
        let initial = |at: &usize| self.panel.initial.is_some_and(|node| self.items[*at].nodes.contains(&node));
        let all = 0..self.items.len();
        let start = all.clone().find(initial).or_else(|| all.clone().find(|at| !entered(at))).unwrap_or(0);
        let mut lead = vec![start];
        loop {
            let here = lead[lead.len() - 1];
            let mut next: Vec<usize> = self.links.iter().filter(|link| link.from == here).map(|link| link.to).collect();
            next.retain(|at| !lead.contains(at) && !matches!(self.items[*at].what, What::Copy(_)));
            next.sort_by_key(|at| (self.items[*at].is_aside, *at));
            match next.first() {
                Some(at) => lead.push(*at),
                None => return lead,
            }
        }
    }

    /// What is placed next, and from where it is reached.
    fn next(&self, slots: &[Option<Slot>]) -> Option<(usize, Option<usize>)> {
        let open = (0..slots.len()).filter(|at| slots[*at].is_none());
        let first = open.min_by_key(|at| {
            let item = &self.items[*at];
            let is_again = self.is_again(item);
            let is_copy = matches!(item.what, What::Copy(_));
            let from = self.reached_from(*at, slots);
            let column = from.and_then(|from| slots[from]).map_or(0, |slot| slot.column);
            let order = if item.is_aside || is_copy { usize::MAX - column } else { column };
            let entries = self.links.iter().filter(|link| link.to == *at).count();
            let words = if self.is_crowded() { 0 } else { self.words_to(*at).1 };
            (is_again, from.is_none(), !is_copy, item.is_aside, order, Reverse(entries), Reverse(words), *at)
        })?;
        Some((first, self.reached_from(first, slots)))
    }

    /// Whether it is the copy of a state that a new attempt enters; other copies stand near to where their arrow starts.
    fn is_again(&self, item: &Item) -> bool {
        matches!(item.what, What::Copy(arrow) if self.panel.arrows[arrow].course == Course::Again)
    }

    /// The placed thing that leads to this one: the nearest to lane 0, and of those the farthest to the right.
    fn reached_from(&self, at: usize, slots: &[Option<Slot>]) -> Option<usize> {
        let leading = self.links.iter().filter(|link| link.to == at);
        let placed = leading.filter_map(|link| slots[link.from].map(|slot| (slot, link.from)));
        placed.min_by_key(|(slot, from)| (slot.lane, Reverse(slot.column), *from)).map(|(_, from)| from)
    }

    fn slot(
        &self,
        at: usize,
        from: Option<usize>,
        slots: &[Option<Slot>],
        last: usize,
        taken: &[(usize, usize, usize)],
    ) -> Slot {
        let item = &self.items[at];
        let origin = from.and_then(|from| slots[from]);
        let is_end_below = item.is_end && self.links.iter().any(|link| link.to == at) && last > 0;
        let column = match origin {
            _ if is_end_below => last,
            Some(slot) if slot.lane == 0 || matches!(item.what, What::Copy(_)) => slot.column,
            Some(slot) => slot.column + 1,
            None => self.column_before(at, slots).unwrap_or(0),
        };
        let leads_to_end = self.links.iter().any(|link| {
            link.from == at
                && slots[link.to].map_or(self.items[link.to].is_end, |slot| slot.column == last && slot.lane == 0)
        });
        let reach = if item.is_aside && leads_to_end && column < last { last - 1 } else { column };
        let is_free =
            |lane: usize| taken.iter().all(|(other, start, end)| *other != lane || *end < column || reach < *start);
        let wanted = origin.filter(|slot| slot.lane > 0).map(|slot| slot.lane).filter(|lane| is_free(*lane));
        let below = origin.map_or(1, |slot| slot.lane.max(1));
        let lane = wanted.or_else(|| (below..).find(|lane| is_free(*lane))).unwrap_or(1);
        Slot { column, lane, reach, from }
    }

    /// A column from which what is placed already can be reached.
    fn column_before(&self, at: usize, slots: &[Option<Slot>]) -> Option<usize> {
        let reached = self.links.iter().filter(|link| link.from == at).filter_map(|link| slots[link.to]);
        reached.map(|slot| slot.column.saturating_sub(1)).min()
    }

    /// The left side of each thing.
    fn lefts(&self, slots: &[Slot]) -> Vec<i32> {
        let columns = slots.iter().map(|slot| slot.column + 1).max().unwrap_or(0);
        let mut widths = vec![0; columns];
        for (slot, piece) in slots.iter().zip(&self.pieces) {
            widths[slot.column] = widths[slot.column].max(piece.w);
        }
        let mut starts = vec![0; columns];
        for column in 1..columns {
            starts[column] = starts[column - 1] + widths[column - 1] + self.gap_before(column, slots);
        }
        let mut lefts: Vec<i32> = vec![0; slots.len()];
        let mut order: Vec<usize> = (0..slots.len()).collect();
        order.sort_by_key(|at| (slots[*at].lane, slots[*at].column, *at));
        let mut shelves: BTreeMap<usize, i32> = BTreeMap::new();
        for at in order {
            let (slot, w) = (slots[at], self.pieces[at].w);
            let (start, width) = (starts[slot.column], widths[slot.column]);
            let origin = slot.from.filter(|from| slots[*from].column == slot.column && slot.lane > 0);
            lefts[at] = match origin.and_then(|from| self.tail_center(at, from)) {
                Some((from, Some(center))) => (lefts[from] + center - self.middle(at)).clamp(start, start + width - w),
                Some((_, None)) => {
                    let end = *shelves.get(&slot.column).unwrap_or(&(start + width));
                    let room = self.words_to(at).0 + 26;
                    let left = (end - w.max(w / 2 + room)).max(start);
                    shelves.insert(slot.column, left - 14);
                    left
                }
                None => start + (width - w) / 2,
            };
        }
        lefts
    }

    /// The middle of a thing, or of its box where it is a node with room beside it.
    fn middle(&self, at: usize) -> i32 {
        match (self.items[at].what, self.pieces[at].nodes.as_slice()) {
            (What::Node(_), [(_, rect)]) => rect.center().x,
            (What::Node(_) | What::Cluster(_) | What::Copy(_), _) => self.pieces[at].w / 2,
        }
    }

    /// Where within a thing the arrow to another starts: the middle of a node, or anywhere at the border.
    fn tail_center(&self, at: usize, from: usize) -> Option<(usize, Option<i32>)> {
        let link = self.links.iter().find(|link| link.from == from && link.to == at)?;
        let tails = self.panel.tail_nodes(self.panel.arrows[link.arrow].tail);
        let center = match tails.as_slice() {
            [tail] => self.pieces[from].nodes.iter().find(|(node, _)| node == tail).map(|(_, rect)| rect.center().x),
            _ if self.pieces[from].nodes.len() <= 1 || self.pieces[from].w < 200 => Some(self.pieces[from].w / 2),
            _ => None,
        };
        Some((from, center))
    }

    fn gap_before(&self, column: usize, slots: &[Slot]) -> i32 {
        let between = self.links.iter().filter(|link| {
            let (from, to) = (slots[link.from], slots[link.to]);
            let is_level = from.lane == to.lane && from.lane > 0;
            // Ends that share a border stand beside what leads to them, lower than the lane of their border.
            let is_to_ends = from.lane > 0
                && self.items[link.to].nodes.len() > 1
                && self.items[link.to].is_end
                && from.from.and_then(|origin| self.tail_center(link.from, origin)).is_some_and(|(_, x)| x.is_none());
            (is_level || is_to_ends) && from.column.min(to.column) + 1 == column && from.column.max(to.column) == column
        });
        let wanted = between.map(|link| self.words(link.arrow).0 + 30).max().unwrap_or(0);
        let is_lead = slots.iter().filter(|slot| slot.lane == 0 && slot.column == column).count() > 0;
        let on_lead = self.links.iter().filter(|link| {
            let (from, to) = (slots[link.from], slots[link.to]);
            let is_path = self.panel.arrows[link.arrow].course == Course::Path;
            is_lead && !is_path && from.lane == 0 && to.lane == 0 && from.column + 1 == column && to.column == column
        });
        let on_lead = on_lead.map(|link| self.words(link.arrow).0 + 30).max().unwrap_or(0);
        COLUMN_GAP.max(wanted).max(on_lead)
    }

    /// Width and height of the words of an arrow.
    fn words(&self, arrow: usize) -> (i32, i32) {
        measure::lines(&label::lines(&self.panel.arrows[arrow]))
    }

    /// Whether so many arrows go by that they need what room there is.
    fn is_crowded(&self) -> bool {
        self.panel.arrows.len() > ARROWS_FEW
    }

    /// The height that is kept free for the words of an arrow that goes down: many lines are made fewer and wider.
    fn height(&self, arrow: usize) -> i32 {
        let words = label::sentences(&self.panel.arrows[arrow]);
        let wide: Vec<String> = words.iter().flat_map(|entry| wrap::wrap(entry, WIDE)).collect();
        let high = self.words(arrow).1;
        if high > LINES_MANY * LINE { measure::lines(&wide).1.max(LINES_MANY * LINE) } else { high }
    }

    /// Width and height of the largest words at arrows to a thing.
    fn words_to(&self, at: usize) -> (i32, i32) {
        let to = self.links.iter().filter(|link| link.to == at);
        let to = to.map(|link| (self.words(link.arrow).0, self.height(link.arrow)));
        to.fold((0, 0), |(w, h), (other_w, other_h)| (w.max(other_w), h.max(other_h)))
    }

    /// The upper side of each thing: below whatever is above it in one of its columns.
    fn tops(&self, slots: &[Slot]) -> Vec<i32> {
        let mut order: Vec<usize> = (0..slots.len()).collect();
        order.sort_by_key(|at| (slots[*at].lane, slots[*at].column, *at));
        let spine =
            (0..slots.len()).filter(|at| slots[*at].lane == 0).map(|at| self.pieces[at].spine).max().unwrap_or(0);
        let mut tops = vec![0; slots.len()];
        let mut done: Vec<usize> = Vec::new();
        let lanes: BTreeSet<usize> = slots.iter().map(|slot| slot.lane).collect();
        for lane in lanes {
            let here: Vec<usize> = order.iter().copied().filter(|at| slots[*at].lane == lane).collect();
            for chain in chains(&here, slots) {
                let center =
                    chain.iter().map(|at| self.highest(*at, &done, slots, &tops) + self.pieces[*at].spine).max();
                let center = if lane == 0 { spine } else { center.unwrap_or(0) };
                chain.iter().for_each(|at| tops[*at] = center - self.pieces[*at].spine);
            }
            done.extend(here);
        }
        tops
    }

    fn highest(&self, at: usize, done: &[usize], slots: &[Slot], tops: &[i32]) -> i32 {
        let slot = slots[at];
        let leaves_up = self.links.iter().filter(|link| link.from == at && slots[link.to].lane < slot.lane);
        let up = leaves_up.filter(|link| !self.items[link.to].is_end).map(|link| self.height(link.arrow)).max();
        // Beside an arrow that comes down from a frame there is room for its words without a wider gap.
        let is_framed = |link: &Link| matches!(self.panel.arrows[link.arrow].tail, Tail::Cluster(_));
        let is_near = |link: &&Link| {
            let comes_by = is_framed(link) && !self.is_crowded() && slots[link.from].lane + 1 < slot.lane;
            link.to == at && !comes_by
        };
        let near = self.links.iter().filter(is_near).map(|link| self.height(link.arrow)).max();
        let words = near.max(up).unwrap_or(0);
        let gap = LANE_GAP + words;
        let above = done.iter().filter(|other| {
            let other = slots[**other];
            other.column <= slot.reach && slot.column <= other.reach
        });
        above.map(|other| tops[*other] + self.pieces[*other].h + gap).max().unwrap_or(0)
    }
}

/// Things of one lane that stand on one line: each with what is reached from it.
fn chains(here: &[usize], slots: &[Slot]) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    for at in here {
        let from = slots[*at].from;
        match found.iter_mut().find(|chain| from.is_some_and(|from| chain.contains(&from))) {
            Some(chain) => chain.push(*at),
            None => found.push(vec![*at]),
        }
    }
    found
}
