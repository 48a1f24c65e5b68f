//! Everything about one name: a state, a trigger, an event, a guard, a status, a reason, a group, a message, a resource,
//! a promise to clients.
//!
//! One name may stand for several things, a state and a status for example, or a state of each machine; all of them
//! are described.

mod fact;
mod heading;
pub(super) mod promises;
mod rows;
mod state;
mod vocabulary;

use migration_table::bdd::TooLarge;
use migration_table::model::{Kind, Table};
use migration_table::nearest;

use super::machines::machines;
use super::page::Page;

/// Nothing in the table is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name that was asked for.
    pub name: String,
    /// The name that was perhaps meant.
    pub meant: Option<String>,
    /// All names by what they are, in the order of the table: "states of `source`", and the names.
    pub known: Vec<(String, Vec<String>)>,
}

/// Describes everything that is called `name`, or `MACHINE.NAME` for what belongs to one machine. `file` is the name by
/// which the reader knows the table.
///
/// # Errors
///
/// When a machine has too many cases.
pub fn describe(table: &Table, file: &str, name: &str) -> Result<Result<Page, Unknown>, TooLarge> {
    let (of_machine, plain) = match name.split_once('.') {
        Some((machine, rest)) if table.machine(machine).is_some() => (Some(machine), rest),
        Some(_) | None => (None, name),
    };
    let mut page = Page::default();
    if of_machine.is_none() {
        vocabulary::status(table, file, plain, &mut page);
        vocabulary::reason(table, file, plain, &mut page);
        vocabulary::resource(table, file, plain, &mut page);
        promises::describe(table, file, plain, &mut page);
    }
    for name in fact::names(table, plain) {
        fact::describe(table, file, (of_machine, name), &mut page)?;
    }
    for machine in machines(table, of_machine) {
        if let Some(state) = machine.state_id(plain) {
            state::describe(table, file, (machine, state), &mut page)?;
        }
        vocabulary::group(table, file, (machine, plain), &mut page);
    }
    Ok(if page.parts.is_empty() { Err(unknown(table, name)) } else { Ok(page) })
}

fn unknown(table: &Table, name: &str) -> Unknown {
    let mut known = Vec::new();
    let mut add = |what: String, names: Vec<String>| {
        if !names.is_empty() {
            known.push((what, names));
        }
    };
    for machine in &table.machines {
        let of = |what: &str| format!("{what} of `{}`", machine.name);
        add(of("states"), machine.states.iter().map(|state| state.name.clone()).collect());
        add(of("groups"), machine.groups.iter().map(|group| group.name.clone()).collect());
        let facts = |wanted: fn(&migration_table::model::Fact) -> bool| {
            machine.facts.iter().filter(|fact| wanted(fact)).map(|fact| fact.name.clone()).collect()
        };
        add(of("triggers"), facts(migration_table::model::Fact::is_trigger));
        add(of("events"), facts(migration_table::model::Fact::is_event));
        add(of("guards"), facts(migration_table::model::Fact::is_guard));
    }
    add("commands".to_owned(), fact::wire_names(table));
    add("kinds".to_owned(), Kind::ALL.map(|kind| kind.name().to_owned()).to_vec());
    add("statuses".to_owned(), table.statuses.iter().map(|status| status.name.clone()).collect());
    add("reasons".to_owned(), table.reasons.iter().map(|reason| reason.name.clone()).collect());
    add("resources".to_owned(), table.resources.iter().map(|resource| resource.name.clone()).collect());
    add("observers".to_owned(), table.observers.iter().map(|observer| observer.name.clone()).collect());
    add("guarantees".to_owned(), table.guarantees.iter().map(|guarantee| guarantee.name.clone()).collect());
    add("reserved names".to_owned(), table.reserved.iter().map(|reserved| reserved.name.clone()).collect());
    let words = known.iter().flat_map(|(_, names)| names.iter().map(String::as_str));
    let plain = name.split_once('.').map_or(name, |(_, plain)| plain);
    let meant = nearest(plain, words).map(str::to_owned);
    Unknown { name: name.to_owned(), meant, known }
}
