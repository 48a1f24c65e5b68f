//! Two releases together: one machine of one table and the others of another.
//!
//! Statuses, messages and resources are matched by name; what only the other table has is added. A message that both
//! have must have the same number on the wire, since otherwise the two would not understand each other.

use migration_table::model::{
    FactKind, Machine, Marker, Message, MessageId, Resource, ResourceId, Status, StatusId, Table,
};

use crate::names::{Invalid, states};

/// A table with machines of another release.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The table.
    pub table: Table,
    /// Its machines that are those of the other release.
    pub foreign: Vec<String>,
    /// What the other release does not say and is taken from this table, a sentence each.
    pub taken: Vec<String>,
}

/// Returns a table with all machines of another release, and the properties and the operator of this table.
///
/// # Errors
///
/// When one of the tables does not have a machine of the other, or a message has different numbers in the two.
pub fn as_release(table: &Table, of: &Table) -> Result<Joined, Invalid> {
    let mut joined = Joined { table: table.clone(), foreign: Vec::new(), taken: Vec::new() };
    for machine in &table.machines {
        let next = with_machine_of(&joined.table, &machine.name, of)?;
        joined.table = next.table;
        joined.foreign.extend(next.foreign);
        joined.taken.extend(next.taken);
    }
    Ok(joined)
}

/// Returns a table with one machine of `of`, and everything else of `table`.
///
/// # Errors
///
/// When a table does not have the machine, or a message has different numbers in the two.
pub fn with_machine_of(table: &Table, machine: &str, of: &Table) -> Result<Joined, Invalid> {
    let unknown = || Invalid::Machine(machine.to_owned());
    let mut joined = table.clone();
    let place = joined.machines.iter().position(|own| own.name == machine).ok_or_else(unknown)?;
    let mut other = of.machine(machine).ok_or_else(unknown)?.clone();
    let statuses = joined_ids(&mut joined.statuses, &of.statuses, |status: &Status| &status.name);
    let messages = joined_ids(&mut joined.messages, &of.messages, |message: &Message| &message.name);
    let resources = joined_ids(&mut joined.resources, &of.resources, |resource: &Resource| &resource.name);
    for (message, number) in of.messages.iter().zip(&messages) {
        let own = &joined.messages[usize::from(*number)];
        if own.number != message.number {
            let (name, own, other) = (&own.name, own.number, message.number);
            return Err(Invalid::Releases(format!(
                "message `{name}` has the number {own} in one table and {other} in the other"
            )));
        }
    }
    let (status, message, resource) = (
        |id: StatusId| StatusId(statuses[id.index()]),
        |id: MessageId| MessageId(messages[id.index()]),
        |id: ResourceId| ResourceId(resources[id.index()]),
    );
    for state in &mut other.states {
        state.shows = status(state.shows);
        state.holds.iter_mut().for_each(|held| *held = resource(*held));
    }
    for row in &mut other.rows {
        row.sends.iter_mut().for_each(|sent| *sent = message(*sent));
        // What clients are told of the end means nothing to the machines together.
        row.reason = None;
    }
    for fact in &mut other.facts {
        if let FactKind::Message(id) = &mut fact.kind {
            *id = message(*id);
        }
    }
    let taken = join_markers(&mut joined, &other, of);
    joined.machines[place] = other;
    // Places of the other text mean nothing in this one.
    joined.allowances.clear();
    Ok(Joined { table: joined, foreign: vec![machine.to_owned()], taken })
}

/// Gives the machine of the other release its markers. A marker that the release does not declare is the one of this
/// table, as far as the machine has its states. Returns what is taken so.
fn join_markers(joined: &mut Table, machine: &Machine, of: &Table) -> Vec<String> {
    let is_of = |marker: &&Marker| marker.machine == machine.name;
    let mut markers: Vec<Marker> = of.markers.iter().filter(is_of).cloned().collect();
    let mut taken = Vec::new();
    for own in joined.markers.iter().filter(is_of) {
        if markers.iter().any(|marker| marker.name == own.name) {
            continue;
        }
        let known = |names: &[String]| names.iter().filter(|name| states(machine, name).is_ok()).cloned().collect();
        let guard = own.guard.clone().filter(|guard| machine.fact_id(guard).is_some());
        markers.push(Marker { set_in: known(&own.set_in), cleared_in: known(&own.cleared_in), guard, ..own.clone() });
        taken.push(format!("machine `{}` declares no marker `{}`", machine.name, own.name));
    }
    joined.markers.retain(|marker| marker.machine != machine.name);
    joined.markers.extend(markers);
    taken
}

/// Adds what only `other` has, and returns the place of each of its entries in the joined list.
fn joined_ids<T: Clone>(own: &mut Vec<T>, other: &[T], name: impl Fn(&T) -> &String) -> Vec<u16> {
    let place = |entry: &T| {
        let known = own.iter().position(|known| name(known) == name(entry));
        let place = known.unwrap_or_else(|| {
            own.push(entry.clone());
            own.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    };
    other.iter().map(place).collect()
}
