//! `show`: everything about one name of the table.

use anyhow::Result;
use clap::Args;
use migration_draw::glance::{self, Unknown};

use crate::outcome::Outcome;
use crate::output::to_stderr;
use crate::table_file::TableFile;
use crate::view::View;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table show cancel\n\
    \x20 migration-table show migrate_cancel\n\
    \x20 migration-table show source.failed --width 80")]
pub struct Arguments {
    /// A state, trigger, command, event, message, guard, capability, status, group, kind or resource; `MACHINE.NAME`
    /// for what belongs to one machine
    name: String,

    #[command(flatten)]
    view: View,
}

/// Prints everything that is called so; if nothing is, says what there is.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    match glance::describe(&table, file.name(), &arguments.name)? {
        Ok(page) => {
            arguments.view.write(&[page])?;
            Ok(Outcome::Clean)
        }
        Err(unknown) => {
            to_stderr(&sentence(file.name(), &unknown));
            Ok(Outcome::CouldNotRun)
        }
    }
}

fn sentence(file: &str, unknown: &Unknown) -> String {
    let mut text = format!("error: nothing in `{file}` is called `{}`\n", unknown.name);
    if let Some(meant) = &unknown.meant {
        text.push_str(&format!("help: did you mean `{meant}`?\n"));
    }
    for (what, names) in &unknown.known {
        text.push_str(&format!("{what}: {}\n", names.join(", ")));
    }
    text
}
