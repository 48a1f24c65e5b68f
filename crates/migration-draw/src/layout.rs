//! Where everything of a panel stands: a layered layout from left to right that needs no program.
//!
//! General layouts tangle this kind of graph; knowing what it is about makes it easy. The happy path is given, so it
//! is laid straight. Clusters never overlap halfway, so each is laid out by itself and then stands in the one around
//! it as one piece. What goes wrong belongs below. Arrows are routed last, one by one, on tracks between the boxes,
//! where a crossing costs more than a detour; words are put beside them where nothing else is, and where there is no
//! such place, the picture is stretched until there is one. Everything is in whole units, so that the same panel is
//! the same bytes on every machine.

mod drawing;
mod items;
mod labels;
mod loops;
mod measure;
mod piece;
mod place;
mod queue;
mod rect;
mod route;
mod settled;
mod short;
mod spine;
mod tracks;

use super::figure::Panel;
use settled::Settled;

pub use drawing::{Label, Layout, Route};
pub use measure::{LINE, Size, text_width};
pub use rect::{Point, Rect};

impl Layout {
    /// Lays out a panel.
    #[must_use]
    pub fn new(panel: &Panel) -> Layout {
        let mut best = short::shortened(panel);
        let mut tried = 0;
        for _ in 0..tries(panel) {
            let Some(stretch) = best.stretches.get(tried).copied() else { break };
            let mut layout = best.layout.clone();
            layout.stretch(panel, stretch);
            let other = Settled::new(panel, layout);
            if other.price() < best.price() {
                (best, tried) = (other, 0);
            } else {
                tried += 1;
            }
        }
        best.layout.crop(panel);
        best.layout
    }
}

/// How often a picture is stretched to see whether words stand better then. Large ones take long, and nobody reads
/// them whole.
fn tries(panel: &Panel) -> usize {
    match panel.arrows.len() {
        0..=20 => 16,
        21..=60 => 5,
        _ => 0,
    }
}
