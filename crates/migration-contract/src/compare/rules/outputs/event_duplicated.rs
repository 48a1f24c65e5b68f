//! `event-duplicated`: a status can now come twice in a row.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "event-duplicated",
    title: "a status can now come twice in a row",
    levels: Levels { level_events: None, strict_poll: None, poll: None, ..Levels::all(Level::Break) },
    definition: "After some sequence that an old client can drive, the status that was seen last can come once \
        more and could not on the old side; a status between the two that the client does not know \
        counts for nothing.",
    why: "a client that acts on every event acts twice: it recovers, restarts or reports a second time",
    keep_compatible: "publish nothing while the shown status stays the same, or let what lies between the two show a \
        status that clients know",
    accept: "when every client takes a repeat for nothing",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Output(label) = difference.kind else { return None };
    let is_repeat =
        walk.last_seen(difference.pair).is_some() && walk.last_seen(difference.pair) == walk.names.shown(label);
    let status = walk.shown(label);
    let message = format!("`{status}` can now come twice in a row");
    let repeats =
        walk.names.shown(label).is_some_and(|status| walk.old_everywhere(difference.pair).next.contains(&status));
    is_repeat.then(|| Claim { subject: status.to_string(), message, is_everywhere: !repeats })
}
