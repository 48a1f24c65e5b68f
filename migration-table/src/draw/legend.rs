//! What the signs in a figure mean: a sentence for each that occurs in it, the marks in their order and then the steps.

use super::figure::{Figure, Mark};

const MARKS: [(Mark, &str); 8] = [
    (Mark::Added, "+ added"),
    (Mark::Removed, "- removed"),
    (Mark::Changed, "~ changed"),
    (Mark::Highlighted, "heavy, in amber: what is looked at"),
    (Mark::Muted, "thin, in grey: for orientation"),
    (Mark::Accepted, "✓ accepted"),
    (Mark::Ignored, "○ ignored"),
    (Mark::Refused, "✗ refused"),
];

/// The sentences for the marks of a figure.
pub(super) fn marks(figure: &Figure) -> Vec<&'static str> {
    let nodes = figure.panels.iter().flat_map(|panel| panel.nodes.iter().map(|node| node.mark));
    let arrows = figure.panels.iter().flat_map(|panel| panel.arrows.iter().map(|arrow| arrow.mark));
    let occurring: Vec<Mark> = nodes.chain(arrows).collect();
    let marks = MARKS.iter().filter(|(mark, _)| occurring.contains(mark)).map(|(_, sentence)| *sentence);
    let has_steps = figure.panels.iter().flat_map(|panel| &panel.arrows).any(|arrow| !arrow.steps.is_empty());
    marks.chain(has_steps.then_some("(1): the steps of the run that go there")).collect()
}
