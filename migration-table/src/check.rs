//! The registry of checks: every rule that a table must keep, with its code, its name and its reason.
//!
//! Rules about shape and names are applied while the text is read and have no function of their own; the others run
//! over a resolved table, and only if reading it found no error, so that one mistake is reported once. A new rule is a
//! file in `graph` or `meaning` and a line in the list of that part.

mod components;
mod graph;
mod meaning;
pub(crate) mod names;
pub(crate) mod shape;
mod subject;
mod wording;

#[cfg(test)]
mod brute;

use crate::bdd::TooLarge;
use crate::finding::{Code, Finding, Findings};
use crate::model::{Machine, Table};

pub use subject::Subject;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its number. It never changes its meaning.
    pub code: Code,
    /// Its name, for people.
    pub name: &'static str,
    /// Why it is a rule, what to do, and when the finding may be passed over.
    pub explain: &'static str,
    /// How it is applied.
    pub run: Run,
}

/// How a rule is applied.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// While the text is read and its names are resolved.
    WhileReading,
    /// To a resolved table as a whole.
    Table(fn(&Table, &mut Findings)),
    /// To each machine of a resolved table.
    Machine(fn(&Table, &Machine, &mut Findings)),
    /// To each machine of a resolved table, and to everything that can happen to it.
    Explored(fn(&mut Subject<'_>, &mut Findings) -> Result<(), TooLarge>),
}

/// The parts of the registry, in the order of their codes.
const PARTS: &[&[Check]] = &[shape::ALL, names::ALL, graph::ALL, meaning::ALL];

/// Every check, in the order of the codes.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    PARTS.iter().copied().flatten()
}

/// Runs all checks over a resolved table.
pub fn run(table: &Table, out: &mut Findings) {
    for check in checks() {
        match check.run {
            Run::WhileReading | Run::Explored(_) => {}
            Run::Table(run) => run(table, out),
            Run::Machine(run) => table.machines.iter().for_each(|machine| run(table, machine, out)),
        }
    }
    for machine in &table.machines {
        explored(table, machine, out);
    }
}

/// Runs the checks that ask what can happen, which share the answer.
fn explored(table: &Table, machine: &Machine, out: &mut Findings) {
    let mut subject = Subject::new(table, machine);
    let mut undecided = Vec::new();
    for check in checks() {
        let Run::Explored(run) = check.run else { continue };
        if !subject.as_mut().is_ok_and(|subject| run(subject, out).is_ok()) {
            undecided.push(format!("`{}`", check.name));
        }
    }
    if !undecided.is_empty() {
        let message = format!("what can happen to machine `{}` has too many cases to decide", machine.name);
        let finding = Finding::error(graph::UNDECIDED, machine.span, message, "not checked completely");
        let finding = finding.with_note(format!("left out: {}", undecided.join(", ")));
        out.push(finding.with_help("fewer triggers that can be pending together make fewer cases"));
    }
}
