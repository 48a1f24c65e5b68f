//! `status-shows-changed`: a client that asks is shown another status.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};
use migration_table::model::Channel;

pub(in super::super) const RULE: Rule = Rule {
    id: "status-shows-changed",
    title: "a client that asks is shown another status",
    levels: Levels { strict_events: None, events: None, level_events: None, ..Levels::all(Level::Break) },
    definition: "A client that asks can see a status that it could not see there on the old side, and no client \
        that is sent events sees a difference on the way: what differs is what a state shows, not what \
        is published.",
    why: "a client that asks decides by the answer alone",
    keep_compatible: "let the state show what it showed",
    accept: "when clients are sent events and never ask",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Output(label) = difference.kind else { return None };
    let is_asked = walk.class.channel == Channel::Poll;
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("a client that asks after `{before}` can now be shown `{now}`");
    let is_everywhere =
        !walk.names.shown(label).is_some_and(|it| walk.old_everywhere(difference.pair).later.contains(&it));
    is_asked.then(|| Claim { subject: format!("{before} -> {now}"), message, is_everywhere })
}
