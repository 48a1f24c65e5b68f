//! Charts in SCXML: of whole machines, since what is left out of one would not run.

use anyhow::{Result, bail};
use migration_draw as draw;
use migration_table::model::{Machine, Table};

use super::format::Format;
use super::look::Look;
use super::target::Target;
use crate::outcome::Outcome;

/// Writes the chart of each machine.
pub(super) fn write(table: &Table, machines: &[&Machine], view: Option<Look>, target: Target<'_>) -> Result<Outcome> {
    if view.is_some_and(|view| view != Look::Full) {
        bail!("a chart is of a whole machine: leave out the view");
    }
    if machines.len() > 1 && !target.is_directory() {
        let names: Vec<String> = machines.iter().map(|machine| format!("`{}`", machine.name)).collect();
        bail!("a chart is of one machine: name it with `--machine` ({}), or a directory with `-o`", names.join(", "));
    }
    let mut outcome = Outcome::Clean;
    for machine in machines {
        let (text, figure) = (draw::scxml(table, machine), draw::whole(table, machine));
        if target.deliver(&machine.name, Format::Scxml.extension(), &text, &figure)? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}
