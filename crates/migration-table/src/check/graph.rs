//! `T03xx`: the graph of a machine. Where it can go, where it must be able to go, and that it comes to rest.

mod endless_advance;
mod failure_not_handled;
mod formula_never_holds;
mod happy_path_fails;
mod happy_path_gap;
mod initial_not_idle;
mod never_rests;
mod no_way_forward;
mod no_way_to_idle;
mod transition_never_fires;
mod undecided;
mod unreachable_state;

use crate::check::definition::Check;
use crate::finding::Code;

/// The rule that every attempt can end.
pub(super) const NO_WAY_TO_IDLE: Code = no_way_to_idle::CHECK.code;
pub(super) const FAILURE_NOT_HANDLED: Code = failure_not_handled::CHECK.code;

/// The finding that the runner itself makes.
/// The code of the finding that a machine has too many cases to decide.
pub const UNDECIDED: Code = undecided::CHECK.code;

/// All rules of this part, in the order of their codes.
pub(super) const ALL: &[Check] = &[
    unreachable_state::CHECK,
    endless_advance::CHECK,
    formula_never_holds::CHECK,
    transition_never_fires::CHECK,
    no_way_to_idle::CHECK,
    initial_not_idle::CHECK,
    undecided::CHECK,
    failure_not_handled::CHECK,
    no_way_forward::CHECK,
    never_rests::CHECK,
    happy_path_gap::CHECK,
    happy_path_fails::CHECK,
];
