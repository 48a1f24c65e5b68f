//! The steps of a machine as they are logged, traced and told to clients, and why a post-copy was paused.

use std::sync::{Arc, Mutex, PoisonError};

use migration_runtime::cause::Cause;
use migration_runtime::machine::{Machine, Raised, Step};
use migration_runtime::states::{Kind, Reason, Role, Status};

use super::command::Commands;
use super::endings;
use crate::announce::Stage;
use crate::trace::Trace;

/// Why the post-copy of one side was paused last. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Pause(Arc<Mutex<Option<String>>>);

impl Pause {
    /// Returns why it was paused last; `None` before the first time.
    pub(super) fn why(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes why it is paused, for clients and in the log.
    pub(super) fn note<R: Role>(&self, why: &str) {
        tracing::warn!(machine = R::NAME, why, "the post-copy is paused");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
    }
}

/// A transition that has fired.
pub(super) struct Fired<'a, R: Role> {
    pub(super) from: R::State,
    pub(super) to: R::State,
    /// The status that clients are shown from now on, and why the attempt ends if that is known.
    pub(super) publishes: Option<(Status, Option<Reason>)>,
    /// What decided: the words of the work, or the command of the user.
    pub(super) why: &'a str,
}

/// Calls `fired` for every transition of `machine`, and has every step of it written.
pub(super) fn watch<R: Commands<Status = Status, Reason = Reason>>(
    machine: &Machine<R>,
    trace: Option<&Arc<Trace>>,
    mut fired: impl FnMut(&Fired<'_, R>) + Send + 'static,
) {
    let trace = trace.map(Arc::clone);
    let mut why = String::new();
    machine.subscribe(move |step| {
        if let Some(trace) = &trace {
            trace.write(step);
        }
        match step {
            Step::Fired { from, transition, publishes, reason, .. } => {
                tracing::info!(machine = R::NAME, %from, to = %transition.to, "transition");
                let publishes = publishes.map(|status| (status, *reason));
                fired(&Fired { from: *from, to: transition.to, publishes, why: &why });
            }
            Step::Reported { event, cause, stale, .. } => {
                if !stale {
                    why = cause.map_or_else(|| format!("`{event}`"), |cause: &Cause| endings::explained(cause));
                }
                let cause = cause.map(tracing::field::display);
                tracing::debug!(machine = R::NAME, %event, cause, stale, "evidence");
            }
            Step::Raised { trigger, raised, .. } => {
                if matches!(raised, Raised::Accepted(_)) {
                    why = format!("a user asked for it ({})", R::command(*trigger));
                }
                tracing::debug!(machine = R::NAME, %trigger, ?raised, "trigger");
            }
            Step::Unsent { message, cause } => {
                tracing::warn!(machine = R::NAME, %message, %cause, "message not sent");
            }
        }
    });
}

/// Returns whether the attempt goes on in `state`, which shows `status`.
pub(super) fn stage<R: Role>(state: R::State, status: Status) -> Stage {
    match (R::kind(state), status) {
        (Kind::Work | Kind::Wait | Kind::Cleanup, _) => Stage::InProgress,
        (Kind::Idle, Status::Completed) => Stage::Completed,
        (Kind::Idle, _) => Stage::Ended,
    }
}
