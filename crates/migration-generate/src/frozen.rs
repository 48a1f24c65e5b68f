//! Whether what a client can observe of a table is what its lock says, as code for which the compiler says it.

use migration_contract::compare::{Change, CompareError, Report, Source, render_one};
use migration_contract::frozen::{LockState, lock_state};
use migration_contract::public::project;
use migration_table::model::Table;
use migration_table::{Invocation, Style};
use proc_macro2::{Span, TokenStream};

use crate::report::{FINDINGS_MAX, compile_error};

/// Returns code that makes every difference between a table and its lock a compile error at `span`: nothing if there is
/// none.
#[must_use]
pub fn differences(table: &Table, source: Source<'_>, lock: Source<'_>, span: Span) -> TokenStream {
    found(table, source, lock).iter().map(|message| compile_error(span, message)).collect()
}

fn found(table: &Table, source: Source<'_>, lock: Source<'_>) -> Vec<String> {
    let (name, file) = (lock.file, source.file);
    let too_large = |error: String| vec![format!("`{file}` is too large to be compared with its lock: {error}")];
    let new = match project(table) {
        Ok(new) => new,
        Err(error) => return too_large(error.to_string()),
    };
    match lock_state(lock.text, &new) {
        LockState::Current => Vec::new(),
        LockState::Damaged(error) => {
            let bless = invocation(source).command(&["api", "bless"]);
            vec![format!("the lock `{name}` cannot be read: {error}\nmend with: {bless}")]
        }
        LockState::OtherTable(owner) => vec![format!(
            "the lock `{name}` belongs to the table `{owner}`, and `machine:` of `{file}` says `{}`: \
             `frozen =` must name the lock of this table",
            new.table
        )],
        LockState::TooLarge(error) => too_large(CompareError::to_string(&error)),
        LockState::Stale(report) => stale(&report, source, name),
    }
}

fn stale(report: &Report, source: Source<'_>, name: &str) -> Vec<String> {
    let head = format!("the public API is not the frozen one in `{name}`");
    let bless = invocation(source).command(&["api", "bless"]);
    let help = format!("if this is wanted, `{bless}` writes the lock anew, and its diff is the change of the API");
    if report.changes.is_empty() {
        return vec![format!(
            "{head}: no comparison finds what a client would notice, and it is written otherwise\n{help}"
        )];
    }
    let one = |change: &Change| {
        let text = render_one(change, name, Some(source), Style::Plain, &invocation(source));
        format!("{head}\n{}\n{help}", text.trim_end())
    };
    let mut messages: Vec<String> = report.changes.iter().take(FINDINGS_MAX).map(one).collect();
    let rest = report.changes.len().saturating_sub(FINDINGS_MAX);
    if rest > 0 {
        let diff = invocation(source).command(&["api", "diff", name, source.file]);
        messages.push(format!("{rest} more differences from `{name}`: `{diff}`"));
    }
    messages
}

/// Returns how the reader runs the program on the table. How it is installed is not known here.
fn invocation(source: Source<'_>) -> Invocation {
    Invocation::default().with_table(source.file)
}
