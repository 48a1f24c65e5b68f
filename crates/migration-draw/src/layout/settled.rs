//! A layout with everything in it, and what it is worth.

use super::super::figure::Panel;
use super::drawing::{Layout, Stretch};
use super::{labels, loops, route};

/// What a crossing costs, where it can be helped, besides what it costs anyway.
const CROSSING: i32 = 1500;

/// A layout with arrows and words, and what it is worth.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) layout: Layout,
    pub(super) cost: i32,
    /// Where it might be stretched for words that stand badly, the worst first.
    pub(super) stretches: Vec<Stretch>,
    /// How many steps it took to find the ways of the arrows.
    pub(super) steps: u32,
}

impl Settled {
    /// Routes the arrows and puts their words; if arrows go through words, once more round those.
    pub(super) fn new(panel: &Panel, mut layout: Layout) -> Settled {
        loops::put(panel, &mut layout);
        let steps = route::route(panel, &mut layout);
        let put = labels::put(panel, &mut layout);
        let mut best = Settled::of(panel, layout, put.cost, put.stretches);
        if !put.in_the_way.is_empty() {
            let mut layout = best.layout.clone();
            route::again(panel, &mut layout, &put.in_the_way);
            let put = labels::put(panel, &mut layout);
            let other = Settled::of(panel, layout, put.cost, put.stretches);
            if other.cost < best.cost {
                best = other;
            }
        }
        best.steps = steps;
        best
    }

    /// A larger picture must be worth it, and so must a crossing.
    fn of(panel: &Panel, layout: Layout, words: i32, stretches: Vec<Stretch>) -> Settled {
        let mut whole = layout.clone();
        whole.crop(panel);
        let crossings = i32::try_from(layout.crossings()).unwrap_or(i32::MAX / 1000);
        Settled { cost: words + 300 * crossings + whole.width / 2 + whole.height / 4, layout, stretches, steps: 0 }
    }

    /// What it is worth where a crossing can be helped: that costs more then, but less than words that cover others.
    pub(super) fn price(&self) -> i32 {
        self.cost + CROSSING * i32::try_from(self.layout.crossings()).unwrap_or(i32::MAX / 10_000)
    }
}
