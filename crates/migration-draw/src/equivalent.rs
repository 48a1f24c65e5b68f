//! A figure in words: a table that says the same, for those who cannot see it and for those who search.

use super::figure::{Figure, Panel};
use super::label;
use super::legend;
use super::ways::exits;
use crate::glance::{Fit, Grid, Page, Part};

/// What a figure shows, as tables: every state, and every way out of it.
pub(super) fn page(figure: &Figure) -> Page {
    let mut parts = vec![Part::Heading(label::title(figure))];
    let signs = legend::numbers(figure).into_iter().map(str::to_owned);
    let sentences: Vec<String> = figure.notes.iter().cloned().chain(signs).collect();
    if !sentences.is_empty() {
        parts.push(Part::Paragraph(sentences.join("; ")));
    }
    for panel in &figure.panels {
        if figure.panels.len() > 1 {
            parts.push(Part::Paragraph(format!("{}: {}", panel.machine, panel.doc)));
        }
        parts.push(Part::Grid(grid(panel)));
    }
    Page { parts }
}

fn grid(panel: &Panel) -> Grid {
    let mut rows = Vec::new();
    for (at, node) in panel.nodes.iter().enumerate() {
        let name = label::name(node);
        let start = if panel.initial == Some(at) { " (start)" } else { "" };
        let state = vec![format!("{name}{start}")];
        let shows = vec![node.status.clone()];
        let exits = exits(panel, at);
        if exits.is_empty() {
            rows.push(vec![state, shows, Vec::new(), Vec::new(), Vec::new()]);
            continue;
        }
        for exit in exits {
            let to = &panel.nodes[exit.arrow.to];
            let effects = exit.effects();
            let space = if effects.is_empty() { "" } else { " " };
            let when = label::signed(exit.mark(), &format!("{}{space}{effects}", exit.cases()));
            let event = if exit.way.public { vec![to.status.clone()] } else { Vec::new() };
            rows.push(vec![state.clone(), shows.clone(), vec![when], vec![to.label.clone()], event]);
        }
    }
    let columns = ["state", "shows", "when", "leads to", "a client is told"];
    Grid { columns: columns.map(str::to_owned).to_vec(), rows, fit: Fit::Wrap }
}
