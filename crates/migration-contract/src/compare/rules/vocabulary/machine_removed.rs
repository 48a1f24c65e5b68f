//! `machine-removed`: a machine is gone.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "machine-removed",
    title: "a machine is gone",
    levels: Levels::all(Level::Break),
    definition: "The old side has a machine that the new side has not. Machines are told apart by their names.",
    why: "a client of it has nobody to talk to",
    keep_compatible: "keep the name of the machine",
    accept: "when no client was ever told of it",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let is_there = |name: &str| sides.new.machines.iter().any(|machine| machine.name == name);
    let removed = sides.old.machines.iter().filter(|machine| !is_there(&machine.name));
    removed.map(|machine| Listed::new(&machine.name, format!("the machine `{}` is gone", machine.name))).collect()
}
