//! `event-lost-successor`: a status can no longer follow where it could.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, NO_APPROVAL, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "event-lost-successor",
    title: "a status can no longer follow where it could",
    levels: Levels { strict_poll: None, poll: None, ..Levels::all(Level::Note) },
    definition: "After some sequence that both sides know, the old machine could show a status that the new one \
        cannot show there.",
    why: "nothing that a client sees is new to it; only one that waits for this status, and for no other, \
        waits longer",
    keep_compatible: "nothing needs to be done, unless a client waits for the status",
    accept: NO_APPROVAL,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Lost(label) = difference.kind else { return None };
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("after `{before}` a client can no longer see `{now}`");
    let is_everywhere =
        !walk.names.shown(label).is_some_and(|it| walk.new_everywhere(difference.pair).next.contains(&it));
    Some(Claim { subject: format!("{before} -> {now}"), message, is_everywhere })
}
