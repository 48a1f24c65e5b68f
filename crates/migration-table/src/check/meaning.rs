//! `T04xx`: the meaning of a machine. Races, triggers that get lost, answers, resources, what clients are shown, and
//! what the two sides say to each other.

mod abort_skips_cleanup;
mod ambiguous_transitions;
mod cleanup_forgets;
mod cleanup_undecided;
mod collisions;
mod dead_answer;
mod dropped_trigger;
mod drops_nothing;
mod event_in_idle;
mod event_never_decides;
mod idle_entered_holding;
mod idle_holds;
mod idle_left_unasked;
mod idle_trigger_waits;
mod marker_never_set;
mod message_never_awaited;
mod message_never_sent;
mod never_released;
mod nothing_reported;
mod promise_about_nothing;
mod public_flag;
mod race;
mod ranking;
mod reason_at_start;
mod reason_too_early;
mod reason_too_late;
mod refused_without_reason;
mod resource_lost;
mod row_decides_nothing;
mod row_twice;
mod sent_into_idle;
mod shown_before_cleanup;
mod timeout_elsewhere;
mod timeout_not_handled;
mod two_answers;
mod unanswered_trigger;
mod unfixed_capability;
mod unsent_not_handled;
mod wait_without_timeout;

use crate::check::definition::Check;
use crate::finding::Code;

/// The rule that a message which is sent is awaited.
pub(crate) const NEVER_AWAITED: Code = message_never_awaited::CHECK.code;
/// What says that nothing bounds a visit of a state.
pub(crate) const NO_TIMEOUT: Code = wait_without_timeout::CHECK.code;
pub(super) const TIMEOUT_ELSEWHERE: Code = timeout_elsewhere::CHECK.code;

/// All rules of this part, in the order of their codes.
pub(super) const ALL: &[Check] = &[
    ambiguous_transitions::CHECK,
    dropped_trigger::CHECK,
    drops_nothing::CHECK,
    unanswered_trigger::CHECK,
    dead_answer::CHECK,
    two_answers::CHECK,
    idle_holds::CHECK,
    idle_entered_holding::CHECK,
    public_flag::CHECK,
    shown_before_cleanup::CHECK,
    message_never_awaited::CHECK,
    message_never_sent::CHECK,
    unsent_not_handled::CHECK,
    sent_into_idle::CHECK,
    event_in_idle::CHECK,
    idle_left_unasked::CHECK,
    idle_trigger_waits::CHECK,
    timeout_not_handled::CHECK,
    wait_without_timeout::CHECK,
    cleanup_undecided::CHECK,
    unfixed_capability::CHECK,
    race::CHECK,
    event_never_decides::CHECK,
    timeout_elsewhere::CHECK,
    cleanup_forgets::CHECK,
    abort_skips_cleanup::CHECK,
    never_released::CHECK,
    refused_without_reason::CHECK,
    promise_about_nothing::CHECK,
    row_twice::CHECK,
    row_decides_nothing::CHECK,
    resource_lost::CHECK,
    marker_never_set::CHECK,
    nothing_reported::CHECK,
    reason_too_late::CHECK,
    reason_at_start::CHECK,
    reason_too_early::CHECK,
];
