//! The words of the happy path: above the heavy line, each over its own gap, wrapped as narrow as they look well.
//!
//! In the gap itself they would push the boxes apart until the picture is too wide for a page.

use super::super::figure::{Panel, Tail};
use super::super::{label, wrap};
use super::drawing::{Axis, Label, Layout, Stretch, is_straight};
use super::loops;
use super::measure;
use super::rect::{Point, Rect};

/// Characters that a line of them may have.
const WIDTH_MAX: usize = 32;

/// From the top of the boxes on the path to the words.
const ABOVE: i32 = 12;

/// Space between words and an upright border.
const FROM_BORDER: i32 = 5;

/// Space between words side by side.
const BETWEEN: i32 = 9;

/// The words of an arrow of the path.
fn wrapped(panel: &Panel, arrow: usize) -> Vec<String> {
    wrap::balanced(&label::sentences(&panel.arrows[arrow]), WIDTH_MAX, |lines| measure::lines(lines).0)
}

/// The height that the words need above the part of the path that goes through a cluster.
pub(super) fn height_within(panel: &Panel, cluster: usize) -> i32 {
    let nodes = &panel.clusters[cluster].nodes;
    let is_inner = |other: usize| {
        let inner = &panel.clusters[other];
        other != cluster && inner.is_frame && inner.nodes.iter().all(|node| nodes.contains(node))
    };
    let touched = |arrow: &usize| {
        let this = &panel.arrows[*arrow];
        let ends = panel.tail_nodes(this.tail).into_iter().chain([this.to]);
        is_straight(panel, *arrow) && ends.into_iter().any(|node| nodes.contains(&node))
    };
    let covered = |arrow: &usize| {
        let ends = [panel.tail_nodes(panel.arrows[*arrow].tail)[0], panel.arrows[*arrow].to];
        let within = |other: usize| ends.iter().all(|node| panel.clusters[other].nodes.contains(node));
        (0..panel.clusters.len()).any(|other| is_inner(other) && within(other))
    };
    let arrows = (0..panel.arrows.len()).filter(touched).filter(|arrow| !covered(arrow));
    arrows.map(|arrow| measure::lines(&wrapped(panel, arrow)).1 + ABOVE).max().unwrap_or(0)
}

/// Puts the words of the path above it, from left to right, and makes room where they would meet.
pub(super) fn words(panel: &Panel, layout: &mut Layout) {
    let straight = (0..panel.arrows.len()).filter(|arrow| is_straight(panel, *arrow));
    let mut arrows: Vec<usize> = straight.collect();
    arrows.sort_by_key(|arrow| layout.nodes[panel.arrows[*arrow].to].x);
    let top = panel.path.iter().map(|node| loops::place(panel, layout, *node).y).min().unwrap_or(0) - ABOVE;
    let mut used = i32::MIN / 2;
    for arrow in arrows {
        let Tail::Node(tail) = panel.arrows[arrow].tail else { continue };
        let lines = wrapped(panel, arrow);
        let (w, h) = measure::lines(&lines);
        let head = panel.arrows[arrow].to;
        let (left, mut right) = (layout.nodes[tail].right(), layout.nodes[head].x);
        let mut borders = gap_borders(panel, layout, left, right, top - h);
        if let Some((at, by)) = between_frames(&borders, left, right, w) {
            layout.stretch(panel, Stretch { axis: Axis::X, at, by });
            right = layout.nodes[head].x;
            borders = gap_borders(panel, layout, left, right, top - h);
        }
        let mut x = beside(&borders, left, right, w);
        if x < used + BETWEEN {
            // The gap must reach at least a little under the words; what is behind it moves away.
            x = past(&borders, used + BETWEEN, w);
            let missing = (x + w / 3 - right + 12).max(0);
            if missing > 0 {
                layout.stretch(panel, Stretch { axis: Axis::X, at: right, by: missing });
            }
        }
        let right = layout.nodes[head].x;
        if let Some(limit) = limit(panel, layout, tail, head) {
            x = x.min(limit - w).max(used + BETWEEN);
            let missing = (x + w - limit).max(0);
            if missing > 0 {
                layout.stretch(panel, Stretch { axis: Axis::X, at: limit + FROM_BORDER - 1, by: missing });
            }
        }
        let rect = Rect { x, y: top - h, w, h };
        let at = (x + w / 2).clamp(left + 8, (right - 12).max(left + 8)).clamp(x + 2, (x + w - 2).max(x + 2));
        let line = layout.nodes[head].center().y;
        let leader = Some((Point { x: at, y: rect.bottom() + 1 }, Point { x: at, y: line - 4 }));
        layout.routes[arrow].label = Some(Label { lines, rect, leader });
        used = rect.right();
    }
}

/// How far words may reach to the right within the frames that hold both ends of an arrow.
fn limit(panel: &Panel, layout: &Layout, tail: usize, head: usize) -> Option<i32> {
    let holds = |at: &usize| {
        let cluster = &panel.clusters[*at];
        cluster.is_frame && cluster.nodes.contains(&tail) && cluster.nodes.contains(&head)
    };
    (0..panel.clusters.len()).filter(holds).map(|at| layout.clusters[at].right() - FROM_BORDER).min()
}

/// Where upright borders of frames stand in a gap, at the height of words.
fn gap_borders(panel: &Panel, layout: &Layout, left: i32, right: i32, top: i32) -> Vec<i32> {
    let frames =
        panel.clusters.iter().zip(&layout.clusters).filter(|(cluster, rect)| cluster.is_frame && rect.y < top + 40);
    let sides = frames.flat_map(|(_, rect)| [rect.x, rect.right()]);
    let mut found: Vec<i32> = sides.filter(|x| left <= *x && *x <= right).collect();
    found.sort_unstable();
    found
}

/// The widest part of a gap that no border cuts: its number and its ends, and how many parts there are.
fn widest(borders: &[i32], left: i32, right: i32) -> Option<(usize, [i32; 2], usize)> {
    let sides: Vec<i32> = std::iter::once(left).chain(borders.iter().copied()).chain([right]).collect();
    let parts = sides.windows(2).enumerate();
    let (at, pair) = parts.max_by_key(|(at, pair)| (pair[1] - pair[0], std::cmp::Reverse(*at)))?;
    Some((at, [pair[0], pair[1]], sides.len() - 1))
}

/// Where two frames must be moved apart, and by how much, so that words fit in between.
fn between_frames(borders: &[i32], left: i32, right: i32, w: i32) -> Option<(i32, i32)> {
    let (at, [from, to], parts) = widest(borders, left, right)?;
    let missing = w + 2 * FROM_BORDER - (to - from);
    (at > 0 && at + 1 < parts && missing > 0).then_some((to, missing))
}

/// The left end of words over a gap: in the middle of the widest part that no border cuts, and if they do not fit in
/// there, on the outer side of it.
fn beside(borders: &[i32], left: i32, right: i32, w: i32) -> i32 {
    let Some((at, pair, parts)) = widest(borders, left, right) else { return left };
    let middle = i32::midpoint(pair[0], pair[1]) - w / 2;
    let (is_first, is_last) = (at == 0, at + 1 == parts);
    if is_first && !is_last {
        middle.min(pair[1] - FROM_BORDER - w)
    } else if is_last && !is_first {
        middle.max(pair[0] + FROM_BORDER)
    } else {
        middle
    }
}

/// The first place from a left end on where the words meet no border.
fn past(borders: &[i32], from: i32, w: i32) -> i32 {
    let mut x = from;
    for border in borders {
        if x - FROM_BORDER < *border && *border < x + w + FROM_BORDER {
            x = border + FROM_BORDER;
        }
    }
    x
}
