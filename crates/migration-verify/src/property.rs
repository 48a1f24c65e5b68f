//! Properties of a composition, and what was found out about them.

use serde::Serialize;

use crate::counterexample::Counterexample;
use crate::system::Order;

/// A change of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mend {
    /// What is changed, as a condition: "`migrate` is refused in `failed` of source".
    pub what: String,
    /// The line of the rule.
    pub line: usize,
}

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
    /// Changes of one rule each of which makes it hold, of those that were tried.
    pub mends: Vec<Mend>,
    /// Names of the property that a machine of another release does not have.
    pub lacks: Vec<String>,
    /// The release that fails it with itself, so that a failure beside it is nothing new.
    pub fails_in: Option<String>,
}

impl Verdict {
    pub(crate) fn new(property: &str, doc: &str, result: Outcome) -> Verdict {
        let (property, doc) = (property.to_owned(), doc.to_owned());
        Verdict {
            property,
            doc,
            result,
            would_hold_if: Vec::new(),
            mends: Vec::new(),
            lacks: Vec::new(),
            fails_in: None,
        }
    }

    /// Whether the property fails, and not as it did in the other release.
    #[must_use]
    pub fn is_new_failure(&self) -> bool {
        matches!(self.result, Outcome::Fails(_)) && self.fails_in.is_none()
    }
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
