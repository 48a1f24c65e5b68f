//! Whether what a client can observe of the table is what the lock says.

use migration_contract::compare::{self, Change, CompareError, Report, render_one};
use migration_contract::frozen::{LockState, lock_state};
use migration_contract::public::project;
use migration_generate::report::{FINDINGS_MAX, compile_error};
use migration_table::model::Table;
use migration_table::{Invocation, Style};
use proc_macro2::{Span, TokenStream};

use crate::file::File;

/// Returns every difference as a compile error, or nothing if there is none.
pub(crate) fn differences(table: &Table, source: &File, frozen: &File, span: Span) -> TokenStream {
    found(table, source, frozen).iter().map(|message| compile_error(span, message)).collect()
}

fn found(table: &Table, source: &File, frozen: &File) -> Vec<String> {
    let (name, table_name) = (&frozen.shown, &source.shown);
    let too_large = |error: String| vec![format!("`{table_name}` is too large to be compared with its lock: {error}")];
    let new = match project(table) {
        Ok(new) => new,
        Err(error) => return too_large(error.to_string()),
    };
    match lock_state(&frozen.text, &new) {
        LockState::Current => Vec::new(),
        LockState::Damaged(error) => {
            let bless = invocation(source).command(&["api", "bless"]);
            vec![format!("the lock `{name}` cannot be read: {error}\nmend with: {bless}")]
        }
        LockState::OtherTable(owner) => vec![format!(
            "the lock `{name}` belongs to the table `{owner}`, and `machine:` of `{table_name}` says `{}`: \
             `frozen =` must name the lock of this table",
            new.table
        )],
        LockState::TooLarge(error) => too_large(CompareError::to_string(&error)),
        LockState::Stale(report) => stale(&report, source, frozen),
    }
}

fn stale(report: &Report, source: &File, frozen: &File) -> Vec<String> {
    let name = &frozen.shown;
    let head = format!("the public API is not the frozen one in `{name}`");
    let bless = invocation(source).command(&["api", "bless"]);
    let help = format!("if this is wanted, `{bless}` writes the lock anew, and its diff is the change of the API");
    if report.changes.is_empty() {
        return vec![format!(
            "{head}: no comparison finds what a client would notice, and it is written otherwise\n{help}"
        )];
    }
    let table = compare::Source { file: &source.shown, text: &source.text };
    let one = |change: &Change| {
        let text = render_one(change, name, Some(table), Style::Plain, &invocation(source));
        format!("{head}\n{}\n{help}", text.trim_end())
    };
    let mut messages: Vec<String> = report.changes.iter().take(FINDINGS_MAX).map(one).collect();
    let rest = report.changes.len().saturating_sub(FINDINGS_MAX);
    if rest > 0 {
        let diff = invocation(source).command(&["api", "diff", name, &source.shown]);
        messages.push(format!("{rest} more differences from `{name}`: `{diff}`"));
    }
    messages
}

/// Returns how the reader runs the program on the table. How it is installed is not known here.
fn invocation(source: &File) -> Invocation {
    Invocation::default().with_table(&source.shown)
}
