//! Charts in SCXML: of whole machines, since what is left out of one would not run.

use anyhow::{Result, bail};
use migration_draw as draw;
use migration_table::model::{Machine, Table};

use super::{Arguments, Format, Look, deliver};
use crate::outcome::Outcome;

/// Writes the chart of each machine.
pub(super) fn write(
    table: &Table,
    machines: &[&Machine],
    arguments: &Arguments,
    into_directory: bool,
) -> Result<Outcome> {
    if arguments.view.is_some_and(|view| view != Look::Full) {
        bail!("a chart is of a whole machine: leave out the view");
    }
    if machines.len() > 1 && !into_directory {
        let names: Vec<String> = machines.iter().map(|machine| format!("`{}`", machine.name)).collect();
        bail!("a chart is of one machine: name it with `--machine` ({}), or a directory with `-o`", names.join(", "));
    }
    let mut outcome = Outcome::Clean;
    for machine in machines {
        let path = arguments.output.as_deref().map(|path| match into_directory {
            true => path.join(format!("{}.{}", machine.name, Format::Scxml.extension())),
            false => path.to_owned(),
        });
        let (text, figure) = (draw::scxml(table, machine), draw::whole(table, machine));
        if deliver(path.as_deref(), &text, &figure, arguments.check)? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}
