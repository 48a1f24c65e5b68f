//! `command-may-be-rejected`: a command that always succeeded can be refused.

use super::super::{Claim, Levels, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Kind, Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-may-be-rejected",
    title: "a command that always succeeded can be refused",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the old machine always answered a command with \
        success and the new one may refuse it.",
    why: "the client has no path for a refusal there",
    keep_compatible: "accept the command and do nothing where it comes too late",
    accept: "when the refusal was always possible in practice, and clients were told",
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    let Kind::MayBeRejected(command) = &sight.kind else { return None };
    let status = walk.shown_before(sight.pair);
    let message = format!("in `{status}` the command `{command}` always succeeded and may now be refused");
    Some(Claim { subject: format!("{command} in {status}"), message })
}
