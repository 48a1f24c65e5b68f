//! How a lock relates to what its table shows: the macro and the command line judge a lock by the same function.

use std::collections::BTreeMap;

use crate::compare::{CompareError, Report, compare};
use crate::public::lock::{self, LockError};
use crate::public::{Public, answered, by_defaults, shown, with_said, without_queries};

/// How a lock relates to what a table shows.
#[derive(Debug)]
pub enum LockState {
    /// It is the lock of the table.
    Current,
    /// It cannot be read.
    Damaged(LockError),
    /// It belongs to another table, of this name.
    OtherTable(String),
    /// It says something else. Without changes, no rule finds a difference, and the lines are others.
    Stale(Report),
    /// It says something else, and there is too much of it to compare.
    TooLarge(CompareError),
}

/// Compares the text of a lock with what a table shows.
#[must_use]
pub fn lock_state(text: &str, new: &Public) -> LockState {
    let found = lock::without_listed(text);
    let is_as = |public: &Public| found == lock::write(public) || found == lock::write(&as_once_written(public));
    let is_it = |public: &Public| is_as(public) || is_as(&without_unanswered(public));
    let is_current = |new: &Public| is_it(new) || without_queries(new).is_some_and(|public| is_it(&public));
    if is_current(new) {
        return LockState::Current;
    }
    match lock::read(text) {
        Err(error) => LockState::Damaged(error),
        Ok(old) if old.table != new.table => LockState::OtherTable(old.table),
        Ok(old) if is_current(&with_said(new, &old)) => LockState::Current,
        Ok(old) => compare(new, &by_defaults(&old)).map_or_else(LockState::TooLarge, LockState::Stale),
    }
}

/// The public side as locks had it before they had terms, and statuses that no state shows. They need not be written anew.
fn as_once_written(public: &Public) -> Public {
    let shown = shown(public);
    let statuses = public.statuses.iter().filter(|(name, _)| shown.contains(name));
    let statuses = statuses.map(|(name, status)| (name.clone(), status.clone())).collect();
    Public { terms: BTreeMap::new(), statuses, ..public.clone() }
}

/// The public side as locks had it before they had the commands that no machine answers.
fn without_unanswered(public: &Public) -> Public {
    let answered = answered(public);
    let commands = public.commands.iter().filter(|(name, _)| answered.contains(name));
    let commands = commands.map(|(name, command)| (name.clone(), command.clone())).collect();
    Public { commands, ..public.clone() }
}

/// Returns the line, from 1, of the first conflict marker that a merge has left in a text.
#[must_use]
pub fn conflict_line(text: &str) -> Option<usize> {
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    let is_marker =
        |line: &str| markers.iter().any(|marker| line == *marker || line.starts_with(&format!("{marker} ")));
    text.lines().position(is_marker).map(|index| index + 1)
}
