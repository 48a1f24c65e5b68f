//! What this program says of the end of an attempt.

use migration_runtime::cause::Cause;
use migration_runtime::destination::{Arrived, DestinationWork};
use migration_runtime::machine::Outcome;
use migration_runtime::source::{Departure, Here, SourceWork};
use migration_runtime::states::destination::Destination;
use migration_runtime::states::source::{Source, State};

/// Logs what an attempt to move the guest away came to.
pub(super) fn left(work: &SourceWork, outcome: &Outcome<Source>) {
    match work.departure(outcome) {
        Departure::Completed => tracing::info!("the guest has left"),
        Departure::Cancelled(Here::AsBefore) => tracing::info!("the migration was cancelled, and the guest stays"),
        Departure::Failed(Here::AsBefore, why) => tracing::warn!(%why, "the migration failed, and the guest stays"),
        Departure::Cancelled(Here::Stuck(why)) | Departure::Failed(Here::Stuck(why), _) => {
            tracing::error!(%why, "the guest stays, and cannot go on");
        }
        Departure::InDoubt(why) => tracing::error!(%why, "the guest was given up"),
    }
}

/// Logs what an attempt to receive a guest came to.
pub(super) fn arrived(_: &DestinationWork, outcome: &Outcome<Destination>) {
    match Arrived::of(outcome) {
        Arrived::Completed => tracing::info!("the guest has arrived"),
        Arrived::Nothing(why) => tracing::warn!(%why, "no guest has arrived"),
        Arrived::Lost => tracing::error!("the guest that ran here is lost"),
    }
}

/// Returns what the work said, with the option of this program that would have let it wait for longer.
pub(super) fn explained(cause: &Cause) -> String {
    match cause.timeout_of() {
        Some(state) => format!("{cause}; `--timeout {state}=MILLISECONDS` changes this bound"),
        None => cause.to_string(),
    }
}

/// Whether a post-copy stands still on the source until a user, or the other side, does something.
pub(super) fn is_halted(state: State) -> bool {
    matches!(state, State::PostcopyPaused | State::PostcopyRecoverSetup | State::PostcopyRecover)
}

/// Whether pages follow the guest to the destination.
pub(super) fn follows(state: State) -> bool {
    matches!(state, State::PostcopyActive | State::PostcopyCompleting)
}

/// Says what is lost if the process of a source ends in a state in which it works.
pub(super) fn lost(state: State) -> &'static str {
    if is_halted(state) || follows(state) {
        "the pages that have yet to follow the guest to the destination are lost; a guest that runs there can be given up \
         only (`migrate-give-up`)"
    } else {
        "the guest ends here; look at the destination whether it runs there"
    }
}
