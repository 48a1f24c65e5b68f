//! Every way out of every state that a figure shows, one by one: what is listed beside a picture.

use super::figure::{Arrow, Mark, Number, Panel, Way};
use super::label;

/// A row in one state.
pub(super) struct Exit<'p> {
    /// The state.
    node: usize,
    /// What it stands for in the picture.
    pub(super) arrow: &'p Arrow,
    /// The row.
    pub(super) way: &'p Way,
    /// Whether it does not always count in the state, which is a status then.
    is_at_times: bool,
}

/// The ways out of a node, in the order of the arrows.
pub(super) fn exits(panel: &Panel, node: usize) -> Vec<Exit<'_>> {
    let ways = panel.arrows.iter().flat_map(|arrow| arrow.rows.iter().map(move |way| (arrow, way)));
    let from = ways.filter(|(_, way)| way.from.contains(&node));
    from.map(|(arrow, way)| Exit { node, arrow, way, is_at_times: way.at_times.contains(&node) }).collect()
}

impl Exit<'_> {
    /// What makes it fire: `trigger [guard]`, for each case; before that the steps of a run that it is.
    pub(super) fn cases(&self) -> String {
        let cases: Vec<String> = self.way.cases.iter().map(label::in_words).collect();
        let text = if cases.is_empty() { self.way.when.clone() } else { cases.join(" or ") };
        let text = label::numbered(&self.steps(), &text);
        if self.is_at_times { format!("{text} ({})", label::AT_TIMES) } else { text }
    }

    fn steps(&self) -> Vec<Number> {
        let here = self.way.steps.iter().filter(|(node, _)| *node == self.node);
        here.map(|(_, step)| *step).collect()
    }

    /// What it does: `/ because reason / sends message / drops trigger`.
    pub(super) fn effects(&self) -> String {
        let because = self.way.reason.as_ref().map(|reason| format!("/ because {reason}"));
        let done = [("sends", &self.way.sends), ("drops", &self.way.drops)];
        let done = done.iter().filter(|(_, names)| !names.is_empty());
        let done = done.map(|(what, names)| format!("/ {what} {}", names.join(", ")));
        because.into_iter().chain(done).collect::<Vec<String>>().join(" ")
    }

    /// What the view says of it.
    pub(super) fn mark(&self) -> Mark {
        // A run may go along the row in another state.
        let is_passed_by = self.steps().is_empty() && !self.way.steps.is_empty();
        match self.way.mark == Mark::Plain {
            true => self.arrow.mark,
            false if is_passed_by => self.way.mark.passed_by(),
            false => self.way.mark,
        }
    }
}
