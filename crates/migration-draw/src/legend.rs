//! What the signs in a figure mean: a sentence for each that occurs in it, the marks in their order and then the steps.

use super::figure::{Figure, Mark, Number};

const MARKS: [(Mark, &str); 9] = [
    (Mark::Added, "+ added"),
    (Mark::Removed, "- removed"),
    (Mark::Changed, "~ changed"),
    (Mark::Highlighted, "heavy, in amber: what is looked at"),
    (Mark::Muted, "thin, in grey: for orientation"),
    (Mark::Unchanged, "thin, in grey: unchanged"),
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
    marks.chain(numbers(figure)).collect()
}

/// The sentences for the numbers of a run that occur in a figure: the sign, a colon, and what it means.
pub(super) fn numbers(figure: &Figure) -> Vec<&'static str> {
    let arrows = figure.panels.iter().flat_map(|panel| &panel.arrows).flat_map(|arrow| &arrow.steps);
    let nodes = figure.panels.iter().flat_map(|panel| &panel.nodes).flat_map(|node| &node.steps);
    let all: Vec<Number> = arrows.chain(nodes).copied().collect();
    let occurs = |kind: &dyn Fn(&Number) -> bool| all.iter().any(kind);
    let wanted = [
        (occurs(&|it| matches!(it, Number::Step(_))), "(1): the steps of the run that go there"),
        (occurs(&|it| matches!(it, Number::Perhaps(_))), "(1?): a step for which another fits as well"),
        (occurs(&|it| matches!(it, Number::End)), "(end): where the run ends"),
        (occurs(&|it| matches!(it, Number::Times(_))), "(2x): how often the runs take it"),
        (occurs(&|it| matches!(it, Number::PerhapsTimes(_))), "(2x?): how often the runs may take it"),
    ];
    wanted.into_iter().filter(|(occurs, _)| *occurs).map(|(_, sentence)| sentence).collect()
}
