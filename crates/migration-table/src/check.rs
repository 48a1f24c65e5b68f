//! The registry of checks: every rule that a table must keep, with its code, its name and its reason.
//!
//! Rules about shape and names are applied while the text is read and have no function of their own; the others run
//! over a resolved table, and only if reading it found no error, so that one mistake is reported once. A new rule is a
//! file in `graph` or `meaning` and a line in the list of that part.

mod components;
mod graph;
mod meaning;
pub(crate) mod names;
mod policy;
pub(crate) mod shape;
mod silencing;
mod subject;
mod ways;
pub mod wording;

#[cfg(test)]
mod brute;

use crate::bdd::TooLarge;
use crate::declare::TableDecl;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Table};

pub use graph::UNDECIDED;
pub use silencing::can_be_silenced;
pub use subject::Subject;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its number. It never changes its meaning.
    pub code: Code,
    /// Its name, for people.
    pub name: &'static str,
    /// How much its findings matter at most. Errors cannot be silenced, warnings can, notes are given only on request.
    pub severity: Severity,
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
    /// To the declarations of a table whose names are all in order.
    Declared(fn(&TableDecl, &mut Findings)),
    /// To a resolved table as a whole.
    Table(fn(&Table, &mut Findings)),
    /// To each machine of a resolved table.
    Machine(fn(&Table, &Machine, &mut Findings)),
    /// To each machine of a resolved table, and to everything that can happen to it.
    Explored(fn(&mut Subject<'_>, &mut Findings) -> Result<(), TooLarge>),
    /// To a resolved table in which no other check found an error.
    Sound(fn(&Table, &mut Findings)),
}

/// The parts of the registry, in the order of their codes.
const PARTS: &[&[Check]] = &[shape::ALL, names::ALL, graph::ALL, meaning::ALL, policy::ALL, silencing::ALL];

/// Every check, in the order of the codes.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    PARTS.iter().copied().flatten()
}

/// Whether to say what is worth knowing although nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    /// No.
    LeftOut,
    /// Yes.
    Listed,
}

impl Notes {
    /// Whether a check is to be run.
    fn want(self, check: &Check) -> bool {
        match check.severity {
            Severity::Error | Severity::Warning => true,
            Severity::Note => self == Notes::Listed,
        }
    }
}

/// Runs the checks that look at declarations.
pub(crate) fn run_declared(table: &TableDecl, out: &mut Findings) {
    for check in checks() {
        if let Run::Declared(run) = check.run {
            run(table, out);
        }
    }
}

/// Runs all checks over a resolved table but those that only give notes, and takes away what the table silences.
pub fn run(table: &Table, out: &mut Findings) {
    run_with(table, Notes::LeftOut, &[], out);
}

/// Runs all checks over a resolved table, those of `further` included, and takes away what the table silences.
///
/// `further` are checks of the crates above this one, which know more of a table.
pub fn run_with(table: &Table, notes: Notes, further: &'static [Check], out: &mut Findings) {
    for check in checks().chain(further).filter(|check| notes.want(check)) {
        match check.run {
            Run::WhileReading | Run::Declared(_) | Run::Explored(_) | Run::Sound(_) => {}
            Run::Table(run) => run(table, out),
            Run::Machine(run) => table.machines.iter().for_each(|machine| run(table, machine, out)),
        }
    }
    for machine in &table.machines {
        explored(table, machine, notes, out);
    }
    if !out.has_errors() {
        for check in checks().chain(further) {
            if let Run::Sound(run) = check.run {
                run(table, out);
            }
        }
    }
    silencing::apply(table, further, out);
}

/// Runs the checks that ask what can happen, which share the answer.
fn explored(table: &Table, machine: &Machine, notes: Notes, out: &mut Findings) {
    let mut subject = Subject::new(table, machine);
    let mut undecided = Vec::new();
    for check in checks().filter(|check| notes.want(check)) {
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
