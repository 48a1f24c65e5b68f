//! Properties of a composition, and what was found out about them.

use serde::Serialize;

use crate::counterexample::Counterexample;
use crate::system::Order;

/// What was found out about a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The name of the property.
    pub property: String,
    /// One line for people.
    pub doc: String,
    /// The result.
    pub result: Outcome,
    /// Orders of waits each of which would make it hold, where it fails and time can help.
    pub would_hold_if: Vec<Order>,
}

/// The result of a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is true of everything that can happen.
    Holds {
        /// Waits that must end in this order; where empty, it holds whatever the timeouts are.
        needs: Vec<Order>,
    },
    /// It is not.
    Fails(Box<Counterexample>),
    /// What it speaks of never happens.
    Vacuous {
        /// What never happens.
        because: String,
    },
    /// Nothing was found against it, but a bound of the search was hit.
    NotExhausted,
}

impl Outcome {
    /// The result where nothing was found against a property: it holds, if everything was explored.
    pub(crate) fn holds_as_far_as(is_exhausted: bool) -> Outcome {
        if is_exhausted { Outcome::Holds { needs: Vec::new() } } else { Outcome::NotExhausted }
    }
}
