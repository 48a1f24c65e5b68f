//! What the machines of a table keep together, and what their hosts remember. Formulas and happenings are texts here:
//! they are read where they are decided.

use crate::span::Span;

/// A bit that a host remembers beyond its state, for example whether the guest runs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Its name in formulas.
    pub name: String,
    /// The machine that has it.
    pub machine: String,
    /// Its value before the first attempt.
    pub initially: bool,
    /// States, groups and kinds that set it when they are entered.
    pub set_in: Vec<String>,
    /// States, groups and kinds that clear it when they are entered.
    pub cleared_in: Vec<String>,
    /// The guard of the machine that holds exactly while it is set.
    pub guard: Option<String>,
    /// Where its name stands.
    pub span: Span,
}

/// What an operator may do to a host without a command, for example start the guest by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What the operator does, as a counterexample tells it.
    pub name: String,
    /// The machine whose host is acted on.
    pub machine: String,
    /// When the operator does it: a formula over all hosts.
    pub when: String,
    /// The marker of the machine that it sets.
    pub sets: String,
    /// Where the formula stands.
    pub span: Span,
}

/// What must be true of all machines together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// One line for people.
    pub doc: String,
    /// What it says.
    pub claim: Claim,
    /// Where the texts of the claim stand, in the order of its fields.
    pub spans: Vec<Span>,
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
    /// After a happening a formula holds in the end, if all work goes on and all limits of time run out.
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
