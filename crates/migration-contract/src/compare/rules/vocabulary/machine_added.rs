//! `machine-added`: a machine is new.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::{Label, PublicMachine, Reply};

pub(in super::super) const RULE: Rule = Rule {
    id: "machine-added",
    title: "a machine is new",
    levels: Levels::all(Level::Note),
    definition: "The new side has a machine that the old side has not. It is taken for another process, to which no old client \
        talks. Where a command that old clients know can succeed on it, only the host knows whether it reaches it, and the \
        finding is a warning.",
    why: "a client that gives an old command to the new machine meets statuses and replies that it was never promised",
    keep_compatible: "run the new machine in a process of its own, or give it commands of its own",
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let was_there = |name: &str| sides.old.machines.iter().any(|machine| machine.name == name);
    let added = sides.new.machines.iter().filter(|machine| !was_there(&machine.name));
    let told = added.map(|machine| {
        let taken: Vec<String> = taken(machine, sides).map(|command| format!("`{command}`")).collect();
        let of_old = if taken.is_empty() {
            String::new()
        } else {
            format!(" and takes {}, which old clients give", taken.join(", "))
        };
        let levels = Levels::all(if taken.is_empty() { Level::Note } else { Level::Warn });
        let listed = Listed::new(&machine.name, format!("the machine `{}` is new{of_old}", machine.name));
        Listed { levels: Some(levels), ..listed }
    });
    told.collect()
}

/// The commands of the old side that can succeed on a machine.
fn taken<'s>(machine: &PublicMachine, sides: &'s Sides<'_>) -> impl Iterator<Item = &'s String> {
    let succeeds = |command: &String| {
        let success = Label::Reply(command.clone(), Reply::Success);
        let mut states = machine.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states);
        states.any(|state| state.edges.contains_key(&success))
    };
    sides.old.commands.keys().filter(move |command| succeeds(command))
}
