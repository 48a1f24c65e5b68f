//! `progress-lost`: an attempt that always ended can now go on for ever.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};
use migration_table::model::Channel;

pub(in super::super) const RULE: Rule = Rule {
    id: "progress-lost",
    title: "an attempt that always ended can now go on for ever",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, and provided that what can happen again and \
        again does happen at last, every attempt of the old machine ended without a further command, and \
        none could wait there for ever; the new machine can be where no end can be reached any more.",
    why: "a client waits for an end that never comes, although it is shown that something happens",
    keep_compatible: "keep a row that leads out of every round to an end",
    accept: "when the attempt can be ended by a command that clients know they have to send",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    if difference.kind != Kind::Trapped {
        return None;
    }
    let reached = walk.status_of(walk.trapped(difference.pair).first().copied()?);
    // Where the old machine was trapped there as well, what differs to a client that asks is what it was last shown.
    let is_asked = walk.class.channel == Channel::Poll && walk.was_trapped_in(&reached);
    let status = if is_asked { walk.shown_before(difference.pair).to_owned() } else { reached };
    let before = if walk.old_outcomes(difference.pair).is_clear() { "" } else { "; before, every attempt did" };
    let which = if is_asked { "that was last shown as" } else { "that has reached" };
    let message = format!("an attempt {which} `{status}` may now never end{before}");
    let is_everywhere = !walk.old_everywhere(difference.pair).may_be_trapped && !walk.was_trapped_in(&status);
    Some(Claim { subject: status, message, is_everywhere })
}
