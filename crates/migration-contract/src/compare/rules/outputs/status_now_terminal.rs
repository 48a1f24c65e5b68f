//! `status-now-terminal`: an attempt can now be over where it always went on.

use super::super::{Claim, Levels, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Kind, Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-now-terminal",
    title: "an attempt can now be over where it always went on",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the new machine can rest with its attempt over \
        where the old one always showed something more.",
    why: "a client that waits for the status that always followed waits for ever",
    keep_compatible: "publish the status that followed, at last when the attempt is over",
    accept: "when clients take the status for an end already",
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    if sight.kind != Kind::Rest {
        return None;
    }
    let end = walk.resting(sight.pair).into_iter().find(|spot| walk.new.side.spots[*spot].ends)?;
    let status = walk.status_of(end);
    let message = format!("an attempt can now be over at `{status}`, where it always went on");
    Some(Claim { subject: status, message })
}
