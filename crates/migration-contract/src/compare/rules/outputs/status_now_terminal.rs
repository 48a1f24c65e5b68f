//! `status-now-terminal`: an attempt can now be over where it always went on.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-now-terminal",
    title: "an attempt can now be over where it always went on",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the new machine can rest with its attempt over \
        where the old one always showed something more.",
    why: "a client that waits for the status that always followed waits for ever",
    keep_compatible: "publish the status that followed, at last when the attempt is over",
    accept: "when clients take the status for an end already",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    if difference.kind != Kind::Rest {
        return None;
    }
    let end = walk.resting(difference.pair).into_iter().find(|state| walk.new.automaton.states[*state].ends)?;
    let status = walk.status_of(end);
    let before = walk.shown_before(difference.pair);
    let after = if before == status { String::new() } else { format!(" `{before}`") };
    let message = if walk.asks_anew(difference.pair) {
        format!(
            "a client that asks can now be shown nothing that it knows, where an attempt is over at `{status}`; before, it was shown something"
        )
    } else {
        format!("an attempt can now end at `{status}`; before, another status always followed{after}")
    };
    let is_everywhere = !walk.old_everywhere(difference.pair).rests;
    Some(Claim { subject: status, message, is_everywhere })
}
