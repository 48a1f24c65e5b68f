//! What locks did not say once, and how the table of a release says it.
//!
//! Locks had no terms, only those statuses that some state shows, and nothing of what queries tell, and a parameter whose
//! value did not matter was written as a capability of its name. A release that was frozen then is judged by what its
//! table shows, as long as that is what its lock says, as far as it goes.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{Automaton, AutomatonState};
use super::model::{Public, PublicMachine};
use super::project::{of_settings, project, terms};
use super::settings::{ANY_VALUE, SettingCube, SettingId, SettingSet};
use super::smallest::smallest;
use migration_table::model::Table;
use migration_table::search::BreadthFirst;

/// Returns what a release has shown, by its lock and its table. If these do not say the same, the lock counts, and the
/// table adds the terms that the lock lacks.
#[must_use]
pub fn completed(lock: Public, table: &Table) -> Public {
    match project(table) {
        Ok(public) if least(&public).is_some_and(|one| Some(one) == least(&lock)) => public,
        Ok(_) | Err(_) if lock.terms.is_empty() => Public { terms: terms(table), ..lock },
        Ok(_) | Err(_) => lock,
    }
}

/// Returns a public side as the first locks had it; `None` if they could not say it.
fn least(public: &Public) -> Option<Public> {
    let machines = public.machines.iter().map(|it| machine(it, named)).collect::<Option<_>>()?;
    let settings: BTreeSet<String> = public.settings.iter().map(|name| named(name).to_owned()).collect();
    let least = Public { terms: BTreeMap::new(), machines, settings, ..public.clone() };
    let shown = shown(&least);
    let statuses = least.statuses.iter().filter(|(name, _)| shown.contains(name));
    let statuses = statuses.map(|(name, status)| (name.clone(), status.clone())).collect();
    Some(Public { statuses, ..least })
}

/// Returns a public side as locks had it before they kept what queries tell; `None` if they could not say it.
pub(crate) fn without_queries(public: &Public) -> Option<Public> {
    let machines = public.machines.iter().map(|it| machine(it, |setting| setting)).collect::<Option<_>>()?;
    Some(Public { machines, ..public.clone() })
}

/// Returns the statuses that some machine of a side can show.
pub(crate) fn shown(public: &Public) -> BTreeSet<&String> {
    let behaviours = public.machines.iter().flat_map(|machine| &machine.behaviours);
    let shows = behaviours.flat_map(|behaviour| &behaviour.automaton.states).flat_map(|state| &state.shows);
    shows.map(|shown| &shown.status).collect()
}

/// How a setting was written.
fn named(setting: &str) -> &str {
    setting.strip_suffix(ANY_VALUE).unwrap_or(setting)
}

/// Returns a machine as a client that never asks sees it, with these names of its settings.
fn machine(machine: &PublicMachine, named: impl Fn(&str) -> &str) -> Option<PublicMachine> {
    let names: BTreeSet<&str> = machine.settings.iter().map(|name| named(name)).collect();
    if names.len() < machine.settings.len() {
        return None;
    }
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let place = |setting: SettingId| {
        let at = names.iter().position(|name| name == named(&machine.settings[setting.index()]))?;
        u16::try_from(at).ok().map(SettingId)
    };
    let places = |settings: SettingSet| settings.iter().map(place).collect::<Option<SettingSet>>();
    let mut found: Vec<(Vec<SettingCube>, Automaton)> = Vec::new();
    for behaviour in &machine.behaviours {
        let cubes = behaviour.under.0.iter();
        let cubes = cubes.map(|cube| Some(SettingCube { set: places(cube.set)?, clear: places(cube.clear)? }));
        let cubes = cubes.collect::<Option<Vec<SettingCube>>>()?;
        let automaton = unasked(&behaviour.automaton);
        match found.iter_mut().find(|(_, known)| *known == automaton) {
            Some((known, _)) => known.extend(cubes),
            None => found.push((cubes, automaton)),
        }
    }
    of_settings(&machine.name, &names, found)
}

/// Returns the automaton of a client that never asks.
fn unasked(automaton: &Automaton) -> Automaton {
    let mut search = BreadthFirst::new([0]);
    let mut states: Vec<AutomatonState> = Vec::new();
    while let Some((number, at)) = search.next_node() {
        let mut state = AutomatonState { queries: BTreeMap::new(), ..automaton.states[at].clone() };
        state.edges.values_mut().for_each(|edge| edge.to = search.reach(number, (), edge.to));
        states.push(state);
    }
    smallest(states)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::public::lock;
    use crate::testing::random;
    use migration_table::model::FactKind;

    /// A random table, in which the value of no parameter matters.
    fn table(seed: u64) -> Table {
        let mut table = random(seed);
        for fact in table.machines.iter_mut().flat_map(|machine| &mut machine.facts) {
            if let FactKind::Guard { parameter: Some(parameter), .. } = &mut fact.kind {
                parameter.is = None;
            }
        }
        table
    }

    #[test]
    fn what_a_lock_does_not_say_its_table_says() {
        let (mut asked, mut parameters) = (0, 0);
        for seed in 0..300 {
            let table = table(seed);
            let public = project(&table).unwrap();
            let Some(first) = least(&public) else { continue };
            let text = lock::write(&first);
            assert!(!text.contains("\nquery ") && !text.contains("\nterm ") && !text.contains("=*"), "{text}");
            assert_eq!(completed(lock::read(&text).unwrap(), &table), public, "{seed}");
            asked += usize::from(lock::write(&public).contains("\nquery "));
            parameters += usize::from(public.settings.contains("mode=*"));
            // A table that shows something else says nothing of the release, but for the words around it.
            let other = self::table(seed + 1);
            if least(&project(&other).unwrap()).as_ref() != Some(&first) {
                let found = completed(first.clone(), &other);
                assert_eq!(Public { terms: BTreeMap::new(), ..found }, first, "{seed}");
            }
        }
        assert!(asked > 20 && parameters > 20, "{asked} {parameters}");
    }
}
