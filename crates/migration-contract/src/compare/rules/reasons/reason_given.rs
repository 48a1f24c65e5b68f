//! `reason-given`: a status comes with a reason, and had none.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};

pub(in crate::compare) const RULE: Rule = Rule {
    id: "reason-given",
    title: "a status comes with a reason where it had none",
    levels: Levels::all(Level::Note),
    definition: "After some sequence that an old client can drive, a status that comes on both sides can come with a reason that the old side knows, and on the old side it came without one.",
    why: "a client that was told nothing there is told more; what it does without a reason it need not do any more",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Reasons,
};
