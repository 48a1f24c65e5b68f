//! What the machine shows: outputs may become fewer, ends may not be added, and what was inevitable stays so.
//!
//! The order is that of the claims: the rule that says most about a difference comes first.

mod event_duplicated;
mod event_lost_successor;
mod event_new_successor;
mod event_order_swapped;
mod event_timing;
mod outcome_added;
mod outcome_lost;
mod progress_lost;
mod quiescence_added;
mod status_newly_skippable;
mod status_now_terminal;
mod status_shows_changed;
mod status_terminal_reopened;

use super::definition::Rule;

/// All rules of this part.
pub(super) const ALL: &[Rule] = &[
    event_timing::RULE,
    status_shows_changed::RULE,
    status_terminal_reopened::RULE,
    event_duplicated::RULE,
    event_order_swapped::RULE,
    outcome_added::RULE,
    status_newly_skippable::RULE,
    event_new_successor::RULE,
    status_now_terminal::RULE,
    quiescence_added::RULE,
    progress_lost::RULE,
    event_lost_successor::RULE,
    outcome_lost::RULE,
];
