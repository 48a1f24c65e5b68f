//! `event-timing`: what always came at once can now come later.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};
use migration_table::model::Channel;

pub(in super::super) const RULE: Rule = Rule {
    id: "event-timing",
    title: "what always came at once can now come later",
    levels: Levels::all(Level::Break),
    definition: "Right after a reply or an event the old machine always published a status before it answered anything, \
        and the new one can answer in between: a command that the old machine could answer with success only behind \
        the status now succeeds before it, or a client that asks is still shown the status from before.",
    why: "a client that gets a reply takes what the command does for done: it asks, or gives the next command, and finds \
        the machine where it was before",
    keep_compatible: "publish the status with the row that the command fires, and do the work in a state behind it",
    accept: "when no client asks, or gives another command, before it has seen the status",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let at = walk.right_after(difference.pair)?;
    match &difference.kind {
        Kind::Early(command) => {
            let first = walk.shown_first(difference.pair);
            let message = format!(
                "right after {at} a client that sends `{command}` can now be answered; before, {first} always came first"
            );
            let is_everywhere = !walk.was_answered_after(difference.pair, command, true);
            let subject = format!("{command} after {}", walk.named_after(difference.pair)?);
            Some(Claim { subject, message, is_everywhere })
        }
        Kind::Output(label) if walk.class.channel == Channel::Poll => {
            let (number, status) = (walk.names.shown(*label)?, walk.shown(*label));
            let message = format!("a client that asks right after {at} can still be shown `{status}`");
            let is_everywhere = !walk.was_asked_after(difference.pair, number);
            let subject = format!("{status} after {}", walk.named_after(difference.pair)?);
            walk.is_shown_before(difference.pair, number).then_some(Claim { subject, message, is_everywhere })
        }
        Kind::Output(_)
        | Kind::Rest
        | Kind::Trapped
        | Kind::Rejected(_)
        | Kind::MayBeRejected(_)
        | Kind::OtherError(_)
        | Kind::Accepted(_)
        | Kind::Lost(_)
        | Kind::OutcomeLost(_) => None,
    }
}
