//! From a panel to boxes: each cluster is laid out by itself, then stands in the one around it as one piece.

use super::super::figure::{Cluster, Course, Panel, Tail};
use super::drawing::{Axis, Layout, Route, Stretch};
use super::items::{What, items, links};
use super::loops;
use super::measure::{self, PAD, Size, text_width};
use super::piece::Piece;
use super::queue::Queue;
use super::rect::{Point, Rect};
use super::spine;

/// Places everything of a panel but the arrows. Those that are drawn `short` point to small copies of the states.
pub(super) fn place(panel: &Panel, short: &[usize]) -> Layout {
    let whole = inside(panel, short, None);
    let mut layout = Layout {
        nodes: vec![Rect::default(); panel.nodes.len()],
        clusters: vec![Rect::default(); panel.clusters.len()],
        routes: vec![Route::default(); panel.arrows.len()],
        ..Layout::default()
    };
    for (at, rect) in whole.nodes {
        layout.nodes[at] = rect;
    }
    for (at, rect) in whole.clusters {
        layout.clusters[at] = rect;
    }
    for (at, rect) in whole.copies {
        layout.routes[at].copy = Some((copy(panel, at).0, rect));
    }
    level_ends(panel, &mut layout);
    layout.titles = measure::titles(panel, &layout.clusters);
    layout.start = panel.initial.map(|initial| {
        let rect = layout.nodes[initial];
        Point { x: rect.x - START, y: rect.center().y }
    });
    layout
}

/// Moves ends that share a border down to what leads to them, so that the lines there are straight.
fn level_ends(panel: &Panel, layout: &mut Layout) {
    let ends = panel.ends();
    for (at, cluster) in panel.clusters.iter().enumerate() {
        let border = layout.clusters[at];
        let mut stack: Vec<usize> = cluster.nodes.clone();
        stack.sort_by_key(|node| layout.nodes[*node].y);
        let is_stack = stack.iter().all(|node| ends.contains(node))
            && stack.windows(2).all(|pair| layout.nodes[pair[0]].bottom() < layout.nodes[pair[1]].y);
        let in_the_way = |(node, rect): (usize, &Rect)| {
            !cluster.nodes.contains(&node) && rect.right() > border.x && rect.bottom() > border.y
        };
        if !is_stack || layout.nodes.iter().enumerate().any(in_the_way) {
            continue;
        }
        let led_to = |node: usize, layout: &Layout| -> Vec<i32> {
            let leading = panel.arrows.iter().filter(|arrow| arrow.to == node);
            let tails = leading.filter_map(|arrow| match arrow.tail {
                Tail::Node(tail) if !cluster.nodes.contains(&tail) => Some(layout.nodes[tail].center().y),
                Tail::Node(_) | Tail::Cluster(_) => None,
            });
            tails.collect()
        };
        let mut lowest = loops::place(panel, layout, stack[0]).bottom() + 18;
        stack.remove(0);
        stack.sort_by_key(|node| led_to(*node, layout).into_iter().min());
        for node in stack {
            let half = layout.nodes[node].h / 2 + loops::room(panel, node).above;
            let wanted = led_to(node, layout).into_iter().filter(|y| y - half >= lowest).min();
            layout.nodes[node].y = wanted.map_or(lowest, |y| y - half) + loops::room(panel, node).above;
            lowest = loops::place(panel, layout, node).bottom() + 18;
        }
        let bottom = lowest - 18 + below(cluster);
        let moved = bottom - border.bottom();
        layout.clusters[at].h += moved;
        for (_, copy) in layout.routes.iter_mut().filter_map(|route| route.copy.as_mut()) {
            if copy.right() > border.x && copy.x < border.right() {
                copy.y += moved;
            }
        }
    }
}

/// Width that an arrow needs at the side of a box.
const PORT: i32 = 13;

/// From the dot where the machine starts to the node.
const START: i32 = 26;

/// The copy that an arrow points to: what it says, and its size.
fn copy(panel: &Panel, arrow: usize) -> (String, Rect) {
    let arrow = &panel.arrows[arrow];
    let sign = if arrow.course == Course::Again { "↩" } else { "→" };
    let text = format!("{sign} {}", panel.nodes[arrow.to].label);
    let w = text_width(&text, Size::Small) + 4;
    (text, Rect { x: 0, y: 0, w, h: 18 })
}

/// From a border to the copy that an arrow from there points to.
const NEAR: i32 = 44;

/// Puts the copy that a short arrow points to beside what the arrow leaves, outside of all borders. Returns whether there
/// was room.
pub(super) fn copy_near(panel: &Panel, layout: &mut Layout, arrow: usize) -> bool {
    let (node, tail) = match panel.arrows[arrow].tail {
        Tail::Node(node) => (node, layout.nodes[node]),
        Tail::Cluster(cluster) => (panel.clusters[cluster].nodes[0], layout.clusters[cluster]),
    };
    let around = panel.around(node).next().map_or(tail, |outer| layout.clusters[outer].union(tail));
    let (text, Rect { w, h, .. }) = copy(panel, arrow);
    let center = tail.center();
    let below = [center.x, tail.right(), tail.x].map(|x| (x - w / 2, around.bottom() + NEAR));
    let beside = [(around.right() + NEAR, center.y - h / 2), (around.x - NEAR - w, center.y - h / 2)];
    let free = |layout: &Layout, places: &[(i32, i32)]| {
        let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| *rect));
        let words = layout.routes.iter().filter_map(|route| route.label.as_ref().map(|label| label.rect));
        let nodes = (0..layout.nodes.len()).map(|node| loops::place(panel, layout, node));
        let boxes = nodes.chain(layout.clusters.iter().copied());
        let taken: Vec<Rect> = boxes.chain(copies).chain(words).collect();
        let is_free = |rect: &Rect| !taken.iter().any(|other| rect.grown(14).meets(*other));
        places.iter().map(|(x, y)| Rect { x: *x, y: *y, w, h }).find(is_free)
    };
    let found = free(layout, &below).or_else(|| {
        // What is below moves down.
        layout.stretch(panel, Stretch { axis: Axis::Y, at: around.bottom() + 1, by: NEAR + h });
        free(layout, &below).or_else(|| free(layout, &beside))
    });
    layout.routes[arrow].copy = found.map(|rect| (text, rect));
    found.is_some()
}

/// Lays out what is within a cluster, or the whole.
fn inside(panel: &Panel, short: &[usize], within: Option<usize>) -> Piece {
    let items = items(panel, short, within);
    let links = links(panel, short, &items);
    let pieces = items.iter().map(|item| match item.what {
        What::Node(node) => single(panel, node),
        What::Cluster(at) => bordered(panel, short, at),
        What::Copy(arrow) => {
            let (_, rect) = copy(panel, arrow);
            Piece { w: rect.w, h: rect.h, spine: rect.h / 2, copies: vec![(arrow, rect)], ..Piece::default() }
        }
    });
    Queue { panel, links: &links, pieces: pieces.collect(), items: &items }.lay_out()
}

fn single(panel: &Panel, node: usize) -> Piece {
    let (w, h) = measure::node(&panel.nodes[node]);
    let touching = panel.arrows.iter().filter(|arrow| arrow.to == node || arrow.tail == Tail::Node(node)).count();
    let w = w.max(PORT * i32::try_from(touching / 2 + 1).unwrap_or(0));
    let room = loops::room(panel, node);
    let before = room.left + if panel.initial == Some(node) { START + 8 } else { 0 };
    let rect = Rect { x: before, y: room.above, w, h };
    let (w, h, spine) = (before + w + room.right, room.above + h + room.below, room.above + h / 2);
    Piece { w, h, spine, nodes: vec![(node, rect)], ..Piece::default() }
}

/// The space between the lowest thing in a cluster and its border: the title of a box stands there.
fn below(cluster: &Cluster) -> i32 {
    if cluster.is_frame { PAD + 2 } else { measure::title_height(cluster).max(PAD - 2) }
}

/// A cluster with its border and its title.
fn bordered(panel: &Panel, short: &[usize], at: usize) -> Piece {
    let cluster = &panel.clusters[at];
    let content = inside(panel, short, Some(at));
    let title = measure::title_height(cluster);
    let words = if cluster.is_frame { spine::height_within(panel, at) } else { 0 };
    let (above, below) = (if cluster.is_frame { PAD + title + words } else { PAD - 2 }, below(cluster));
    let side = if cluster.is_frame { PAD + 2 } else { PAD - 2 };
    let w = (content.w + 2 * side).max(measure::title_width(cluster));
    let h = content.h + above + below;
    let mut piece = Piece { w, h, spine: content.spine + above, ..Piece::default() };
    piece.take(content, side, above);
    piece.clusters.push((at, Rect { x: 0, y: 0, w, h }));
    piece
}
