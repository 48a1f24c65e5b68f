//! `reason-introduced`: a status comes with a reason, and clients know none yet.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "reason-introduced",
    title: "the table gives reasons now",
    levels: Levels::all(Level::Note),
    definition: "The new side has a reason, and the old side has none at all.",
    why: "no client looks at a member of the event or of the reply that was never there",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let new = sides.given[0].iter().filter(|_| sides.old.reasons.is_empty());
    new.map(|reason| Listed::new(reason, format!("clients can now be told the reason `{reason}`"))).collect()
}
