//! The registry of checks: every rule that a table must keep, with its code, its name and its reason.
//!
//! Rules about shape and names are applied while the text is read and have no function of their own; the others run
//! over a resolved table, and only if reading it found no error, so that one mistake is reported once. A new rule is a
//! file in `graph` or `meaning` and a line in the list of that part.

mod components;
mod definition;
mod gather;
mod graph;
mod meaning;
mod names;
mod policy;
mod silencing;
mod subject;
mod ways;
mod widened;
pub mod wording;

#[cfg(test)]
mod brute;

use crate::declare::TableDecl;
use crate::finding::{Finding, Findings};
use crate::model::{Machine, Table};
use crate::rule;

pub use definition::{Check, Notes, Run};
pub(crate) use gather::same;
pub use graph::UNDECIDED;
pub(crate) use meaning::{NEVER_AWAITED, NO_TIMEOUT};
pub use silencing::can_be_silenced;
pub use subject::Subject;

/// The parts of the registry, in the order of their codes.
const PARTS: &[&[Check]] = &[
    &definition::while_reading(&rule::shape::ALL),
    &definition::while_reading(&rule::names::ALL),
    names::ALL,
    graph::ALL,
    meaning::ALL,
    policy::ALL,
    silencing::ALL,
];

/// Every check, in the order of the codes.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    PARTS.iter().copied().flatten()
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
    silencing::apply(
        table,
        &|code| checks().chain(further).find(|check| [check.code.0, check.name].contains(&code)),
        out,
    );
    gather::apply(out);
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
