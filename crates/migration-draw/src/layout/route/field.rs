//! The ground on which arrows look for their ways: where tracks meet, what stands in the way, and who is there.

use super::super::super::figure::Panel;
use super::super::drawing::Layout;
use super::super::loops;
use super::super::rect::{Point, Rect};
use super::super::tracks::Tracks;

/// From a box to the nearest track that goes by.
const CLEARANCE: i32 = 7;

/// The tracks, and what is on them. A crossing is a place where two tracks meet.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) xs: Vec<i32>,
    pub(super) ys: Vec<i32>,
    /// Where each crossing is.
    points: Vec<Point>,
    /// Whether the stretch from a crossing to the one on its right is open.
    right: Vec<bool>,
    /// Whether the stretch from a crossing to the one below is open.
    down: Vec<bool>,
    /// The innermost cluster around each crossing, by its index plus one; 0 for none.
    pub(super) cluster: Vec<u16>,
    /// How many arrows go through each crossing on the level, upright, and round a corner.
    used: Vec<[i16; 3]>,
    /// How many arrows go beside each crossing on the level and upright, so near that they would look like one with an
    /// arrow through it.
    beside: Vec<[i16; 2]>,
    /// Lines that are nearer to each other than this look like one.
    apart: i32,
    /// The nodes of each cluster.
    members: Vec<Vec<usize>>,
    /// Words of arrows from states to themselves: they stand so near to a box that they may be between it and a track.
    near: Vec<Rect>,
}

impl Field {
    pub(super) fn new(panel: &Panel, layout: &Layout, tracks: Tracks, apart: i32) -> Field {
        let Tracks { xs, ys } = tracks;
        let size = xs.len() * ys.len();
        let mut field = Field {
            points: ys.iter().flat_map(|y| xs.iter().map(|x| Point { x: *x, y: *y })).collect(),
            right: vec![true; size],
            down: vec![true; size],
            cluster: vec![0; size],
            used: vec![[0; 3]; size],
            beside: vec![[0; 2]; size],
            apart,
            members: panel.clusters.iter().map(|cluster| cluster.nodes.clone()).collect(),
            near: Vec::new(),
            xs,
            ys,
        };
        let (width, height) = (field.xs.len(), field.ys.len());
        (1..=height).for_each(|y| field.right[y * width - 1] = false);
        (size - width.min(size)..size).for_each(|at| field.down[at] = false);
        // Outer ones come first, so that the innermost stays.
        for (at, rect) in layout.clusters.iter().enumerate() {
            let number = u16::try_from(at + 1).unwrap_or(u16::MAX);
            field.each_within(*rect, |field, crossing| field.cluster[crossing] = number);
        }
        let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| *rect));
        let boxes = layout.nodes.iter().copied().chain(copies).map(|rect| rect.grown(CLEARANCE));
        let titles = layout.titles.iter().filter(|rect| rect.w > 0).map(|rect| rect.grown(2));
        let fixed = (0..panel.arrows.len()).filter(|at| loops::is_fixed(panel, *at));
        let words = fixed.filter_map(|at| layout.routes[at].label.as_ref()).map(|label| label.rect.grown(3));
        let start = layout.start.map(|point| Rect { x: point.x - 8, y: point.y - 8, w: 34, h: 16 });
        let placed = (0..panel.arrows.len()).filter(|at| loops::is_placed(panel, *at));
        field.near = placed.filter_map(|at| layout.routes[at].label.as_ref()).map(|label| label.rect).collect();
        for obstacle in boxes.chain(titles).chain(words).chain(start) {
            field.block(obstacle);
        }
        field
    }

    /// Whether nothing stands between a box and a crossing beside it.
    pub(super) fn is_open(&self, at_box: Point, crossing: usize) -> bool {
        self.near.iter().all(|words| !words.is_crossed(at_box, self.points[crossing]))
    }

    pub(super) fn index(&self, x: usize, y: usize) -> usize {
        y * self.xs.len() + x
    }

    pub(super) fn point(&self, crossing: usize) -> Point {
        self.points[crossing]
    }

    /// The crossing next to one, if the stretch between them is open: to the right, below, to the left, above.
    pub(super) fn step(&self, crossing: usize, direction: usize) -> Option<usize> {
        let width = self.xs.len();
        // What ends a row is closed to the right, so that the one before the first of a row never counts.
        match direction {
            0 => self.right[crossing].then(|| crossing + 1),
            1 => self.down[crossing].then(|| crossing + width),
            2 => crossing.checked_sub(1).filter(|to| self.right[*to]),
            _ => crossing.checked_sub(width).filter(|to| self.down[*to]),
        }
    }

    pub(super) fn used(&self, crossing: usize) -> [i16; 3] {
        self.used[crossing]
    }

    /// Whether nobody goes along an axis here, or beside it, or round a corner: 0 is on the level, 1 is upright.
    pub(super) fn is_free(&self, crossing: usize, axis: usize) -> bool {
        let used = self.used[crossing];
        used[axis] == 0 && used[2] == 0 && self.beside[crossing][axis] == 0
    }

    /// Whether nobody goes here at all, or beside it.
    pub(super) fn is_empty(&self, crossing: usize) -> bool {
        self.used[crossing] == [0; 3] && self.beside[crossing] == [0; 2]
    }

    /// For each cluster, by its index plus one, whether an arrow from these nodes to that one belongs there.
    pub(super) fn homes(&self, tails: &[usize], head: usize) -> Vec<bool> {
        let holds = |nodes: &Vec<usize>| {
            nodes.binary_search(&head).is_ok() || tails.iter().any(|tail| nodes.binary_search(tail).is_ok())
        };
        std::iter::once(true).chain(self.members.iter().map(holds)).collect()
    }

    fn each_within(&mut self, rect: Rect, mut act: impl FnMut(&mut Field, usize)) {
        let (x0, x1) = (above(&self.xs, rect.x), above(&self.xs, rect.right()));
        let (y0, y1) = (above(&self.ys, rect.y), above(&self.ys, rect.bottom()));
        for y in y0..y1 {
            for x in x0..x1 {
                act(self, self.index(x, y));
            }
        }
    }

    /// Closes every stretch that goes through a box.
    pub(super) fn block(&mut self, rect: Rect) {
        let (x0, x1) = (above(&self.xs, rect.x), below(&self.xs, rect.right()));
        let (y0, y1) = (above(&self.ys, rect.y), below(&self.ys, rect.bottom()));
        for y in y0..y1 {
            for x in x0.saturating_sub(1)..x1 {
                let at = self.index(x, y);
                self.right[at] = false;
            }
        }
        for x in x0..x1 {
            for y in y0.saturating_sub(1)..y1 {
                let at = self.index(x, y);
                self.down[at] = false;
            }
        }
    }

    /// How often an arrow that goes along here meets another one; a stretch in common counts at each of its places.
    pub(super) fn crossings(&self, points: &[Point]) -> usize {
        let of_stretch = |pair: &[Point]| {
            let (a, b) = (pair[0], pair[1]);
            let (x0, x1) = (from(&self.xs, a.x.min(b.x)), below_or_at(&self.xs, a.x.max(b.x)));
            let (y0, y1) = (from(&self.ys, a.y.min(b.y)), below_or_at(&self.ys, a.y.max(b.y)));
            let crossings = (y0..y1).flat_map(|y| (x0..x1).map(move |x| (x, y)));
            // At a corner an arrow meets itself.
            let is_inner = |(x, y): &(usize, usize)| {
                let point = Point { x: self.xs[*x], y: self.ys[*y] };
                point != a && point != b
            };
            let is_met = |at: &(usize, usize)| self.used[self.index(at.0, at.1)].iter().sum::<i16>() > 1;
            crossings.filter(|at| is_inner(at) && is_met(at)).count()
        };
        points.windows(2).map(of_stretch).sum()
    }

    /// Notes that an arrow goes beside the tracks that are too near to its own, or takes that back.
    fn note_beside(&mut self, (a, b): (Point, Point), by: i16) {
        let is_level = a.y == b.y;
        let (across, along) = if is_level { (&self.ys, &self.xs) } else { (&self.xs, &self.ys) };
        let (own, one, other) = if is_level { (a.y, a.x, b.x) } else { (a.x, a.y, b.y) };
        let near = from(across, own - self.apart + 1)..from(across, own + self.apart);
        let near: Vec<usize> = near.filter(|track| across[*track] != own).collect();
        let stretch = from(along, one.min(other))..below_or_at(along, one.max(other));
        for track in near {
            for at in stretch.clone() {
                let crossing = if is_level { self.index(at, track) } else { self.index(track, at) };
                self.beside[crossing][usize::from(!is_level)] += by;
            }
        }
    }

    /// Notes that an arrow goes along here, or takes that back.
    pub(super) fn occupy(&mut self, points: &[Point], by: i16) {
        for (at, pair) in points.windows(2).enumerate() {
            let (a, b) = (pair[0], pair[1]);
            let (left, right) = (a.x.min(b.x), a.x.max(b.x));
            let (top, bottom) = (a.y.min(b.y), a.y.max(b.y));
            let is_level = a.y == b.y;
            let (x0, x1) = (from(&self.xs, left), below_or_at(&self.xs, right));
            let (y0, y1) = (from(&self.ys, top), below_or_at(&self.ys, bottom));
            for y in y0..y1 {
                for x in x0..x1 {
                    let index = self.index(x, y);
                    self.used[index][usize::from(!is_level)] += by;
                }
            }
            self.note_beside((a, b), by);
            if at > 0
                && let (Ok(x), Ok(y)) = (self.xs.binary_search(&a.x), self.ys.binary_search(&a.y))
            {
                let index = self.index(x, y);
                self.used[index][2] += by;
            }
        }
    }
}

/// The first coordinate that is greater.
fn above(list: &[i32], value: i32) -> usize {
    list.partition_point(|other| *other <= value)
}

/// The first coordinate that is not less.
fn from(list: &[i32], value: i32) -> usize {
    list.partition_point(|other| *other < value)
}

/// The end of the coordinates that are less.
fn below(list: &[i32], value: i32) -> usize {
    list.partition_point(|other| *other < value)
}

/// The end of the coordinates that are not greater.
fn below_or_at(list: &[i32], value: i32) -> usize {
    list.partition_point(|other| *other <= value)
}
