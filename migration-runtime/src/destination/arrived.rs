//! What an attempt to receive a guest came to, as a value.

use crate::cause::Cause;
use crate::machine::Outcome;
use crate::states::Reason;
use crate::states::destination::{Destination, State};

/// How an attempt to receive a guest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// The whole guest is here; it runs, or is paused if it was paused where it came from.
    Completed,
    /// No guest arrived, and nothing of one runs here.
    Nothing(Cause),
    /// A guest ran here, and its user gave up the rest of its memory: it is stopped, and can never go on.
    Lost,
}

impl Arrived {
    /// Returns what the attempt came to, from the outcome that [`drive`](crate::machine::drive) returned.
    #[must_use]
    pub fn of(outcome: &Outcome<Destination>) -> Self {
        match (outcome.state, outcome.reason) {
            (State::Completed, _) => Self::Completed,
            (_, Some(Reason::GivenUp)) => Self::Lost,
            (_, _) => {
                let decided = outcome.ending.as_ref().map_or("nothing", |ending| ending.decided_by);
                let unsaid = || Cause::new(format!("`{decided}` ended the attempt"));
                Self::Nothing(outcome.cause().cloned().unwrap_or_else(unsaid))
            }
        }
    }
}
