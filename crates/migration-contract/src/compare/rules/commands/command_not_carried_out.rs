//! `command-not-carried-out`: a command that the host carried out can succeed and do nothing.

use std::collections::BTreeSet;

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::{Handled, Label, PublicMachine, Reply};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-not-carried-out",
    title: "a command that was carried out can succeed and do nothing",
    levels: Levels::all(Level::Break),
    definition: "While a status is shown, the old side answered a command with `handle` and nowhere with `ignore`: success \
        meant that the host carried it out. The new side can answer it there with success and stay where it is, and does \
        not say the same. An older lock does not tell the two answers apart: a release is then judged by the table that \
        is kept with it, and where none is kept, this is not compared.",
    why: "the client is told that it was done, and it was not",
    keep_compatible: "keep `handle`, or refuse the command where it cannot be carried out any more and approve that",
    accept: "when the command had no effect there in the old release",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let status = |status: &String| sides.renamed(status).unwrap_or(status).clone();
    let now: BTreeSet<Handled> =
        sides.new.handled.iter().map(|it| Handled { status: status(&it.status), ..it.clone() }).collect();
    let lost = sides.old.handled.difference(&now).filter(|it| {
        let machine = sides.new.machines.iter().find(|machine| machine.name == it.machine);
        machine.is_some_and(|machine| can_do_nothing(machine, it, status))
    });
    let told = lost.map(|Handled { machine, command, status }| {
        let message = format!("`{command}` in `{status}` was carried out; now it can succeed, and nothing is done");
        Listed::new(format!("{machine}: {command} in {status}"), message)
    });
    told.collect()
}

/// Whether a command can succeed while a status is shown, and leave the machine where it is.
fn can_do_nothing(machine: &PublicMachine, handled: &Handled, old_name: impl Fn(&String) -> String) -> bool {
    let success = Label::Reply(handled.command.clone(), Reply::Success);
    machine.behaviours.iter().any(|behaviour| {
        behaviour.automaton.states.iter().enumerate().any(|(number, state)| {
            state.shows.iter().any(|shown| old_name(&shown.status) == handled.status)
                && state.edges.get(&success).is_some_and(|edge| edge.to == number)
        })
    })
}
