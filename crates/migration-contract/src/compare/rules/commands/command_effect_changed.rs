//! `command-effect-changed`: what follows a command that succeeded has changed.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-effect-changed",
    title: "what follows a command that succeeded has changed",
    levels: Levels::all(Level::Break),
    definition: "The reply to a command is success on both sides, and right after it the new machine can show a \
        status that the old one could not.",
    why: "a client that gave the command knows what it does; it finds the machine doing something else",
    keep_compatible: "keep what the command does, and give the new effect a command or an argument of its own",
    accept: "when the old effect was never what the command promised",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Output(label) = difference.kind else { return None };
    let (command, _) = walk.names.reply(walk.last_label(difference.pair)?).filter(|(_, is_success)| *is_success)?;
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("after the command `{command}` in `{before}` a client can now see `{now}`");
    let effect = walk.names.command_id(command).zip(walk.names.shown(label));
    let is_everywhere = effect.is_none_or(|effect| !walk.old_everywhere(difference.pair).effects.contains(&effect));
    Some(Claim { subject: format!("{command} in {before} -> {now}"), message, is_everywhere })
}
