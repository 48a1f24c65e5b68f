//! How views name things: conditions as their cases, lists of names, places.

use std::collections::BTreeSet;

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::cases::between;
use migration_table::explore::Space;
use migration_table::model::{Admission, Cube, Fact, FactKind, FactSet, Machine, StateId};

/// The condition under which something in `lower` happens, where nobody cares what is outside `care`; empty where it
/// always does.
pub(super) fn condition(space: &mut Space<'_>, lower: Bdd, care: Bdd) -> Result<String, TooLarge> {
    let outside = space.diagrams.not(care)?;
    let upper = space.diagrams.or(lower, outside)?;
    let cubes = between(&mut space.diagrams, lower, upper)?;
    Ok(cases(space.machine, &cubes))
}

/// Cases as a formula; empty for the case in which nothing matters.
pub(super) fn cases(machine: &Machine, cubes: &[Cube]) -> String {
    let cubes: Vec<String> = cubes.iter().map(|cube| case(machine, *cube)).collect();
    cubes.join(" or ")
}

fn case(machine: &Machine, cube: Cube) -> String {
    let set = names_of(machine, cube.set).map(str::to_owned);
    let clear = names_of(machine, cube.clear).map(|name| format!("not {name}"));
    let parts: Vec<String> = set.chain(clear).collect();
    parts.join(" and ")
}

/// The names of some facts, in the order of the table.
pub(super) fn facts(machine: &Machine, facts: FactSet) -> String {
    let names: Vec<&str> = names_of(machine, facts).collect();
    names.join(", ")
}

fn names_of(machine: &Machine, facts: FactSet) -> impl Iterator<Item = &str> {
    facts.iter().map(|id| machine.fact(id).name.as_str())
}

/// The names of some states, in the order of the table.
pub(super) fn states(machine: &Machine, states: impl IntoIterator<Item = StateId>) -> String {
    let states: BTreeSet<StateId> = states.into_iter().collect();
    let names: Vec<&str> = states.iter().map(|id| state(machine, *id)).collect();
    names.join(", ")
}

/// The name of a state.
pub(super) fn state(machine: &Machine, id: StateId) -> &str {
    &machine.state(id).name
}

/// What a fact is, in a word.
pub(super) fn kind(fact: &Fact) -> &'static str {
    use migration_table::model::FactKind;
    match fact.kind {
        FactKind::Trigger { .. } => "trigger",
        FactKind::Event => "event",
        FactKind::Message(_) => "message",
        FactKind::Guard { .. } => "guard",
    }
}

/// The guards one of which a command needs, each with what is behind it: `fast (capability quick-backup) or idle`. `None`
/// where it needs none.
pub(super) fn needs(machine: &Machine, admission: &Admission) -> Option<String> {
    let guard = |name: &String| {
        let fact = machine.fact_id(name).map(|id| machine.fact(id));
        match fact.and_then(behind) {
            Some(behind) => format!("{name} ({behind})"),
            None => name.clone(),
        }
    };
    let guards: Vec<String> = admission.needs.iter().map(guard).collect();
    (!guards.is_empty()).then(|| guards.join(" or "))
}

/// The capability or the parameter behind a guard.
fn behind(guard: &Fact) -> Option<String> {
    let FactKind::Guard { capability, parameter, .. } = &guard.kind else { return None };
    let capability = capability.as_ref().map(|name| format!("capability {name}"));
    capability.or_else(|| {
        let parameter = parameter.as_ref()?;
        let is = parameter.is.as_ref().map_or_else(String::new, |is| format!(" is {is}"));
        Some(format!("parameter {}{is}", parameter.name))
    })
}
