//! What a client can observe of a table: the side that is frozen.
//!
//! A [`Public`] is the table with everything internal contracted. It is computed from a table, written down as a lock
//! file, and read back from one; the comparison sees nothing else, so what is not in here may change freely.
//!
//! A machine behaves as an automaton over what a client sees: the events that it publishes and the replies to
//! commands, one automaton for each setting of the public capabilities. The automata are deterministic and minimal,
//! and their states are numbered in the order of a search in breadth from the initial one, so two machines that no
//! client can tell apart have equal automata.
//!
//! How observations are ordered: a command is answered while the machine rests, its reply comes first and what it
//! publishes follows. A machine that is about to publish takes no command before it has.

mod automaton;
pub(crate) mod changes;
pub mod lock;
mod model;
mod once;
mod project;
pub mod promise;
mod reasons;
pub(crate) mod settings;
mod smallest;

pub use automaton::{Automaton, AutomatonState, Edge, Label, Query, Reply, Shown};
pub use changes::Changes;
pub use model::{
    AT_ANY_TIME, Behaviour, FOR_AN_ATTEMPT, Handled, Public, PublicGuarantee, PublicMachine, PublicName,
    PublicObserver, Term,
};
pub use once::completed;
pub(crate) use once::{answered, by_defaults, given, shown, shown_by, with_said, without_queries};
pub use project::{
    CASES_MAX, CONFIGURATIONS_MAX, EDGES_MAX, HIDDEN_MAX, MEMBERS_MAX, SETS_MAX, STEPS_MAX, Taken, TooLarge, command,
    project, project_machine, setting, taken,
};
pub(crate) use reasons::without_reasons;
pub use settings::{AFTER_A_CHANGE, ALWAYS, SettingCube, SettingId, SettingSet, Settings};
