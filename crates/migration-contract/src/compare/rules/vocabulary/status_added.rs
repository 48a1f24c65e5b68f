//! `status-added`: a status is new, and an old client can be shown it.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::shown;

pub(in super::super) const RULE: Rule = Rule {
    id: "status-added",
    title: "a status is new, and an old client can be shown it",
    levels: Levels { strict_events: Some(Level::Break), strict_poll: Some(Level::Break), ..Levels::all(Level::Note) },
    definition: "A status that the old side does not have can be shown after commands that an old client knows \
        and with the settings that it knows, or cannot be shown by any machine yet. The evidence is the \
        nearest way to it.",
    why: "a client that has a list of all statuses fails at one that is not in it, in a match without a \
        rest or in the call that asks",
    keep_compatible: "let the state show the status that was shown until now: a new state is no reason for a new \
        status; or let it be reached only with a new capability",
    accept: "when every client that is promised compatibility passes over what it does not know, or was asked",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let shown = shown(sides.new);
    let added = sides.added().filter(|status| sides.arrivals.contains_key(*status) || !shown.contains(status));
    let message = |status: &String| {
        if shown.contains(status) {
            return format!("an old client can now be shown the new status `{status}`");
        }
        format!("the new status `{status}` is declared, and no machine shows it yet")
    };
    // Clients that are sent events do not see a status that is shown only where no event comes, as at the beginning.
    let is_asked = |status: &String| sides.arrivals.contains_key(status) && !sides.sent.contains(status);
    let to_asking = Levels { strict_events: Some(Level::Note), ..RULE.levels };
    let listed = |status: &String| {
        let levels = is_asked(status).then_some(to_asking);
        Listed { levels, ..sides.arrived(status, message(status)) }
    };
    added.map(listed).collect()
}
