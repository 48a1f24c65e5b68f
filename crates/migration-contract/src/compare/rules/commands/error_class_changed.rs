//! `error-class-changed`: a refusal has another class.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "error-class-changed",
    title: "a refusal has another class",
    levels: Levels::all(Level::Warn),
    definition: "A command that both sides refuse after some sequence can be refused with a class of error that \
        the old side did not use there.",
    why: "a client may tell refusals apart by their class; the text is for people",
    keep_compatible: "keep the class of the error",
    accept: "when no client is known to look at the class",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::OtherError(command) = &difference.kind else { return None };
    let status = walk.shown_before(difference.pair);
    let sender = walk.sender(difference.pair, command);
    let classes = walk.new_classes(difference.pair, command).join(", ");
    let message = format!("{sender} can be refused with another class of error than before: {classes}");
    Some(Claim { subject: format!("{command} in {status}: {classes}"), message, is_everywhere: true })
}
