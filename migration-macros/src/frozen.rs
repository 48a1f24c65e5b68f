//! Whether what a client can observe of the table is what the lock says.

use std::fmt::Display;

use migration_contract::compare::{self, Change, compare, render_one};
use migration_contract::public::lock::{self, LockError};
use migration_contract::public::project;
use migration_table::Style;
use migration_table::model::Table;
use proc_macro2::{Span, TokenStream};

use crate::file::File;
use crate::report::{FINDINGS_MAX, compile_error};

/// Every difference as a compile error; nothing if there is none.
pub(crate) fn differences(table: &Table, source: &File, frozen: &File, span: Span) -> TokenStream {
    match found(table, source, frozen) {
        Ok(messages) => messages.iter().map(|message| compile_error(span, message)).collect(),
        Err(message) => compile_error(span, &message),
    }
}

fn found(table: &Table, source: &File, frozen: &File) -> Result<Vec<String>, String> {
    let too_large =
        |error: &dyn Display| format!("`{}` is too large to be compared with its lock: {error}", source.shown);
    let new = project(table).map_err(|error| too_large(&error))?;
    if frozen.text == lock::write(&new) {
        return Ok(Vec::new());
    }
    let name = &frozen.shown;
    let unreadable = |error: LockError| {
        format!("the lock `{name}` cannot be read: {error}\nmend with: {}", error.mend(lock::Role::Current))
    };
    let old = lock::read(&frozen.text).map_err(unreadable)?;
    let changes = compare(&new, &old).map_err(|error| too_large(&error))?.changes;
    let head = format!("the public API is not the frozen one in `{name}`");
    let help = "if this is wanted, `cargo xtask api bless` writes the lock anew, and its diff is the change of the API";
    if changes.is_empty() {
        return Ok(vec![format!("{head}: the words differ, the behaviour does not\n{help}")]);
    }
    let rest = changes.len().saturating_sub(FINDINGS_MAX);
    let table = compare::Source { file: &source.shown, text: &source.text };
    let one = |change: &Change| {
        let text = render_one(change, name, Some(table), Style::Plain);
        format!("{head}\n{}\n{help}", text.trim_end())
    };
    let mut messages: Vec<String> = changes.iter().take(FINDINGS_MAX).map(one).collect();
    if rest > 0 {
        messages.push(format!("{rest} more differences from `{name}`: `cargo xtask api diff {name} {}`", source.shown));
    }
    Ok(messages)
}
