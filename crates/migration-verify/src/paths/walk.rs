//! What walks take, and what is done on them.

/// What walks must take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Every row, from each state that it leaves.
    Rows,
    /// Every two rows of which the second can fire next after the first, each from each state that it leaves.
    Pairs,
}

/// Something that is done to a machine, with the name of the fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// A guard holds from now on.
    Set(String),
    /// A guard holds no longer.
    Clear(String),
    /// A trigger is raised.
    Raise(String),
    /// An event is reported.
    Report(String),
}
