//! Arrows that are drawn short: to a small copy of the state that they enter, since the way to the state itself would
//! cross others.
//!
//! Every new attempt is drawn so. Of the other arrows, those that cross most are tried first. Among equals, failures come
//! before what goes on, since that is what a reader follows.

use std::cmp::Reverse;

use super::super::figure::{Course, Panel};
use super::drawing::Layout;
use super::settled::Settled;
use super::{loops, place, rect, spine};

/// What it costs to draw an arrow short: less than one crossing.
const SHORT: i32 = 150;

/// How many arrows are tried one by one, and how many others with each, before the picture is taken as it is.
const TRIES: usize = 12;
const SECONDS: usize = 4;

/// How many steps the ways of all layouts that are tried for a picture may take. With more arrows than the second number,
/// crossings cannot be helped.
const STEPS: u32 = 3_000_000;
const ARROWS_MANY: usize = 60;

/// The layout in which so many arrows are drawn short that it is worth it.
pub(super) fn shortened(panel: &Panel) -> Settled {
    let again = (0..panel.arrows.len()).filter(|at| panel.arrows[*at].course == Course::Again);
    let again: Vec<usize> = again.collect();
    let none = Drawn { settled: with(panel, &again), short: again };
    if none.settled.layout.crossings() == 0 || panel.arrows.len() > ARROWS_MANY {
        return none.settled;
    }
    let mut trial = Trial { panel, left: STEPS };
    let first = trial.picked(none.clone(), Pick::First);
    if first.settled.layout.crossings() == 0 {
        return first.settled;
    }
    let cheapest = trial.picked(none, Pick::Cheapest);
    if cheapest.price() < first.price() { cheapest.settled } else { first.settled }
}

/// Which arrow is drawn short, of several with which a layout is better. Neither leads to the best one always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    /// The one that crosses most.
    First,
    /// The one with which the layout costs least.
    Cheapest,
}

/// A layout, and the arrows that are drawn short in it.
#[derive(Clone, Debug)]
struct Drawn {
    settled: Settled,
    short: Vec<usize>,
}

impl Drawn {
    fn price(&self) -> i32 {
        self.settled.price()
    }
}

/// The search for the arrows that are drawn short.
struct Trial<'p> {
    panel: &'p Panel,
    /// How many steps the ways may still take.
    left: u32,
}

impl Trial<'_> {
    /// Draws more arrows short as long as that is better, then those long again for which there is room after all.
    fn picked(&mut self, none: Drawn, pick: Pick) -> Drawn {
        let always = none.short.len();
        let mut best = none;
        while let Some(better) = self.with_one_more(&best, pick) {
            best = better;
        }
        let chosen: Vec<usize> = best.short.iter().skip(always).copied().collect();
        for arrow in chosen {
            let fewer: Vec<usize> = best.short.iter().copied().filter(|other| *other != arrow).collect();
            let other = Drawn { settled: with(self.panel, &fewer), short: fewer };
            if other.price() < best.price() + SHORT {
                best = other;
            }
        }
        best
    }

    fn with(&mut self, short: &[usize], arrow: usize) -> Option<Drawn> {
        if self.left == 0 {
            return None;
        }
        let short: Vec<usize> = short.iter().copied().chain([arrow]).collect();
        let settled = with(self.panel, &short);
        self.left = self.left.saturating_sub(settled.steps);
        Some(Drawn { settled, short })
    }

    /// A layout that is better with one more arrow drawn short, or with two.
    fn with_one_more(&mut self, best: &Drawn, pick: Pick) -> Option<Drawn> {
        let mut tried = Vec::new();
        for arrow in crossing(self.panel, &best.settled.layout, &best.short).into_iter().take(TRIES) {
            let Some(drawn) = self.with(&best.short, arrow) else { break };
            if pick == Pick::First && drawn.price() + SHORT < best.price() {
                return Some(drawn);
            }
            tried.push(drawn);
        }
        let cheapest = (0..tried.len()).min_by_key(|at| tried[*at].price())?;
        if tried[cheapest].price() + SHORT < best.price() {
            return Some(tried.swap_remove(cheapest));
        }
        // The first may only pay with a second one, which crosses where the first made room.
        for one in &tried {
            for arrow in crossing(self.panel, &one.settled.layout, &one.short).into_iter().take(SECONDS) {
                let drawn = self.with(&one.short, arrow)?;
                if drawn.price() + 2 * SHORT < best.price() {
                    return Some(drawn);
                }
            }
        }
        None
    }
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
    let near = [again, last].map(|parted| short.split_at(parted)).into_iter().filter(|(_, near)| !near.is_empty());
    let tried: Vec<Settled> =
        std::iter::once((short, &[][..])).chain(near).filter_map(|(roomy, near)| with_near(roomy, near)).collect();
    let steps = tried.iter().map(|settled| settled.steps).fold(0, u32::saturating_add);
    let best = tried.into_iter().min_by_key(Settled::price);
    Settled { steps, ..best.expect("nothing stands near in the first") }
}

/// The arrows that cross others and may be drawn short, those that cross most first.
fn crossing(panel: &Panel, layout: &Layout, short: &[usize]) -> Vec<usize> {
    let lines = |at: usize| layout.routes[at].points.windows(2).map(|pair| (pair[0], pair[1]));
    let count = |at: usize| {
        let others = (0..layout.routes.len()).filter(|other| *other != at).flat_map(lines);
        others.map(|other| lines(at).filter(|line| rect::cross(*line, other)).count()).sum::<usize>()
    };
    let is_open = |at: &usize| panel.arrows[*at].course != Course::Path && !short.contains(at);
    let open = (0..panel.arrows.len()).filter(|at| is_open(at) && !loops::is_placed(panel, *at));
    let crossing = open.map(|at| (count(at), at)).filter(|(many, _)| *many > 0);
    let mut crossing: Vec<(usize, usize)> = crossing.collect();
    crossing.sort_by_key(|(many, at)| (Reverse(*many), panel.arrows[*at].course != Course::Aside, *at));
    crossing.into_iter().map(|(_, at)| at).collect()
}
