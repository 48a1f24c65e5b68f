//! `error-class-changed`: a refusal has another class.

use super::super::{Claim, Levels, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Kind, Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "error-class-changed",
    title: "a refusal has another class",
    levels: Levels::all(Level::Warn),
    definition: "A command that both sides refuse after some sequence can be refused with a class of error that \
        the old side did not use there.",
    why: "a client may tell refusals apart by their class; the text is for people",
    keep_compatible: "keep the class of the error",
    accept: "when no client is known to look at the class",
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    let Kind::OtherError(command) = &sight.kind else { return None };
    let status = walk.shown_before(sight.pair);
    let message = format!("in `{status}` the command `{command}` is now refused with another class of error");
    Some(Claim { subject: format!("{command} in {status}"), message })
}
