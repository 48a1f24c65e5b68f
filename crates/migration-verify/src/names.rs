//! Looking up what a description names in a table.

use std::ops::Range;

use migration_table::model::{Fact, FactId, FactKind, Kind, Machine, StateId, Table};

/// A name that a description or a formula uses and the table does not have, or something that cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The table has no such machine.
    #[error("the table has no machine `{0}`")]
    Machine(String),
    /// The machine has no such state, group, kind or marker.
    #[error("machine `{machine}` has no state, group, kind or marker `{name}`")]
    States {
        /// The machine.
        machine: String,
        /// The name.
        name: String,
    },
    /// No machine has such a marker.
    #[error("no machine has a marker `{0}`")]
    Marker(String),
    /// The machine has no such fact.
    #[error("machine `{machine}` has no trigger, event or message `{name}`")]
    Fact {
        /// The machine.
        machine: String,
        /// The name.
        name: String,
    },
    /// The fact is declared, but as something else than is needed.
    #[error("`{name}` is {is}, and {needed} is needed here")]
    Role {
        /// The name.
        name: String,
        /// What it is, with its article.
        is: String,
        /// What is needed, with its article.
        needed: String,
    },
    /// The table has no such status.
    #[error("the table has no status `{name}`")]
    Status {
        /// The machine that is said to show it.
        machine: String,
        /// The name.
        name: String,
    },
    /// A formula that cannot be read.
    #[error("the formula `{text}` cannot be read: {why}")]
    Formula {
        /// The formula.
        text: String,
        /// What is wrong with it.
        why: String,
        /// The part that is wrong, in bytes.
        at: Range<usize>,
        /// What to write instead, where the formula alone says so.
        help: Option<String>,
    },
    /// Two releases do not understand each other.
    #[error("{0}")]
    Releases(String),
    /// The system does not fit the search.
    #[error("{0}")]
    TooLarge(String),
}

/// Returns the states that a name stands for: one state, a group, or all states of a kind.
pub(crate) fn states(machine: &Machine, name: &str) -> Result<Vec<StateId>, Invalid> {
    if let Some(state) = machine.state_id(name) {
        return Ok(vec![state]);
    }
    if let Some(group) = machine.groups.iter().find(|group| group.name == name) {
        return Ok(group.states.clone());
    }
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == name) {
        return Ok(machine.state_ids().filter(|state| machine.state(*state).kind == kind).collect());
    }
    Err(Invalid::States { machine: machine.name.clone(), name: name.to_owned() })
}

/// Returns the states that any of these names stands for.
pub(crate) fn all_states(machine: &Machine, names: &[String]) -> Result<Vec<StateId>, Invalid> {
    let mut found = Vec::new();
    for name in names {
        found.extend(states(machine, name)?);
    }
    Ok(found)
}

/// Returns the trigger of that name.
pub(crate) fn trigger(machine: &Machine, name: &str) -> Result<FactId, Invalid> {
    in_role(machine, name, Fact::is_trigger, "a trigger")
}

/// Returns the event or message of that name.
pub(crate) fn event(machine: &Machine, name: &str) -> Result<FactId, Invalid> {
    in_role(machine, name, Fact::is_event, "an event or a message")
}

fn in_role(
    machine: &Machine,
    name: &str,
    is_needed: fn(&Fact) -> bool,
    needed: &'static str,
) -> Result<FactId, Invalid> {
    let id = fact(machine, name)?;
    let fact = machine.fact(id);
    if is_needed(fact) {
        return Ok(id);
    }
    Err(not_a(fact, name, needed))
}

/// Returns the fact of that name.
pub(crate) fn fact(machine: &Machine, name: &str) -> Result<FactId, Invalid> {
    machine.fact_id(name).ok_or_else(|| Invalid::Fact { machine: machine.name.clone(), name: name.to_owned() })
}

/// Checks that a machine sends a message of that name.
pub(crate) fn sent_by(table: &Table, machine: &Machine, name: &str) -> Result<(), Invalid> {
    let Some(message) = table.messages.iter().find(|message| message.name == name) else {
        // Whatever else is called so cannot be sent.
        return Err(match fact(machine, name) {
            Ok(id) => not_a(machine.fact(id), name, "a message"),
            Err(unknown) => unknown,
        });
    };
    if message.from == machine.name {
        return Ok(());
    }
    let (is, needed) = (format!("sent by `{}`", message.from), format!("a message that `{}` sends", machine.name));
    Err(Invalid::Role { name: name.to_owned(), is, needed })
}

/// The error that a fact is of another kind than is needed.
fn not_a(fact: &Fact, name: &str, needed: &str) -> Invalid {
    let is = match &fact.kind {
        FactKind::Trigger { .. } => "a trigger",
        FactKind::Event => "an event",
        FactKind::Message(_) => "a message",
        FactKind::Guard { .. } => "a guard",
    };
    Invalid::Role { name: name.to_owned(), is: is.to_owned(), needed: needed.to_owned() }
}
