//! `command-newly-idempotent`: a command that was refused now succeeds and does nothing.

use super::super::{Claim, Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Kind, Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-newly-idempotent",
    title: "a command that was refused now succeeds and does nothing",
    levels: Levels::all(Level::Note),
    definition: "After some sequence that an old client can drive, the old machine always refused a command; the \
        new one can answer it with success, and what can be seen next is the same as before.",
    why: "no client relies on a refusal",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    let Kind::Accepted(command) = &sight.kind else { return None };
    let status = walk.shown_before(sight.pair);
    let message = format!("in `{status}` the command `{command}` was refused; it now succeeds and does nothing");
    walk.does_nothing(sight.pair, command).then(|| Claim { subject: format!("{command} in {status}"), message })
}
