//! Arrows from a state to itself. Each has a place of its own at a corner of the box, which is kept free from the
//! beginning: a router would lead it round whatever stands beside the box, and its words would stand where others do.

use super::super::figure::{Course, Panel, Tail};
use super::super::label;
use super::drawing::{Label, Layout, is_straight};
use super::measure;
use super::rect::{Point, Rect};

/// How far an arrow goes away from the box, so that its head has room.
const OUT: i32 = 16;

/// From the corner of the box to the ends of the arrow: at the upright side, and at the level one.
const FROM_CORNER: (i32, i32) = (12, 7);

/// Between the arrow and its words.
const BETWEEN: i32 = 4;

/// Around the place.
const MARGIN: i32 = 6;

/// A corner of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Corner {
    is_right: bool,
    is_lower: bool,
}

/// The corners in the order in which arrows take them. A box that has more arrows has no place for the rest, which are
/// routed like any others.
const CORNERS: [Corner; 4] = [
    Corner { is_right: true, is_lower: true },
    Corner { is_right: true, is_lower: false },
    Corner { is_right: false, is_lower: true },
    Corner { is_right: false, is_lower: false },
];

/// The room that a box needs on its sides for the arrows to itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) above: i32,
    pub(super) below: i32,
}

/// Returns the room that the arrows of a node to itself need.
pub(super) fn room(panel: &Panel, node: usize) -> Room {
    let mut room = Room::default();
    for (corner, arrow) in CORNERS.into_iter().zip(loops(panel, node)) {
        let (w, h) = measure::lines(&label::lines(&panel.arrows[arrow]));
        let aside = OUT.max(w - FROM_CORNER.0) + MARGIN;
        let off = OUT + BETWEEN + h + MARGIN;
        let side = if corner.is_right { &mut room.right } else { &mut room.left };
        *side = aside.max(*side);
        let level = if corner.is_lower { &mut room.below } else { &mut room.above };
        *level = off.max(*level);
    }
    room
}

/// Returns the box of a node with the room around it.
pub(super) fn place(panel: &Panel, layout: &Layout, node: usize) -> Rect {
    let (Rect { x, y, w, h }, room) = (layout.nodes[node], room(panel, node));
    Rect { x: x - room.left, y: y - room.above, w: w + room.left + room.right, h: h + room.above + room.below }
}

/// Whether an arrow has a place at its own box.
pub(super) fn is_placed(panel: &Panel, arrow: usize) -> bool {
    is_loop(panel, arrow) && loops(panel, panel.arrows[arrow].to).take(CORNERS.len()).any(|other| other == arrow)
}

/// Whether the way and the words of an arrow are given: it is one of the heavy line, or has a place at its own box.
pub(super) fn is_fixed(panel: &Panel, arrow: usize) -> bool {
    is_straight(panel, arrow) || is_placed(panel, arrow)
}

/// Draws the arrows of every node to itself, with their words.
pub(super) fn put(panel: &Panel, layout: &mut Layout) {
    for (node, rect) in layout.nodes.iter().enumerate() {
        for (corner, arrow) in CORNERS.into_iter().zip(loops(panel, node)) {
            let points = around(*rect, corner);
            let lines = label::lines(&panel.arrows[arrow]);
            let words = beside(&points, corner, measure::lines(&lines));
            let route = &mut layout.routes[arrow];
            route.points = points;
            route.label = (!lines.is_empty()).then_some(Label { lines, rect: words, leader: None });
        }
    }
}

/// The arrows of a node to itself. A new attempt is drawn to a copy of the node.
fn loops(panel: &Panel, node: usize) -> impl Iterator<Item = usize> {
    (0..panel.arrows.len()).filter(move |arrow| panel.arrows[*arrow].to == node && is_loop(panel, *arrow))
}

fn is_loop(panel: &Panel, arrow: usize) -> bool {
    let arrow = &panel.arrows[arrow];
    arrow.tail == Tail::Node(arrow.to) && arrow.course != Course::Again
}

/// The way round a corner of a box: from its upright side to its level one.
fn around(rect: Rect, corner: Corner) -> Vec<Point> {
    let (side, aside) = if corner.is_right { (rect.right(), 1) } else { (rect.x, -1) };
    let (level, off) = if corner.is_lower { (rect.bottom(), 1) } else { (rect.y, -1) };
    let start = Point { x: side, y: level - off * FROM_CORNER.1 };
    let end = Point { x: side - aside * FROM_CORNER.0, y: level };
    let (out, beyond) = (side + aside * OUT, level + off * OUT);
    vec![start, Point { x: out, ..start }, Point { x: out, y: beyond }, Point { y: beyond, ..end }, end]
}

/// The place of words beyond a way round a corner. They reach away from the middle of the box, where other arrows leave it.
fn beside(points: &[Point], corner: Corner, (w, h): (i32, i32)) -> Rect {
    let near = points[points.len() - 2];
    let x = if corner.is_right { near.x } else { near.x - w };
    let y = if corner.is_lower { near.y + BETWEEN } else { near.y - BETWEEN - h };
    Rect { x, y, w, h }
}
