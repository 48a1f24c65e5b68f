//! The registry of checks: every rule that a table must keep, with its code, its name and its reason.
//!
//! Rules about shape and names are applied while the text is read and have no function of their own; the others run
//! over a resolved table, and only if reading it found no error, so that one mistake is reported once.

pub(crate) mod names;
pub(crate) mod shape;

use crate::finding::{Code, Findings};
use crate::model::{Machine, Table};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its number. It never changes its meaning.
    pub code: Code,
    /// Its name, for people.
    pub name: &'static str,
    /// Why it is a rule, and what to do.
    pub explain: &'static str,
    /// How it is applied.
    pub run: Run,
}

/// How a rule is applied.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// While the text is read and its names are resolved.
    WhileReading,
    /// To each machine of a resolved table.
    Machine(fn(&Table, &Machine, &mut Findings)),
    /// To a resolved table as a whole.
    Table(fn(&Table, &mut Findings)),
}

/// The parts of the registry, in the order of their codes.
const PARTS: &[&[Check]] = &[shape::ALL, names::ALL];

/// Every check, in the order of the codes.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    PARTS.iter().copied().flatten()
}

/// Runs all checks over a resolved table.
pub(crate) fn run(table: &Table, out: &mut Findings) {
    for check in checks() {
        match check.run {
            Run::WhileReading => {}
            Run::Machine(run) => table.machines.iter().for_each(|machine| run(table, machine, out)),
            Run::Table(run) => run(table, out),
        }
    }
}
