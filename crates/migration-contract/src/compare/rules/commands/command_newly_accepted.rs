//! `command-newly-accepted`: a command that was always refused can succeed.

use super::super::{Claim, Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Kind, Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-newly-accepted",
    title: "a command that was always refused can succeed",
    levels: Levels::all(Level::Note),
    definition: "After some sequence that an old client can drive, the old machine always refused a command and \
        the new one can answer it with success. What follows is not compared: no client relies on a \
        refusal.",
    why: "no client relies on a refusal",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    let Kind::Accepted(command) = &sight.kind else { return None };
    let status = walk.shown_before(sight.pair);
    let message = format!("in `{status}` the command `{command}` was always refused and can now succeed");
    Some(Claim { subject: format!("{command} in {status}"), message })
}
