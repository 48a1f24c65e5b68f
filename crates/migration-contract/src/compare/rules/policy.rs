//! Settings, and what is promised.

mod configuration_added;
mod configuration_changed;
mod configuration_removed;
mod deprecation_added;
mod deprecation_missing;
mod deprecation_shortened;
mod deprecation_too_early;
mod guarantee_removed;
mod guarantee_weakened;
mod observer_removed;
mod reserved_reused;
mod tombstone_missing;

use super::definition::Rule;

/// All rules of this part.
pub(super) const ALL: &[Rule] = &[
    configuration_removed::RULE,
    configuration_added::RULE,
    configuration_changed::RULE,
    guarantee_removed::RULE,
    guarantee_weakened::RULE,
    observer_removed::RULE,
    deprecation_missing::RULE,
    deprecation_too_early::RULE,
    deprecation_shortened::RULE,
    deprecation_added::RULE,
    tombstone_missing::RULE,
    reserved_reused::RULE,
];
