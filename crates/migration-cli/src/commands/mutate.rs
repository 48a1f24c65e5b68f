//! `mutate`: does anything notice a small mistake in the table?

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_contract::compare::compare;
use migration_contract::public::{Public, project};
use migration_replay::walk::Walk;
use migration_table::model::Table;
use migration_verify::{Mutant, Noticed, Original, System, mutants};

use crate::outcome::Outcome;
use crate::output::Output;
use crate::tables::Tables;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
\x20 migration-table mutate\n\
\x20 migration-table mutate --walks walks/rows.walk walks/pairs.walk\n\
\n\
Exit status: 0 every mistake is noticed, 1 one is not, 2 it could not run.")]
pub struct Arguments {
    /// The table; `-` is standard input [default: as `--table` says]
    #[arg(value_name = "TABLE")]
    named: Option<PathBuf>,

    /// Saved walks that have to come out as they were saved; what they notice counts as noticed
    #[arg(long, value_name = "WALK", num_args = 1..)]
    walks: Vec<PathBuf>,

    #[command(flatten)]
    output: Output,
}

/// Makes every mutant of the table and lists those that nothing notices.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let file = tables.file_or(arguments.named.as_ref())?;
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    let original = Original::new(&table, System::of(&table), migration_contract::check);
    let original = original.with_context(|| format!("cannot verify `{}`", file.name()))?;
    let public = project(&table).context("the table is too large to compare")?;
    let walks = arguments.walks.iter().map(|path| walk(&table, path)).collect::<Result<Vec<_>>>()?;
    let (mut by_checks, mut by_clients, mut by_verify, mut by_walks, mut out) = (0, 0, 0, 0, String::new());
    let all = mutants(&table);
    for mutant in &all {
        if original.noticed_by_checks(mutant) {
            by_checks += 1;
        } else if is_seen(&mutant.table, &public) {
            by_clients += 1;
        } else if original.notices(mutant) != Noticed::ByNobody {
            by_verify += 1;
        } else if walks.iter().any(|walk| walk.again(&mutant.table).as_ref() != Ok(walk)) {
            by_walks += 1;
        } else {
            out += &survivor(file.name(), mutant);
        }
    }
    let survivors = all.len() - by_checks - by_clients - by_verify - by_walks;
    out += &format!(
        "{}: {} mutants: the checks notice {by_checks}, the public API {by_clients}, verify {by_verify}, walks {by_walks}, nobody {survivors}\n",
        file.name(),
        all.len()
    );
    arguments.output.write(&out)?;
    Ok(if survivors == 0 { Outcome::Clean } else { Outcome::Findings })
}

/// Whether a client can tell the table from the one without the mistake.
fn is_seen(table: &Table, before: &Public) -> bool {
    let Ok(now) = project(table) else { return false };
    compare(&now, before).is_ok_and(|report| !report.changes.is_empty())
}

/// Reads a walk, which must come out as it was saved.
fn walk(table: &Table, path: &Path) -> Result<Walk> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the walk `{name}`"))?;
    let walk: Walk = text.parse().with_context(|| format!("`{name}` is no walk"))?;
    if walk.again(table).as_ref() != Ok(&walk) {
        bail!("the walk `{name}` comes out differently already: `coverage {name}` shows where");
    }
    Ok(walk)
}

fn survivor(name: &str, mutant: &Mutant) -> String {
    format!("{name}:{}: nothing notices: {}\n", mutant.line, mutant.what)
}
