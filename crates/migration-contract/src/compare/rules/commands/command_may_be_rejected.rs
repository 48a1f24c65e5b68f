//! `command-may-be-rejected`: a command that always succeeded can be refused.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-may-be-rejected",
    title: "a command that always succeeded can be refused",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the old machine always answered a command with \
        success and the new one may refuse it.",
    why: "the client has no path for a refusal there",
    keep_compatible: "accept the command and do nothing where it comes too late",
    accept: "when the refusal was always possible in practice, and clients were told",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::MayBeRejected(command) = &difference.kind else { return None };
    let status = walk.shown_before(difference.pair);
    let message = format!("in `{status}` the command `{command}` always succeeded and may now be refused");
    Some(Claim { subject: format!("{command} in {status}"), message })
}
