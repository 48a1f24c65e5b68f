//! The tables that the page is about: the one that it shows, and the one that it is compared with.

use anyhow::{Context, Result, bail};
use migration_draw as draw;
use migration_table::model::Table;
use serde_json::Value;

use crate::commands::{check, step};
use crate::table_file::{Named, TableFile};

/// A table that makes sense: the one that the page shows, or the one that it is compared with.
pub(super) struct Subject {
    pub(super) named: Named,
    pub(super) table: Table,
}

impl Subject {
    /// Returns the table that is shown. Prints why on standard error, and returns `None`, if it makes no sense or if a
    /// walk over it could go on for ever.
    pub(super) fn new(file: &TableFile) -> Result<Option<Subject>> {
        let named = file.named()?;
        let is_fit = !step::may_never_end(&named.read);
        small_enough(checked(named, is_fit), file)
    }

    /// The older table that a word names. Nobody walks over it.
    pub(super) fn older(word: &str, file: &TableFile) -> Result<Option<Subject>> {
        small_enough(checked(file.other(word)?, true), file)
    }

    /// What `check` says of the table.
    pub(super) fn checks(&self) -> Result<Value> {
        let report = check::json_report(&self.named.name, &self.named.read);
        serde_json::from_str(&report).context("the report of `check` is no JSON")
    }
}

/// Refuses a table with a machine too large for a page that draws all of it.
fn small_enough(subject: Option<Subject>, file: &TableFile) -> Result<Option<Subject>> {
    let machines = subject.iter().flat_map(|subject| &subject.table.machines);
    if let Some(machine) = machines.max_by_key(|machine| machine.states.len())
        && machine.states.len() > draw::STATES_MAX
    {
        let (name, states, most) = (&machine.name, machine.states.len(), draw::STATES_MAX);
        let instead = "`migration-table step`, `migration-table table` and `migration-table diagram phase NAME`";
        let why = format!("`{name}` has {states} states, and the explorer draws at most {most}: use {instead}");
        bail!(file.invocation().fill(&why));
    }
    Ok(subject)
}

fn checked(named: Named, is_fit: bool) -> Option<Subject> {
    match named.read.table.clone() {
        Some(table) if is_fit => Some(Subject { named, table }),
        Some(_) | None => {
            named.say();
            None
        }
    }
}
