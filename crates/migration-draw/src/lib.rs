//! Pictures of the machines, as text for people and for the programs that draw them.
//!
//! Three steps. A [`View`] says what is looked at; [`figure()`] decides what is drawn of it, as what, and from where;
//! [`render`] writes that in a [`Format`]. A figure depends on what the rows say and on the declared order of the
//! states, never on the order of the rows, so the same table always gives the same bytes. Nothing here runs a program
//! or opens a file.

mod ascii;
mod bundle;
mod cluster;
mod colours;
mod dot;
mod equivalent;
mod failure;
pub mod figure;
pub mod glance;
mod label;
pub mod layout;
mod legend;
mod mermaid;
mod panel;
mod plan;
mod plantuml;
mod scxml;
mod subject;
pub mod svg;
pub mod view;
mod ways;
mod wrap;
mod xml;

use crate::glance::Page;
use migration_table::model::{Machine, Table};

pub use figure::{ARROWS_MAX, Figure, STATES_MAX};
pub use view::{Phase, Side, Step, Trace, Undrawable, View, figure, phases};

/// A language in which a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Graphviz. The text is canonical: sorted, with stable ids. Rows that leave several states are one edge from a
    /// frame around those states where a frame can stand; states that share a status stand in a box of that status.
    Dot,
    /// A Mermaid `stateDiagram-v2`, as code hosts render it. Frames become composite states, since Mermaid can draw
    /// one edge from their border; the boxes of statuses are left out, because nested composites are laid out badly
    /// there, and each state says what it shows instead.
    Mermaid,
    /// A PlantUML state diagram, with the frames of the Graphviz picture as composite states.
    PlantUml,
    /// Plain characters, for terminals and mail: 7 bits, less than 80 columns. Beneath the picture every way out of
    /// every state is listed.
    Ascii,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Format; 4] = [Format::Dot, Format::Mermaid, Format::PlantUml, Format::Ascii];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Format::Dot => "dot",
            Format::Mermaid => "mermaid",
            Format::PlantUml => "plantuml",
            Format::Ascii => "ascii",
        }
    }

    /// The end of the name of a file that holds such a picture.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Dot => "dot",
            Format::Mermaid => "mmd",
            Format::PlantUml => "puml",
            Format::Ascii => "txt",
        }
    }
}

/// Writes a figure.
#[must_use]
pub fn render(figure: &Figure, format: Format) -> String {
    match format {
        Format::Dot => dot::draw(figure),
        Format::Mermaid => mermaid::draw(figure),
        Format::PlantUml => plantuml::draw(figure),
        Format::Ascii => ascii::draw(figure),
    }
}

/// The whole of one machine, for Graphviz.
#[must_use]
pub fn dot(table: &Table, machine: &Machine) -> String {
    render(&whole(table, machine), Format::Dot)
}

/// The whole of one machine, for Mermaid.
#[must_use]
pub fn mermaid(table: &Table, machine: &Machine) -> String {
    render(&whole(table, machine), Format::Mermaid)
}

/// One machine as SCXML, the W3C's language for state charts: the same states and transitions, and the same steps. What
/// the language cannot say is told in the head of the text.
#[must_use]
pub fn scxml(table: &Table, machine: &Machine) -> String {
    scxml::draw(table, machine)
}

/// Says in a few sentences what a picture of the whole of one machine shows.
#[must_use]
pub fn caption(table: &Table, machine: &Machine) -> String {
    label::caption(&whole(table, machine))
}

/// Says in a few sentences what a figure shows, whatever it is written in: nothing of how its lines look.
#[must_use]
pub fn describe(figure: &Figure) -> String {
    label::contents(figure)
}

/// Says what a figure shows as tables, to stand beside it: every state, and every way out of it.
#[must_use]
pub fn equivalent(figure: &Figure) -> Page {
    equivalent::page(figure)
}

/// Breaks a text at spaces so that lines have at most `width` characters; a longer word keeps its own line. What belongs
/// together stays so where it can: `/ sends hello`, `[not paused]`, `or refused`.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap::wrap(text, width)
}

/// What is shown of a machine where nothing is asked for: the whole, if it can be read; if not, the overview, which
/// says so.
#[must_use]
pub fn readable(table: &Table, machine: &Machine) -> Figure {
    let whole = whole(table, machine);
    let many = whole.panels.iter().map(|panel| panel.arrows.len()).sum::<usize>();
    if many <= ARROWS_MAX {
        return whole;
    }
    let mut overview = figure(table, &[machine], &View::Overview).expect("every machine can be drawn in overview");
    overview.notes.push(format!("the whole has {many} arrows, too many to be read: this is the overview"));
    overview
}

/// Every state and every row of one machine.
///
/// # Panics
///
/// Never: every machine can be drawn whole.
#[must_use]
pub fn whole(table: &Table, machine: &Machine) -> Figure {
    let figure = figure(table, &[machine], &View::Full);
    figure.expect("every machine can be drawn whole")
}

#[cfg(test)]
mod formats;
#[cfg(test)]
mod tests;
