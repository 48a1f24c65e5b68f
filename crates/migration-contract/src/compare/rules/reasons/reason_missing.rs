//! `reason-missing`: a status comes without a reason, and always had one.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};

pub(in crate::compare) const RULE: Rule = Rule {
    id: "reason-missing",
    title: "a status comes without a reason",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, a status that comes on both sides can come without a reason, and on the old side it always came with one.",
    why: "a client that acts on the reason is told none",
    keep_compatible: "give the reason that was given until now",
    accept: "when no client looks at the reason there",
    run: Run::Reasons,
};
