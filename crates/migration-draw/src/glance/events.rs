//! States by events: what evidence does in every state.

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::explore::Space;
use migration_table::model::{FactId, StateId};

use super::grid::{Cell, Fit, Grid};
use super::page::{Page, Part};
use super::{alternatives, words};

const LEGEND: &str = "go S: a transition leads to S; with: once these facts are there too; bars S: keeps that \
                      transition from firing; -: no transition of the state asks for it, and it is forgotten with the \
                      visit; stale: nothing works in the state, so evidence of work is late whatever it is. Evidence of \
                      a visit that is over is stale everywhere.";

/// Adds the table of events and its legend.
pub(super) fn add(space: &mut Space<'_>, page: &mut Page) -> Result<(), TooLarge> {
    let machine = space.machine;
    let events: Vec<FactId> = machine.fact_ids().filter(|id| machine.fact(*id).is_event()).collect();
    if events.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::new();
    for state in machine.state_ids() {
        let mut row = vec![vec![words::state(machine, state).to_owned()]];
        for event in &events {
            row.push(cell(space, state, *event)?);
        }
        rows.push(row);
    }
    let names = events.iter().map(|id| machine.fact(*id).name.clone());
    let columns = ["state".to_owned()].into_iter().chain(names).collect();
    page.heading(format!("{}: states by events", machine.name));
    page.parts.push(Part::Grid(Grid { columns, rows, fit: Fit::Split }));
    page.paragraph(LEGEND);
    Ok(())
}

pub(super) fn cell(space: &mut Space<'_>, state: StateId, event: FactId) -> Result<Cell, TooLarge> {
    if space.is_idle(state) && !space.machine.fact(event).is_outside {
        return Ok(vec!["stale".to_owned()]);
    }
    let mut lines = Cell::new();
    if space.place_of(state).mentions.contains(event) {
        lines = alternatives::lines(space, state, event, Bdd::ALWAYS)?;
    }
    if lines.is_empty() {
        lines.push("-".to_owned());
    }
    Ok(lines)
}
