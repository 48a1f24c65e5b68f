//! Views: what of a table is looked at, and as what.
//!
//! A view makes a subject of each machine: a part of it, a contraction of it, or two of them in one, with marks. What
//! is drawn of a subject is then decided as for any machine, so every view has the frames, the straight happy path
//! and the words of the whole picture.

mod coverage;
mod diff;
mod near;
mod overview;
mod part;
mod phase;
mod run;
mod trace;
mod trigger;
mod undrawable;

use super::figure::Figure;
use super::panel::panel;
use super::subject::Subject;
use migration_table::model::{Machine, Table};
use migration_table::nearest;

pub use phase::{Phase, phases};
pub use run::{Side, Step, Trace};
pub use undrawable::Undrawable;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    /// What a client sees: statuses only, and what leads from one to another. States that share a status are one. Arrows
    /// are the changes of status that some run publishes under some setting of the capabilities, no more and no fewer.
    /// A command that only some of the states behind a status take is said to be taken `not always` there.
    Overview,
    /// Every state and every row.
    Full,
    /// A part of each machine, by its name: a declared group, a kind, or one of [`phases`]; with the states around it.
    Phase(&'a str),
    /// A state of that name, what leads to it and what leaves it.
    State(&'a str),
    /// Where the trigger of that name is accepted, ignored and refused.
    Trigger(&'a str),
    /// A run: the rows that fired, numbered, in the machines that took any. Of a machine that is too large to be read,
    /// only the states that it goes through.
    Trace(&'a Trace<'a>),
    /// Which rows were taken and how often: those that were are highlighted, those that were from some of their states
    /// only are plain, and those that were not are muted.
    Coverage(&'a Trace<'a>),
    /// What this table has and the old one has not, and the reverse.
    Diff {
        /// The table that it is compared with.
        old: &'a Table,
        /// What comes of the comparison for clients, in a sentence, if that is known.
        verdict: Option<&'a str>,
        /// A run that shows what the difference is, and the side that takes it: its rows are numbered.
        run: Option<(Side, &'a Trace<'a>)>,
    },
}

/// Describes a view of machines of a table, side by side. Machines that have nothing of what is looked at are left out.
///
/// # Errors
///
/// When none of the machines has what is looked at, or two tables are too large to be shown as one.
pub fn figure(table: &Table, machines: &[&Machine], view: &View<'_>) -> Result<Figure, Undrawable> {
    let mut notes = Vec::new();
    let (name, panels) = match view {
        View::Overview => {
            let subjects = machines.iter().map(|machine| overview::subject(table, machine, &mut notes)).collect();
            ("overview".to_owned(), subjects)
        }
        View::Full => ("full".to_owned(), all(machines, |machine| Subject::whole(table, machine))),
        View::Phase(name) => {
            let subjects = machines.iter().filter_map(|machine| phase::subject(table, machine, name)).collect();
            let known = || machines.iter().flat_map(|machine| phase::names(machine)).collect();
            (format!("phase {name}"), found("phase", name, subjects, known)?)
        }
        View::State(name) => {
            let subjects = machines.iter().filter_map(|machine| near::subject(table, machine, name)).collect();
            let known =
                || machines.iter().flat_map(|machine| &machine.states).map(|state| state.name.clone()).collect();
            (format!("state {name}"), found("state", name, subjects, known)?)
        }
        View::Trigger(name) => {
            let subjects = machines.iter().filter_map(|machine| trigger::subject(table, machine, name)).collect();
            let known = || machines.iter().flat_map(|machine| trigger::names(machine)).collect();
            (format!("trigger {name}"), found("trigger", name, subjects, known)?)
        }
        View::Trace(trace) => {
            let (subjects, of_machines): (Vec<_>, Vec<_>) = trace::subjects(table, machines, trace).into_iter().unzip();
            notes.extend(trace.notes.iter().cloned().chain(of_machines.into_iter().flatten()));
            ("trace".to_owned(), subjects)
        }
        View::Coverage(taken) => {
            let subjects =
                machines.iter().map(|machine| coverage::subject(table, machine, taken, &mut notes)).collect();
            ("coverage".to_owned(), subjects)
        }
        View::Diff { old, verdict, run } => {
            notes.extend(verdict.map(str::to_owned));
            notes.extend(run.iter().flat_map(|(_, trace)| trace.notes.iter().cloned()));
            ("changes".to_owned(), diff::subjects(old, table, machines, *run)?)
        }
    };
    Ok(Figure { table: table.name.clone(), view: name, panels: panels.iter().map(panel).collect(), notes })
}

fn all<'t>(machines: &[&'t Machine], subject: impl Fn(&'t Machine) -> Subject<'t>) -> Vec<Subject<'t>> {
    machines.iter().map(|machine| subject(machine)).collect()
}

/// The subjects, or what is to be said where there is none.
fn found<'t>(
    what: &str,
    name: &str,
    subjects: Vec<Subject<'t>>,
    known: impl Fn() -> Vec<String>,
) -> Result<Vec<Subject<'t>>, Undrawable> {
    if !subjects.is_empty() {
        return Ok(subjects);
    }
    let known = known();
    let meant = nearest(name, known.iter().map(String::as_str));
    let help = meant.map_or_else(
        || format!("known: {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        |meant| format!("did you mean `{meant}`?"),
    );
    Err(Undrawable::because(format!("there is no {what} `{name}` ({help})")))
}
