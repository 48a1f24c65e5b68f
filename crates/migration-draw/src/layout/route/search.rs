//! The cheapest way from one box to another: A* over crossings of tracks and the directions in which they are left.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::rect::{Point, Rect};
use super::field::Field;

/// A bend, in units of length.
const BEND: u32 = 45;
/// A crossing with another arrow.
const CROSSING: u32 = 300;
/// How much dearer the inside of a cluster is that the arrow does not belong to.
const FOREIGN: u32 = 3;
/// Room that the head of an arrow needs before its box.
const HEAD: i32 = 11;
/// Room before the box that an arrow leaves.
const TAIL: i32 = 8;
/// Room between an arrow and the corner of a box.
const CORNER: i32 = 7;

/// A side of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Top,
    Bottom,
}

/// What an arrow joins, and what each side costs.
#[derive(Debug)]
pub(super) struct Ends<'a> {
    pub(super) tail: Rect,
    pub(super) head: Rect,
    pub(super) from: &'a [(Side, u32)],
    pub(super) to: &'a [(Side, u32)],
    /// For each cluster, by its index plus one, whether the arrow belongs there.
    pub(super) home: &'a [bool],
    /// The cost of going where another arrow goes, or `None` where that is forbidden.
    pub(super) sharing: Option<u32>,
}

/// No crossing beside a box is farther from it.
const NEAR: u32 = 120;

/// The state of the search, kept between searches.
#[derive(Debug)]
pub(super) struct Search {
    places: Vec<Place>,
    touched: Vec<usize>,
    /// What is to be looked at, the cheapest first: the least that the whole way costs, above the place.
    heap: BinaryHeap<Reverse<u64>>,
    /// How many steps all searches took.
    pub(super) steps: u32,
}

/// A crossing and the direction in which it is reached.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The cost of the cheapest way to it that is known.
    cost: u32,
    /// The place before it on that way.
    before: u32,
}

impl Place {
    const UNKNOWN: Place = Place { cost: u32::MAX, before: u32::MAX };
}

/// A place where an arrow can leave or reach a box: the crossing beside it, the direction of the arrow there, the
/// point at the box, and what it costs.
struct Port {
    crossing: usize,
    direction: usize,
    point: Point,
    cost: u32,
}

impl Search {
    pub(super) fn new(field: &Field) -> Search {
        let size = field.xs.len() * field.ys.len() * 4;
        Search { places: vec![Place::UNKNOWN; size], touched: Vec::new(), heap: BinaryHeap::new(), steps: 0 }
    }

    /// Returns the corners of the cheapest way and its cost, or `None` if there is no way.
    pub(super) fn find(&mut self, field: &Field, ends: &Ends<'_>) -> Option<(Vec<Point>, u32)> {
        for at in self.touched.drain(..) {
            self.places[at] = Place::UNKNOWN;
        }
        self.heap.clear();
        let starts: Vec<Port> = ends.from.iter().flat_map(|side| ports(field, ends.tail, *side, TAIL, true)).collect();
        let goals: Vec<Port> = ends.to.iter().flat_map(|side| ports(field, ends.head, *side, HEAD, false)).collect();
        for port in &starts {
            if ends.sharing.is_some() || field.is_free(port.crossing, port.direction % 2) {
                self.reach(port.crossing * 4 + port.direction, port.cost, u32::MAX, field, ends);
            }
        }
        let mut best: Option<(u32, usize, usize)> = None;
        while let Some((estimate, at)) = self.cheapest() {
            self.steps = self.steps.saturating_add(1);
            if best.is_some_and(|(cost, _, _)| cost <= estimate) {
                break;
            }
            let (crossing, direction) = (at / 4, at % 4);
            let cost = self.places[at].cost;
            if estimate > cost + guess(field, crossing, ends.head) {
                continue;
            }
            let turns = Turns::new(field, crossing, direction, ends.sharing);
            let near: &[Port] = if estimate - cost <= NEAR { &goals } else { &[] };
            for (number, goal) in near.iter().enumerate().filter(|(_, goal)| goal.crossing == crossing) {
                if let Some(turn) = turns.cost(goal.direction) {
                    let total = cost + turn + goal.cost;
                    if best.is_none_or(|(known, _, _)| total < known) {
                        best = Some((total, at, number));
                    }
                }
            }
            self.go_on(at, &turns, field, ends);
        }
        best.map(|(cost, at, goal)| (self.corners(field, at, &goals[goal], &starts), cost))
    }

    /// Takes the place through which the whole way costs least, as far as is known, with that cost.
    fn cheapest(&mut self) -> Option<(u32, usize)> {
        let Reverse(next) = self.heap.pop()?;
        Some((u32::try_from(next >> 32).ok()?, usize::try_from(next & u64::from(u32::MAX)).ok()?))
    }

    /// Reaches what is next to a place.
    fn go_on(&mut self, at: usize, turns: &Turns, field: &Field, ends: &Ends<'_>) {
        let (crossing, cost) = (at / 4, self.places[at].cost);
        let here = field.point(crossing);
        for next in 0..4 {
            let Some(turn) = turns.cost(next) else { continue };
            let Some(to) = field.step(crossing, next) else { continue };
            let there = field.point(to);
            let length = (here.x - there.x).unsigned_abs() + (here.y - there.y).unsigned_abs();
            let is_home = ends.home.get(usize::from(field.cluster[to])).copied().unwrap_or(true);
            let length = if is_home { length } else { length * FOREIGN };
            let before = u32::try_from(at).unwrap_or(u32::MAX);
            self.reach(to * 4 + next, cost + turn + length, before, field, ends);
        }
    }

    fn reach(&mut self, at: usize, cost: u32, before: u32, field: &Field, ends: &Ends<'_>) {
        let place = &mut self.places[at];
        if cost < place.cost {
            if place.cost == u32::MAX {
                self.touched.push(at);
            }
            *place = Place { cost, before };
            let estimate = u64::from(cost + guess(field, at / 4, ends.head));
            let at = u64::try_from(at).unwrap_or(u64::MAX);
            self.heap.push(Reverse(estimate << 32 | at));
        }
    }

    fn corners(&self, field: &Field, last: usize, goal: &Port, starts: &[Port]) -> Vec<Point> {
        let mut points = vec![goal.point, field.point(last / 4)];
        let mut at = last;
        while let Some(before) =
            usize::try_from(self.places[at].before).ok().filter(|before| *before < self.places.len())
        {
            at = before;
            points.push(field.point(at / 4));
        }
        let first =
            starts.iter().find(|port| port.crossing * 4 + port.direction == at && port.cost == self.places[at].cost);
        points.extend(first.map(|port| port.point));
        points.reverse();
        points.dedup();
        let mut corners: Vec<Point> = Vec::new();
        for point in points {
            if let [.., a, b] = corners.as_slice()
                && ((a.x == b.x && b.x == point.x) || (a.y == b.y && b.y == point.y))
            {
                corners.pop();
            }
            corners.push(point);
        }
        corners
    }
}

/// The least that the rest of the way can cost.
fn guess(field: &Field, crossing: usize, head: Rect) -> u32 {
    let point = field.point(crossing);
    let x = (head.x - point.x).max(point.x - head.right()).max(0);
    let y = (head.y - point.y).max(point.y - head.bottom()).max(0);
    x.unsigned_abs() + y.unsigned_abs()
}

/// What it costs to go through a crossing, or `None` where another arrow is in the way and sharing is not allowed.
struct Turns {
    arriving: usize,
    straight: Option<u32>,
    bent: Option<u32>,
}

impl Turns {
    fn new(field: &Field, crossing: usize, arriving: usize, sharing: Option<u32>) -> Turns {
        let other = if field.used(crossing)[1 - arriving % 2] > 0 { CROSSING } else { 0 };
        let straight = if field.is_free(crossing, arriving % 2) { Some(other) } else { sharing };
        let bent = if field.is_empty(crossing) { Some(BEND) } else { sharing };
        Turns { arriving, straight, bent }
    }

    fn cost(&self, leaving: usize) -> Option<u32> {
        match (leaving + 4 - self.arriving) % 4 {
            0 => self.straight,
            2 => None,
            _ => self.bent,
        }
    }
}

/// The ports of one side of a box.
fn ports(field: &Field, rect: Rect, (side, cost): (Side, u32), room: i32, is_tail: bool) -> Vec<Port> {
    let outward = match side {
        Side::Right => 0,
        Side::Bottom => 1,
        Side::Left => 2,
        Side::Top => 3,
    };
    let direction = if is_tail { outward } else { (outward + 2) % 4 };
    let is_level = outward % 2 == 0;
    let (along, across) = if is_level { (&field.ys, &field.xs) } else { (&field.xs, &field.ys) };
    let (start, end) = if is_level { (rect.y, rect.bottom()) } else { (rect.x, rect.right()) };
    let (edge, limit) = match side {
        Side::Right => (rect.right(), rect.right() + room),
        Side::Bottom => (rect.bottom(), rect.bottom() + room),
        Side::Left => (rect.x, rect.x - room),
        Side::Top => (rect.y, rect.y - room),
    };
    let beside = match side {
        Side::Right | Side::Bottom => Some(across.partition_point(|other| *other < limit)),
        Side::Left | Side::Top => across.partition_point(|other| *other <= limit).checked_sub(1),
    };
    let Some(beside) = beside.filter(|beside| *beside < across.len()) else { return Vec::new() };
    let middle = i32::midpoint(start, end);
    let fitting = along.iter().enumerate().filter(|(_, at)| start + CORNER <= **at && **at <= end - CORNER);
    let port = |(index, at): (usize, &i32)| {
        let (crossing, point) = if is_level {
            (field.index(beside, index), Point { x: edge, y: *at })
        } else {
            (field.index(index, beside), Point { x: *at, y: edge })
        };
        let far = (field_coordinate(across, beside) - edge).unsigned_abs();
        // Off the middle is a little dearer, so that a lone arrow stands in the middle of a small box.
        let off = if end - start < 200 { (at - middle).unsigned_abs() / 3 } else { 0 };
        Port { crossing, direction, point, cost: cost + far + off }
    };
    fitting.map(port).filter(|port| field.is_open(port.point, port.crossing)).collect()
}

fn field_coordinate(list: &[i32], at: usize) -> i32 {
    list[at]
}
