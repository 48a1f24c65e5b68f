//! Why attempts end: a reason that a client was told stays the one that it is told.

mod reason_added;
mod reason_changed;
mod reason_given;
mod reason_introduced;
mod reason_lost;
mod reason_missing;
mod reason_removed;

use super::definition::Rule;

pub(in crate::compare) use reason_changed::RULE as CHANGED;
pub(in crate::compare) use reason_given::RULE as GIVEN;
pub(in crate::compare) use reason_lost::RULE as LOST;
pub(in crate::compare) use reason_missing::RULE as MISSING;

/// All rules of this part.
pub(super) const ALL: &[Rule] = &[
    reason_removed::RULE,
    reason_added::RULE,
    reason_introduced::RULE,
    reason_changed::RULE,
    reason_missing::RULE,
    reason_given::RULE,
    reason_lost::RULE,
];
