//! `command-added`: a command is new.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-added",
    title: "a command is new",
    levels: Levels::all(Level::Note),
    definition: "The new side has a command, with the arguments that tell it from others, that the old side has \
        not.",
    why: "no client gives it that has not been changed",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let is_new = |command: &&String| !sides.old.commands.contains_key(*command);
    let added =
        sides.new.commands.keys().filter(is_new).filter(|command| !sides.renames.commands.contains_key(*command));
    added.map(|command| Listed::new(command, format!("the command `{command}` is new"))).collect()
}
