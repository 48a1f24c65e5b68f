//! Arrows that are drawn short: to a small copy of the state that they enter, since the way to the state itself would
//! cross others.
//!
//! Every new attempt is drawn so. Of the others, those are that cross most; failures before what goes on, since that is
//! what a reader follows.

use std::cmp::Reverse;

use super::super::figure::{Course, Panel};
use super::drawing::Layout;
use super::settled::Settled;
use super::{place, rect, spine};

/// What it costs to draw an arrow short: less than one crossing.
const SHORT: i32 = 150;

/// What a crossing costs besides what it costs anyway.
const CROSSING: i32 = 1500;

/// How many arrows are tried one by one, and how many others with each, before the picture is taken as it is. With more
/// arrows than the last, crossings cannot be helped.
const TRIES: usize = 12;
const SECONDS: usize = 4;
const ARROWS_MANY: usize = 60;

/// The layout in which so many arrows are drawn short that it is worth it.
pub(super) fn shortened(panel: &Panel) -> Settled {
    let first = picked(panel, Pick::First);
    if first.layout.crossings() == 0 || panel.arrows.len() > ARROWS_MANY {
        return first;
    }
    let cheapest = picked(panel, Pick::Cheapest);
    if price(&cheapest) < price(&first) { cheapest } else { first }
}

/// Which arrow is drawn short, of several with which a layout is better. Neither leads to the best one always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    /// The one that crosses most.
    First,
    /// The one with which the layout costs least.
    Cheapest,
}

fn picked(panel: &Panel, pick: Pick) -> Settled {
    let again = (0..panel.arrows.len()).filter(|at| panel.arrows[*at].course == Course::Again);
    let mut short: Vec<usize> = again.collect();
    let always = short.len();
    let mut best = with(panel, &short);
    if panel.arrows.len() > ARROWS_MANY {
        return best;
    }
    while let Some((settled, more)) = with_one_more(panel, &best, &short, pick) {
        (best, short) = (settled, more);
    }
    // What came later may have made room for an arrow that is short.
    for arrow in short[always..].to_vec() {
        let fewer: Vec<usize> = short.iter().copied().filter(|other| *other != arrow).collect();
        let other = with(panel, &fewer);
        if price(&other) < price(&best) + SHORT {
            (best, short) = (other, fewer);
        }
    }
    best
}

/// The first layout that is better with one more arrow drawn short, or with two, and the arrows that are short in it.
fn with_one_more(panel: &Panel, best: &Settled, short: &[usize], pick: Pick) -> Option<(Settled, Vec<usize>)> {
    let tried: Vec<(Settled, Vec<usize>)> = crossing(panel, &best.layout, short)
        .into_iter()
        .take(TRIES)
        .map(|arrow| {
            let more: Vec<usize> = short.iter().copied().chain([arrow]).collect();
            (with(panel, &more), more)
        })
        .collect();
    let better = |at: &usize| price(&tried[*at].0) + SHORT < price(best);
    let found = match pick {
        Pick::First => (0..tried.len()).find(better),
        Pick::Cheapest => (0..tried.len()).filter(better).min_by_key(|at| price(&tried[*at].0)),
    };
    if let Some(at) = found {
        return tried.into_iter().nth(at);
    }
    // The first may only pay with a second one, which crosses where the first made room.
    let seconds = tried.iter().flat_map(|(settled, more)| {
        let crossing = crossing(panel, &settled.layout, more).into_iter().take(SECONDS);
        crossing.map(move |arrow| more.iter().copied().chain([arrow]).collect::<Vec<usize>>())
    });
    seconds.map(|more| (with(panel, &more), more)).find(|(settled, _)| price(settled) + 2 * SHORT < price(best))
}

/// What a layout costs here, where a crossing can be helped: much.
fn price(settled: &Settled) -> i32 {
    settled.cost + CROSSING * i32::try_from(settled.layout.crossings()).unwrap_or(i32::MAX / 1000)
}

/// The best layout with these arrows drawn short: with room made for the copies, or with the copies where there is room
/// anyway, all of them or the last one.
fn with(panel: &Panel, short: &[usize]) -> Settled {
    let is_again = |arrow: &&usize| panel.arrows[**arrow].course == Course::Again;
    let again = short.iter().filter(is_again).count();
    let with_near = |roomy: &[usize], near: &[usize]| {
        let mut layout = place::place(panel, roomy);
        spine::words(panel, &mut layout);
        let has_room = near.iter().all(|arrow| place::copy_near(panel, &mut layout, *arrow));
        has_room.then(|| Settled::new(panel, layout))
    };
    let last = short.len().saturating_sub(1).max(again);
    let mut best = with_near(short, &[]);
    for parted in [again, last] {
        let (roomy, near) = short.split_at(parted);
        let other = if near.is_empty() { None } else { with_near(roomy, near) };
        best = best.into_iter().chain(other).min_by_key(price);
    }
    best.expect("nothing stands near in the first")
}

/// The arrows that cross others and may be drawn short, those that cross most first.
fn crossing(panel: &Panel, layout: &Layout, short: &[usize]) -> Vec<usize> {
    let lines = |at: usize| layout.routes[at].points.windows(2).map(|pair| (pair[0], pair[1]));
    let count = |at: usize| {
        let others = (0..layout.routes.len()).filter(|other| *other != at).flat_map(lines);
        others.map(|other| lines(at).filter(|line| rect::cross(*line, other)).count()).sum::<usize>()
    };
    let open = (0..panel.arrows.len()).filter(|at| panel.arrows[*at].course != Course::Path && !short.contains(at));
    let crossing = open.map(|at| (count(at), at)).filter(|(many, _)| *many > 0);
    let mut crossing: Vec<(usize, usize)> = crossing.collect();
    crossing.sort_by_key(|(many, at)| (Reverse(*many), panel.arrows[*at].course != Course::Aside, *at));
    crossing.into_iter().map(|(_, at)| at).collect()
}
