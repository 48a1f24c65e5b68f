//! `reason-changed`: a status comes for another reason.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};

pub(in crate::compare) const RULE: Rule = Rule {
    id: "reason-changed",
    title: "a status comes for another reason",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, a status that comes on both sides can come with a reason that the old side knows and did not give there, and the old side gave another one.",
    why: "a client that acts on the reason does the wrong thing",
    keep_compatible: "give the reason that was given until now; if both are true, the old one is the one that clients were promised",
    accept: "when the reason that was given was wrong, and clients were told so",
    run: Run::Reasons,
};
