//! A configuration of one machine.

use migration_table::model::{FactSet, StateId};

/// A configuration of one machine between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Local {
    pub(crate) state: StateId,
    /// Pending triggers, events of the visit and fixed guards of the attempt, as far as they still decide anything.
    pub(crate) facts: FactSet,
    /// The markers that are set, as a bit set.
    pub(crate) markers: u8,
    /// Whether the host is dead. A dead host takes no step.
    pub(crate) is_down: bool,
}

/// The number of a configuration among those of its machine.
pub(crate) type LocalId = u16;
