//! Properties of a composition, and what was found out about them.

use serde::Serialize;

use crate::counterexample::Counterexample;
use crate::system::Order;

/// What must be true of a composition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub doc: String,
    /// What it says.
    pub claim: Claim,
}

/// What a property says. Formulas are over hosts (`source.completed and not destination.runs`), happenings are steps
/// of a host (`source accepts cancel`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The formula never holds.
    Never(String),
    /// Never do two hosts have this marker.
    AtMostOne(String),
    /// After one happening, and until another, a third never happens.
    After {
        /// The happening that begins the scope.
        when: String,
        /// What must not happen in it.
        never: String,
        /// The happening that ends the scope.
        until: Option<String>,
    },
    /// One happening does not come before another.
    Before {
        /// What must come first.
        first: String,
        /// What must come later.
        then: String,
    },
    /// After a happening a formula holds in the end, if all work goes on and broken connections are noticed.
    LeadsTo {
        /// The happening.
        whenever: String,
        /// The formula that must hold in the end.
        eventually: String,
        /// A formula: where it holds, the machines may wait for a user for ever.
        waiting: Option<String>,
    },
    /// After a happening, it stays possible that the formula will hold.
    Possible {
        /// The happening; the start of everything where there is none.
        from: Option<String>,
        /// The formula that must stay within reach.
        formula: String,
    },
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
