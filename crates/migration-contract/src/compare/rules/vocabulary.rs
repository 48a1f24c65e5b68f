//! The names that clients know: statuses, commands, machines, and how they are told.

mod command_added;
mod command_removed;
mod machine_added;
mod machine_removed;
mod status_added;
mod status_added_optin;
mod status_removed;
mod status_renamed;
mod status_unreachable;
mod wire_name_changed;

use super::definition::Rule;

/// All rules of this part.
pub(super) const ALL: &[Rule] = &[
    status_removed::RULE,
    status_unreachable::RULE,
    status_renamed::RULE,
    status_added::RULE,
    status_added_optin::RULE,
    command_removed::RULE,
    command_added::RULE,
    wire_name_changed::RULE,
    machine_removed::RULE,
    machine_added::RULE,
];
