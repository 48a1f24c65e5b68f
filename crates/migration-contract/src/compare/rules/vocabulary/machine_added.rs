//! `machine-added`: a machine is new.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "machine-added",
    title: "a machine is new",
    levels: Levels::all(Level::Note),
    definition: "The new side has a machine that the old side has not.",
    why: "no client talks to it that has not been changed",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let was_there = |name: &str| sides.old.machines.iter().any(|machine| machine.name == name);
    let added = sides.new.machines.iter().filter(|machine| !was_there(&machine.name));
    added.map(|machine| Listed::new(&machine.name, format!("the machine `{}` is new", machine.name))).collect()
}
