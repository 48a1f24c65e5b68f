//! The machine at a glance: what it does in every state, as tables; who wins when two facts meet; and everything about
//! one name.
//!
//! Each view decides what is to be said and leaves how it looks to [`Page`], which is written as text for a terminal,
//! as Markdown or as reStructuredText. What is said follows from the meaning of the rows, never from their order. A table with findings can be
//! looked at as well, as long as its names resolve.

mod alternatives;
mod describe;
mod escaped;
mod events;
mod grid;
mod lists;
mod machines;
mod markdown;
mod page;
mod part;
mod races;
mod rst;
mod triggers;
mod words;

#[cfg(test)]
mod tests;

use migration_table::bdd::TooLarge;
use migration_table::explore::Space;
use migration_table::model::{Machine, Table};

pub use describe::{Unknown, describe};
pub use grid::{Fit, Grid};
pub use machines::machines;
pub use page::{Page, Part};
pub use races::{AtOnce, End, InTurn, Late, Order, Race, Rule, races};

/// What a machine says to every trigger, and does about every event, in every state.
///
/// # Errors
///
/// When there are too many cases.
pub fn tables(machine: &Machine) -> Result<Page, TooLarge> {
    let mut space = Space::new(machine)?;
    let mut page = Page::default();
    triggers::add(&mut space, &mut page)?;
    events::add(&mut space, &mut page)?;
    Ok(page)
}

/// What a client can be shown, since when, and what it means.
#[must_use]
pub fn statuses(table: &Table) -> Page {
    lists::statuses(table)
}

/// The states of a machine and what they mean, and its transitions.
#[must_use]
pub fn lists(table: &Table, machine: &Machine) -> Page {
    let mut page = Page::default();
    lists::states(table, machine, &mut page);
    lists::transitions(table, machine, &mut page);
    page
}

/// Every pair of facts that can meet in a state that some run reaches, and what comes of it.
///
/// # Errors
///
/// When there are too many cases.
pub fn race_page(machine: &Machine) -> Result<Page, TooLarge> {
    Ok(races::page(machine, &races(machine)?))
}
