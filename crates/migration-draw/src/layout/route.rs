//! Ways for the arrows: one by one along the tracks, cheapest first, then once more for those that cross others.
//!
//! Length costs, a bend costs more, a crossing much more, and so does the inside of a cluster that the arrow has
//! nothing to do with. No two arrows share a stretch of a track, and none goes through a box, a title or words.

mod field;
mod search;

use super::super::figure::{Course, Panel, Tail};
use super::drawing::{Layout, is_straight};
use super::loops;
use super::rect::{self, Point, Rect};
use super::tracks::Tracks;
use field::Field;
use search::{Ends, Search, Side};

/// What is done for good lines. Many arrows take long, and where they are too many to be kept apart, what counts is that
/// they cross seldom.
struct Care {
    /// Tracks beside each box.
    crowd: usize,
    /// How often arrows that cross others look for another way.
    passes: usize,
    /// How far lines beside each other are kept apart.
    apart: i32,
}

fn care(panel: &Panel) -> Care {
    match panel.arrows.len() {
        0..=32 => Care { crowd: 3, passes: 3, apart: 6 },
        33..=45 => Care { crowd: 4, passes: 3, apart: 6 },
        46..=120 => Care { crowd: 4, passes: 3, apart: 3 },
        _ => Care { crowd: 1, passes: 1, apart: 1 },
    }
}

/// The most arrows of a picture in which they give way to those that point to the same box, and to those that they cross.
const ARROWS_FEW: usize = 25;
const ARROWS_SOME: usize = 90;

/// What it costs to go through a place where another arrow goes, if there is no way without.
const SHARING: u32 = 600;

/// Routes every arrow, and says how many steps it took to find the ways.
pub(super) fn route(panel: &Panel, layout: &mut Layout) -> u32 {
    let Care { crowd, passes, apart } = care(panel);
    let mut field = Field::new(panel, layout, Tracks::new(layout, crowd), apart);
    let mut order: Vec<usize> = Vec::new();
    for at in 0..panel.arrows.len() {
        let route = match loops::is_placed(panel, at) {
            true => Some(layout.routes[at].points.clone()),
            false => straight(panel, layout, at),
        };
        layout.routes[at].points = route.clone().unwrap_or_default();
        match route {
            Some(points) => field.occupy(&points, 1),
            None => order.push(at),
        }
    }
    order.sort_by_key(|at| (rank(panel.arrows[*at].course), distance(panel, layout, *at), *at));
    let mut search = Search::new(&field);
    for at in &order {
        let (points, _) = find(panel, layout, &field, &mut search, *at);
        field.occupy(&points, 1);
        layout.routes[*at].points = points;
    }
    for _ in 0..passes {
        let crossing: Vec<usize> =
            order.iter().copied().filter(|at| field.crossings(&layout.routes[*at].points) > 0).collect();
        for at in crossing {
            let before = std::mem::take(&mut layout.routes[at].points);
            field.occupy(&before, -1);
            let (points, _) = find(panel, layout, &field, &mut search, at);
            field.occupy(&points, 1);
            layout.routes[at].points = points;
        }
    }
    // Larger pictures have no room beside an arrow that is moved.
    if panel.arrows.len() <= ARROWS_SOME {
        give_way(panel, layout, &mut field, &mut search, &order);
    }
    search.steps
}

/// Whether lines of two arrows cross.
fn do_cross(layout: &Layout, first: usize, second: usize) -> bool {
    let lines = |at: usize| layout.routes[at].points.windows(2).map(|pair| (pair[0], pair[1]));
    lines(first).any(|one| lines(second).any(|other| rect::cross(one, other)))
}

/// Lets an arrow that crosses others have the place of another one, if there are fewer crossings then: of one that it
/// crosses, or of one that points to the same box, since a small box has room for one arrow at a side.
fn give_way(panel: &Panel, layout: &mut Layout, field: &mut Field, search: &mut Search, order: &[usize]) {
    let is_near = |first: usize, second: usize| {
        panel.arrows.len() <= ARROWS_FEW && panel.arrows[first].to == panel.arrows[second].to
    };
    for first in order.iter().copied() {
        for second in order.iter().copied().filter(|second| *second != first) {
            if !is_near(first, second) && !do_cross(layout, first, second) {
                continue;
            }
            if field.crossings(&layout.routes[first].points) == 0 {
                break;
            }
            let count = |field: &Field, layout: &Layout| -> usize {
                [first, second].iter().map(|at| field.crossings(&layout.routes[*at].points)).sum()
            };
            let had = count(field, layout);
            let before = [first, second].map(|at| (at, std::mem::take(&mut layout.routes[at].points)));
            before.iter().for_each(|(_, points)| field.occupy(points, -1));
            let mut ways = 0;
            for at in [first, second] {
                if let Some((points, _)) = way(panel, layout, field, search, at, None) {
                    field.occupy(&points, 1);
                    layout.routes[at].points = points;
                    ways += 1;
                }
            }
            if ways == 2 && count(field, layout) < had {
                continue;
            }
            for (at, points) in before {
                let after = std::mem::replace(&mut layout.routes[at].points, points);
                field.occupy(&after, -1);
                field.occupy(&layout.routes[at].points, 1);
            }
        }
    }
}

/// Routes some arrows again, round the words of the others.
pub(super) fn again(panel: &Panel, layout: &mut Layout, arrows: &[usize]) {
    for at in arrows {
        layout.routes[*at].label = None;
    }
    let Care { crowd, apart, .. } = care(panel);
    let mut field = Field::new(panel, layout, Tracks::new(layout, crowd), apart);
    for route in &layout.routes {
        field.occupy(&route.points, 1);
        if let Some(label) = &route.label {
            field.block(label.rect.grown(3));
        }
    }
    let mut search = Search::new(&field);
    for at in arrows {
        let before = std::mem::take(&mut layout.routes[*at].points);
        field.occupy(&before, -1);
        let (points, cost) = find(panel, layout, &field, &mut search, *at);
        let points = if cost == u32::MAX { before } else { points };
        field.occupy(&points, 1);
        layout.routes[*at].points = points;
    }
}

fn rank(course: Course) -> u8 {
    match course {
        Course::Path => 0,
        Course::Again => 1,
        Course::Forward => 2,
        Course::Aside => 3,
    }
}

/// The level line of an arrow of the happy path.
fn straight(panel: &Panel, layout: &Layout, at: usize) -> Option<Vec<Point>> {
    let arrow = &panel.arrows[at];
    let Tail::Node(tail) = arrow.tail else { return None };
    let (tail, head) = (layout.nodes[tail], layout.nodes[arrow.to]);
    let y = head.center().y;
    let is_level = is_straight(panel, at) && tail.center().y == y && tail.right() < head.x;
    is_level.then(|| vec![Point { x: tail.right(), y }, Point { x: head.x, y }])
}

/// The box that an arrow starts at, and the one that it points to.
fn boxes(panel: &Panel, layout: &Layout, at: usize) -> (Rect, Rect) {
    let arrow = &panel.arrows[at];
    let tail = match arrow.tail {
        Tail::Node(node) => layout.nodes[node],
        Tail::Cluster(cluster) => layout.clusters[cluster],
    };
    let head = layout.routes[at].copy.as_ref().map_or(layout.nodes[arrow.to], |(_, rect)| *rect);
    (tail, head)
}

fn distance(panel: &Panel, layout: &Layout, at: usize) -> i32 {
    let (tail, head) = boxes(panel, layout, at);
    let (a, b) = (tail.center(), head.center());
    (a.x - b.x).abs() + (a.y - b.y).abs()
}

/// The cheapest way for an arrow, and what it costs. Where every side is taken, going along with another arrow is better
/// than going through a box.
fn find(panel: &Panel, layout: &Layout, field: &Field, search: &mut Search, at: usize) -> (Vec<Point>, u32) {
    let (tail, head) = boxes(panel, layout, at);
    let found = way(panel, layout, field, search, at, None);
    let found = found.or_else(|| way(panel, layout, field, search, at, Some(SHARING)));
    found.unwrap_or_else(|| (bent(tail, head), u32::MAX))
}

/// The cheapest way, and what it costs. `sharing` is the price of going where another arrow goes; without it that is
/// forbidden, and there may be no way.
fn way(
    panel: &Panel,
    layout: &Layout,
    field: &Field,
    search: &mut Search,
    at: usize,
    sharing: Option<u32>,
) -> Option<(Vec<Point>, u32)> {
    let arrow = &panel.arrows[at];
    let (tail, head) = boxes(panel, layout, at);
    let is_cluster = matches!(arrow.tail, Tail::Cluster(_));
    let is_loop = arrow.tail == Tail::Node(arrow.to) && arrow.course != Course::Again;
    let from: &[(Side, u32)] = match (is_loop, is_cluster) {
        (true, _) => &[(Side::Right, 0), (Side::Top, 0)],
        (false, true) => &[(Side::Bottom, 0), (Side::Right, 50), (Side::Left, 60), (Side::Top, 160)],
        (false, false) => &[(Side::Bottom, 6), (Side::Right, 0), (Side::Left, 50), (Side::Top, 60)],
    };
    let to: &[(Side, u32)] = if is_loop {
        &[(Side::Bottom, 0), (Side::Left, 0)]
    } else {
        &[(Side::Left, 0), (Side::Top, 0), (Side::Right, 40), (Side::Bottom, 10)]
    };
    let home = field.homes(&panel.tail_nodes(arrow.tail), arrow.to);
    search.find(field, &Ends { tail, head, from, to, home: &home, sharing })
}

/// A way with one bend, whatever it goes through: for want of a better one.
fn bent(tail: Rect, head: Rect) -> Vec<Point> {
    let (a, b) = (tail.center(), head.center());
    if a.x == b.x {
        let (start, end) = if a.y < b.y { (tail.bottom(), head.y) } else { (tail.y, head.bottom()) };
        return vec![Point { x: a.x, y: start }, Point { x: a.x, y: end }];
    }
    let start = if a.y < b.y { tail.bottom() } else { tail.y };
    let end = if a.x < b.x { head.x } else { head.right() };
    vec![Point { x: a.x, y: start }, Point { x: a.x, y: b.y }, Point { x: end, y: b.y }]
}
