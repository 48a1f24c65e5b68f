//! How commands are answered: they may be accepted more often, never less.
//!
//! The order is that of the claims: the rule that says most about a difference comes first.

mod command_effect_changed;
mod command_may_be_rejected;
mod command_newly_accepted;
mod command_newly_idempotent;
mod command_not_carried_out;
mod command_rejected;
mod error_class_changed;

use super::definition::Rule;

/// All rules of this part.
pub(super) const ALL: &[Rule] = &[
    command_effect_changed::RULE,
    command_rejected::RULE,
    command_may_be_rejected::RULE,
    command_newly_idempotent::RULE,
    command_newly_accepted::RULE,
    command_not_carried_out::RULE,
    error_class_changed::RULE,
];
