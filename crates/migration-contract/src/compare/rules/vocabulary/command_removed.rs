//! `command-removed`: a command is gone.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::answered;

pub(in super::super) const RULE: Rule = Rule {
    id: "command-removed",
    title: "a command is gone",
    levels: Levels::all(Level::Break),
    definition: "The old side has a command, with the arguments that tell it from others, that the new side has \
        not, or that no row and no answer of the new side names. A command that has a new name is gone as well: clients \
        know it by its name.",
    why: "the client is told that there is no such command",
    keep_compatible: "keep the command and let it do what it did; deprecate it, and leave it out when it was \
        deprecated for long enough",
    accept: "when it was deprecated for as long as is promised and its name is reserved",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let removed = sides.old.commands.keys().filter(|command| !sides.new.commands.contains_key(*command));
    let guessed = |command: &str| {
        let renames = sides.renames.commands.iter();
        renames.into_iter().find(|(_, rename)| rename.before == command).map(|(now, _)| now.as_str())
    };
    let message = |command: &str| {
        let renamed = |name: &crate::public::PublicName| name.renamed_from.as_deref() == Some(command);
        match sides.new.commands.iter().find(|(_, name)| renamed(name)) {
            Some((now, _)) => format!("the command `{command}` is now called `{now}`"),
            None if guessed(command).is_some() => format!(
                "the command `{command}` is gone, and `{0}` is answered wherever it was: is it renamed? then its trigger \
                 says `renamed_from: {command}`",
                guessed(command).unwrap_or_default()
            ),
            None => format!("the command `{command}` is gone"),
        }
    };
    let (now, before) = (answered(sides.new), answered(sides.old));
    let is_unanswered = |command: &&String| before.contains(*command) && !now.contains(*command);
    let kept = sides.new.commands.keys().filter(is_unanswered);
    let unanswered = |command| format!("the command `{command}` is declared, and no machine answers it any more");
    let kept = kept.map(|command| Listed::new(command, unanswered(command)));
    removed.map(|command| Listed::new(command, message(command))).chain(kept).collect()
}
