//! Words beside the arrows: where nothing else is, as near to the middle of a long line as can be.

use super::super::figure::Panel;
use super::super::{label, wrap};
use super::drawing::{Axis, Label, Layout, Stretch};
use super::loops;
use super::measure::{self, WIDE};
use super::rect::{Point, Rect};

/// Widths at which words are wrapped, and what the others than the usual one cost.
const WRAPS: [(usize, i32); 5] = [(label::WIDTH, 0), (WIDE, 4), (18, 10), (14, 24), (10, 60)];

/// What it costs to stand on another arrow.
const ON_ARROW: i32 = 900;

/// What it costs to stand beside another arrow, as if the words were its own.
const BESIDE_ARROW: i32 = 30;

/// What it costs to stand on the border of a cluster.
const ON_BORDER: i32 = 500;

/// What is tolerated rather than stretch the picture.
const TOLERABLE: i32 = 400;

/// What came of putting words.
#[derive(Debug)]
pub(super) struct Put {
    /// What it costs in all.
    pub(super) cost: i32,
    /// Where the picture might be stretched for words that stand badly, the worst first.
    pub(super) stretches: Vec<Stretch>,
    /// Arrows that go through the words of others.
    pub(super) in_the_way: Vec<usize>,
}

/// Puts the words of every arrow.
pub(super) fn put(panel: &Panel, layout: &mut Layout) -> Put {
    let others: Vec<usize> = (0..panel.arrows.len()).filter(|at| !loops::is_fixed(panel, *at)).collect();
    for at in &others {
        layout.routes[*at].label = None;
    }
    let mut total = 0;
    let mut homeless: Vec<(i32, Vec<Stretch>)> = Vec::new();
    let mut order = others;
    order.sort_by_key(|at| (std::cmp::Reverse(measure::lines(&label::lines(&panel.arrows[*at])).1), *at));
    for at in order {
        let words = label::sentences(&panel.arrows[at]);
        if words.is_empty() {
            continue;
        }
        let found = best(layout, at, &words);
        if let Some((cost, label)) = &found {
            total += cost;
            if *cost > TOLERABLE {
                homeless.push((*cost, room(layout, at, label)));
            }
        }
        layout.routes[at].label = found.map(|(_, label)| label);
    }
    let is_in_the_way = |at: &usize| {
        let lines = || layout.routes[*at].points.windows(2);
        let others = layout.routes.iter().enumerate().filter(|(other, _)| other != at);
        let mut words = others.filter_map(|(_, route)| route.label.as_ref());
        words.any(|label| lines().any(|pair| label.rect.grown(1).is_crossed(pair[0], pair[1])))
    };
    let others = (0..panel.arrows.len()).filter(|at| !loops::is_fixed(panel, *at));
    let in_the_way = others.filter(is_in_the_way).collect();
    homeless.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    let stretches = homeless.into_iter().flat_map(|(_, stretches)| stretches).collect();
    Put { cost: total, stretches, in_the_way }
}

/// The best place for some words, and what it costs.
fn best(layout: &Layout, at: usize, words: &[String]) -> Option<(i32, Label)> {
    let points = &layout.routes[at].points;
    let mut best: Option<(i32, Label)> = None;
    for (width, extra) in WRAPS {
        let lines: Vec<String> = words.iter().flat_map(|entry| wrap::wrap(entry, width)).collect();
        if best.as_ref().is_some_and(|(_, known)| known.lines == lines) {
            continue;
        }
        let (w, h) = measure::lines(&lines);
        let extra = extra + 4 * i32::try_from(lines.len().saturating_sub(3)).unwrap_or(0);
        for (place, rect) in points.windows(2).flat_map(|pair| places(pair[0], pair[1], w, h)) {
            let cost = place + extra + cost(layout, at, rect);
            if best.as_ref().is_none_or(|(known, _)| cost < *known) {
                best = Some((cost, Label { lines: lines.clone(), rect, leader: None }));
            }
        }
    }
    best
}

/// Places beside a line, with what they cost by themselves.
fn places(a: Point, b: Point, w: i32, h: i32) -> Vec<(i32, Rect)> {
    let length = (a.x - b.x).abs() + (a.y - b.y).abs();
    let mut found = Vec::new();
    for (part, cost) in [(50, 0), (35, 3), (65, 3), (20, 6), (80, 6), (8, 10), (92, 10)] {
        let x = a.x + (b.x - a.x) * part / 100;
        let y = a.y + (b.y - a.y) * part / 100;
        if a.x == b.x {
            let over = (h - length + 8).max(0) * 3;
            found.push((cost + over, Rect { x: x + 6, y: y - h / 2, w, h }));
            found.push((cost + over + 4, Rect { x: x - 6 - w, y: y - h / 2, w, h }));
        } else {
            let over = (w - length + 20).max(0) * 3;
            found.push((cost + over + 2, Rect { x: x - w / 2, y: y - 3 - h, w, h }));
            found.push((cost + over + 6, Rect { x: x - w / 2, y: y + 4, w, h }));
        }
    }
    found
}

/// What it costs to stand there: much where something is that must not be covered.
fn cost(layout: &Layout, at: usize, rect: Rect) -> i32 {
    let near = rect.grown(3);
    let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| rect));
    let boxes = layout.nodes.iter().chain(copies).filter(|other| near.meets(**other)).count();
    let words = layout.routes.iter().filter_map(|route| route.label.as_ref());
    let words = words.filter(|other| near.meets(other.rect)).count();
    let titles = layout.titles.iter().filter(|title| title.w > 0 && near.meets(**title)).count();
    let start = layout.start.is_some_and(|start| near.meets(Rect { x: start.x - 8, y: start.y - 8, w: 34, h: 16 }));
    let borders = layout.clusters.iter().filter(|border| near.meets(**border) && !border.holds(near)).count();
    let arrows = layout.routes.iter().enumerate().map(|(other, route)| {
        let around = if other == at { rect.grown(1) } else { rect.grown(2) };
        let leader = route.label.as_ref().and_then(|label| label.leader);
        let lines = route.points.windows(2).map(|pair| (pair[0], pair[1])).chain(leader);
        lines.filter(|(a, b)| around.is_crossed(*a, *b)).count()
    });
    let others = layout.routes.iter().enumerate().filter(|(other, _)| *other != at);
    let beside =
        others.filter(|(_, route)| route.points.windows(2).any(|pair| rect.grown(8).is_crossed(pair[0], pair[1])));
    let beside = i32::try_from(beside.count()).unwrap_or(0) * BESIDE_ARROW;
    let count = |many: usize| i32::try_from(many).unwrap_or(1000);
    let covered = boxes + words + titles + usize::from(start);
    beside + count(covered) * 10_000 + count(arrows.sum()) * ON_ARROW + count(borders) * ON_BORDER
}

/// Where the picture might be stretched so that words can stand where they were to, the likeliest first.
fn room(layout: &Layout, at: usize, label: &Label) -> Vec<Stretch> {
    let points = &layout.routes[at].points;
    let longest = points.windows(2).max_by_key(|pair| {
        let (a, b) = (pair[0], pair[1]);
        (a.x - b.x).abs() + 3 * (a.y - b.y).abs()
    });
    let (a, b) = longest.map_or((label.rect.center(), label.rect.center()), |pair| (pair[0], pair[1]));
    let upright = (a.y - b.y).abs();
    let beside = if label.rect.x < a.x { a.x - 4 } else { a.x + 4 };
    let wider = Stretch { axis: Axis::X, at: beside, by: (label.rect.w / 2).max(24) };
    let longer = Stretch { axis: Axis::X, at: a.x.max(b.x) - 6, by: (label.rect.w + 24 - (a.x - b.x).abs()).max(24) };
    let taller = Stretch { axis: Axis::Y, at: a.y.max(b.y) - 6, by: (label.rect.h + 24 - upright).max(label.rect.h) };
    let [first, second] = if a.x != b.x {
        [longer, taller]
    } else if upright >= label.rect.h + 24 {
        [wider, taller]
    } else {
        [taller, wider]
    };
    // Words at the left of a line, half out of a frame: so much that they are in it.
    let near = label.rect.grown(3);
    let out = layout.clusters.iter().filter(|border| near.meets(**border)).map(|border| border.x - near.x).max();
    let inward = out.filter(|by| a.x == b.x && *by > 0).map(|by| Stretch { axis: Axis::X, at: beside, by });
    // Words at a level line, half in a frame: so much that they are before it.
    let starts = layout.clusters.iter().filter(|border| near.meets(**border) && near.x < border.x);
    let before = starts.map(|border| (border.x, near.right() - border.x)).min();
    let outward = before.filter(|_| a.y == b.y).map(|(at, by)| Stretch { axis: Axis::X, at, by });
    // Words at the right of a line, half out of a frame: so much that they are in it.
    let beyond = |border: &&Rect| near.meets(**border) && near.x > border.x && near.right() > border.right();
    let over = layout.clusters.iter().filter(beyond).map(|border| (border.right() - 1, near.right() - border.right()));
    let wide = over.max().filter(|_| a.x == b.x).map(|(at, by)| Stretch { axis: Axis::X, at, by });
    inward.into_iter().chain(outward).chain(wide).chain([first, second]).collect()
}
