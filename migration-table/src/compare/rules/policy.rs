//! Settings, and what is promised.

mod configuration_added;
mod configuration_removed;

use super::Rule;

/// All rules of this part.
pub(super) const ALL: &[Rule] = &[configuration_removed::RULE, configuration_added::RULE];
