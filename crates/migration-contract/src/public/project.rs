//! From a table to what a client can observe of it.
//!
//! How a machine is read:
//!
//! - A guard that is a capability or a parameter is a setting, and there is one automaton for each value of all settings, as
//!   long as it stays. What a client sees that changes settings is computed beside that. Other fixed guards are chosen freely when an attempt starts; guards that
//!   are not fixed may say anything at every step.
//! - Every command may come while the machine rests. One that the table lets be vetoed may be refused anywhere, and so
//!   may one that names the status it expects, since a client may name another; one that needs a guard is refused where
//!   none of those it needs holds.
//! - Every event that a row of the state mentions may come while the machine rests, rare ones too. Nothing of it is
//!   seen but what it leads to.
//! - While the machine looks for enabled rows it takes no command, no query and no event. What its public rows publish is
//!   seen. So a query that is answered excludes that something is about to be published.
//! - Rows of one rank that are enabled together may each fire. In a table without errors they have one effect.
//!
//! Then what cannot be told apart is taken together: sets of configurations after the same observations, the smallest
//! automaton of these sets, and one automaton for all settings that give the same one. Settings that were not looked
//! at on the way are not tried.
//!
//! All of it is bounded, by [`CONFIGURATIONS_MAX`] and the bounds beside it. What does not fit is refused as a whole.

mod behaviours;
mod bounds;
mod changing;
mod course;
mod form;
mod minimal;
mod outline;
mod reach;
mod sets;
mod steps;
mod taken;
mod untried;
mod words;

use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::iter;

use rustc_hash::FxHashMap;

use crate::public::automaton::{AutomatonState, Shown};
use crate::public::model::{Behaviour, Public, PublicMachine};
use crate::public::settings::SettingCube;
use behaviours::in_order;
use bounds::Limit;
use course::{Course, CourseKey, Smallest};
use form::{Found, Mark, Shape, automaton, mark};
use migration_table::model::{Machine, Table};
use outline::{Outline, number};
use reach::Reach;
use sets::Sets;
use steps::{Graph, Setting};
use untried::apart;

pub(super) use behaviours::of_settings;
pub use bounds::{CASES_MAX, CONFIGURATIONS_MAX, EDGES_MAX, HIDDEN_MAX, MEMBERS_MAX, SETS_MAX, STEPS_MAX, TooLarge};
pub use outline::{command, setting};
pub use taken::{Taken, taken};
pub(super) use words::{handled, of_wire, terms};

/// What a client can observe of a table without errors.
///
/// # Errors
///
/// When a machine has more to it than the bounds here allow.
pub fn project(table: &Table) -> Result<Public, TooLarge> {
    let mut machines: Vec<PublicMachine> =
        table.machines.iter().map(|machine| project_machine(table, machine)).collect::<Result<_, _>>()?;
    machines.sort_by(|a, b| a.name.cmp(&b.name));
    let mut left = EDGES_MAX;
    for machine in &machines {
        let too_large = || TooLarge { machine: machine.name.clone(), limit: Limit::Sets, waiting: None };
        left = left.checked_sub(weight(machine)).ok_or_else(too_large)?;
    }
    Ok(words::public(table, machines))
}

/// How much of [`EDGES_MAX`] a machine takes.
fn weight(machine: &PublicMachine) -> usize {
    let of_spot = |state: &AutomatonState| {
        let edges = state.edges.keys().map(|label| weight_of([label.text()])).sum::<usize>();
        weight_of_shown(&state.shows)
            + edges
            + state.queries.keys().map(|shown| weight_of_shown([shown])).sum::<usize>()
    };
    let of = |behaviour: &Behaviour| 1 + behaviour.automaton.states.iter().map(of_spot).sum::<usize>();
    machine.behaviours.iter().map(of).sum()
}

/// How much of [`EDGES_MAX`] what is shown takes.
pub(super) fn weight_of_shown<'s>(shows: impl IntoIterator<Item = &'s Shown>) -> usize {
    weight_of(shows.into_iter().map(|shown| &shown.status))
}

/// How much of [`EDGES_MAX`] something takes that has these names: one, if they are not unusually long.
pub(super) fn weight_of<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> usize {
    1 + names.into_iter().map(|name| name.as_ref().len()).sum::<usize>() / 64
}

/// What a client can observe of one machine of a table without errors.
///
/// # Errors
///
/// When the machine has more to it than the bounds here allow.
pub fn project_machine(table: &Table, machine: &Machine) -> Result<PublicMachine, TooLarge> {
    let too_large = |limit| TooLarge::of(machine, limit);
    let outline = Outline::new(table, machine);
    let found = behaviours(&outline).map_err(too_large)?;
    let public = named(table, &outline, found).map_err(too_large)?;
    Ok(PublicMachine { changes: changing::changes(table, machine)?, ..public })
}

/// For every state of an automaton, with marks and edges `(from, label, to)`, the number of its class, in the order of a
/// search in breadth. All states can be reached from the first, and no two edges of a label lead from one state.
pub(super) fn classes<M: std::hash::Hash + Eq>(marks: &[M], edges: &[(usize, usize, usize)]) -> Vec<usize> {
    let edge = |(from, label, to): &(usize, usize, usize)| minimal::Edge {
        from: number(*from),
        label: number(*label),
        to: number(*to),
    };
    let edges: Vec<minimal::Edge> = edges.iter().map(edge).collect();
    minimal::classes(marks, &edges).into_iter().map(|class| class as usize).collect()
}

/// All behaviours of a machine.
fn behaviours(outline: &Outline<'_>) -> Result<Vec<(Shape, Found)>, Limit> {
    let (mut graph, mut sets) = (Graph::new(outline), Sets::default());
    let mut size = 0;
    let mut found: Vec<(Shape, Found)> = Vec::new();
    let mut known: FxHashMap<Shape, usize> = FxHashMap::default();
    let mut courses: FxHashMap<(CourseKey, Vec<Mark>), usize> = FxHashMap::default();
    // Settings that are still to be tried, as cases that do not overlap.
    let mut todo = vec![SettingCube::ALWAYS];
    let mut cases = 0;
    while let Some(case) = todo.pop() {
        cases += 1;
        if cases > CASES_MAX {
            return Err(Limit::Cases);
        }
        let setting = Setting::new(outline, case.set);
        let reach = Reach::new(&mut graph, setting)?;
        let start = sets.initial(&graph, &reach)?;
        let course = Course::from(&graph, &mut sets, (&reach, setting.on), vec![start])?;
        let marks: Vec<Mark> = course.ids.iter().map(|id| mark(&graph, &sets, &reach, *id)).collect();
        let index = match courses.entry((course.key(), marks)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let Smallest { states, edges, places, .. } = course.smallest(outline, &new.key().1, iter::empty());
                let shape = Shape { states, edges };
                let index = *known.entry(shape.clone()).or_insert_with(|| {
                    size += 1 + shape.states.len() + shape.edges.len();
                    found.push((shape, Found { places: vec![BTreeSet::new(); places.len()], ..Found::default() }));
                    found.len() - 1
                });
                found[index].1.places.iter_mut().zip(places).for_each(|(all, more)| all.extend(more));
                *new.insert(index)
            }
        };
        if size > EDGES_MAX {
            return Err(Limit::Sets);
        }
        found[index].1.under.push(apart(case, reach.asks, &mut todo));
    }
    Ok(found)
}

/// The behaviours in words.
fn named(table: &Table, outline: &Outline<'_>, found: Vec<(Shape, Found)>) -> Result<PublicMachine, Limit> {
    let behaviours = found.iter().map(|(shape, found)| (found.under.clone(), automaton(table, outline, shape, found)));
    in_order(outline.machine.name.clone(), &outline.settings, behaviours.collect())
}

#[cfg(test)]
mod tests;
