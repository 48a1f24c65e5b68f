//! `reason-lost`: a status no longer comes for a reason.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, Rule, Run};

pub(in crate::compare) const RULE: Rule = Rule {
    id: "reason-lost",
    title: "a status no longer comes for a reason",
    levels: Levels { strict_poll: None, poll: None, ..Levels::all(Level::Note) },
    definition: "After some sequence that both sides know, a status that comes on both sides came for a reason on the old side and does not come for it on the new one.",
    why: "a client sees nothing new; one that waits for this reason may wait longer",
    keep_compatible: "nothing needs to be done, unless a client waits for the reason",
    accept: NO_APPROVAL,
    run: Run::Reasons,
};
