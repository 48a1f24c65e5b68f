//! `mutate`: does anything notice a small mistake in the table?

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use migration_contract::compare::compare;
use migration_contract::public::{Public, project};
use migration_replay::walk::Walk;
use migration_table::model::Table;
use migration_verify::{Mutant, Original, System, mutants};

use crate::input;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;
use crate::tables::Tables;

/// The most rows and states of a table whose mutants are made.
const ROWS_AND_STATES_MAX: usize = 1_000;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
\x20 migration-table mutate\n\
\x20 migration-table mutate --walks walks/*.walk\n\
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
    ensure_few(&table)?;
    let original = Original::new(&table, System::of(&table), migration_contract::check);
    let original = original.with_context(|| format!("cannot verify `{}`", file.name()))?;
    let public = project(&table).context("the table is too large to compare")?;
    let walks = arguments.walks.iter().map(|path| walk(&file, &table, path)).collect::<Result<Vec<_>>>()?;
    let all = mutants(&table);
    let noticed = side_by_side(&all, &|mutant| {
        if original.noticed_by_checks(mutant) {
            Noticed::Checks
        } else if is_seen(&mutant.table, &public) {
            Noticed::Clients
        } else if original.noticed_together(mutant) {
            Noticed::Verify
        } else if walks.iter().any(|walk| walk.again(&mutant.table).as_ref() != Ok(walk)) {
            Noticed::Walks
        } else {
            Noticed::Nobody
        }
    });
    let many = |wanted: Noticed| noticed.iter().filter(|by| **by == wanted).count();
    let survivors = all.iter().zip(&noticed).filter(|(_, by)| **by == Noticed::Nobody);
    let mut out: String = survivors.map(|(mutant, _)| survivor(file.name(), mutant)).collect();
    out += &format!(
        "{}: {} mutants: the checks notice {}, the public API {}, verify {}, walks {}, nobody {}\n",
        file.name(),
        all.len(),
        many(Noticed::Checks),
        many(Noticed::Clients),
        many(Noticed::Verify),
        many(Noticed::Walks),
        many(Noticed::Nobody)
    );
    arguments.output.write(&out)?;
    Ok(if many(Noticed::Nobody) == 0 { Outcome::Clean } else { Outcome::Findings })
}

/// Who notices a mutant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noticed {
    /// The checks have a finding that the table without the mistake does not have.
    Checks,
    /// A client can tell the two tables apart.
    Clients,
    /// The machines together do not do what they did.
    Verify,
    /// A walk comes out differently.
    Walks,
    Nobody,
}

/// Refuses a table whose mutants would fill the memory: each of them is a copy of the table.
fn ensure_few(table: &Table) -> Result<()> {
    let sizes = table.machines.iter().map(|machine| machine.rows.len() + machine.states.len());
    let all: usize = sizes.sum();
    ensure!(
        all <= ROWS_AND_STATES_MAX,
        "the table has {all} rows and states, and every mutant is a copy of it: more than {ROWS_AND_STATES_MAX} are too \
         many for `mutate`; try it on a table with fewer of them"
    );
    Ok(())
}

/// Asks the same of every mutant, on as many threads as the machine runs at once. Answers are in the order of the mutants.
fn side_by_side(mutants: &[Mutant], ask: &(dyn Fn(&Mutant) -> Noticed + Sync)) -> Vec<Noticed> {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        while let Some((at, mutant)) = Some(next.fetch_add(1, Relaxed)).and_then(|at| Some((at, mutants.get(at)?))) {
            answers.push((at, ask(mutant)));
        }
        answers
    };
    let mut answers: Vec<(usize, Noticed)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        ended.flatten().collect()
    });
    answers.sort_unstable_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, noticed)| noticed).collect()
}

/// Whether a client can tell the table from the one without the mistake.
fn is_seen(table: &Table, before: &Public) -> bool {
    let Ok(now) = project(table) else { return false };
    compare(&now, before).is_ok_and(|report| !report.changes.is_empty())
}

/// Reads a walk, which must come out as it was saved.
fn walk(file: &TableFile, table: &Table, path: &Path) -> Result<Walk> {
    let name = path.display();
    let text = input::text(path, "the walk")?;
    let walk: Walk = text.parse().with_context(|| format!("`{name}` is no walk"))?;
    if walk.again(table).as_ref() != Ok(&walk) {
        let coverage = file.invocation().command(&["coverage", &name.to_string()]);
        bail!("the walk `{name}` comes out differently already: `{coverage}` shows where");
    }
    Ok(walk)
}

fn survivor(name: &str, mutant: &Mutant) -> String {
    format!("{name}:{}: nothing notices: {}\n", mutant.line, mutant.what)
}
