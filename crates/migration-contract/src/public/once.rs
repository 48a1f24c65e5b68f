//! What locks did not say once, and how the table of a release says it.
//!
//! Locks had no terms, and then only those that the table gave; only those statuses that some state shows, and those reasons
//! that some row gives; nothing of what queries tell and of which commands the host carries out; fewer places where nothing
//! more may come, as what a peer or a person does was taken to happen; and a parameter whose value did not matter was written as a
//! capability of its name. A release that was frozen then is judged by what its
//! table shows, as long as that is what its lock says, as far as it goes.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{Automaton, AutomatonState, Label};
use super::model::{Public, PublicMachine, Term};
use super::project::{handled, of_settings, of_wire, project, terms};
use super::settings::{ANY_VALUE, SettingCube, SettingId, SettingSet};
use super::smallest::smallest;
use migration_table::model::{Qmp, Table, Wire};
use migration_table::search::BreadthFirst;

/// Returns what a release has shown, by its lock and its table. If these do not say the same, the lock counts, and the
/// table adds what the lock lacks of the words around it.
#[must_use]
pub fn completed(lock: Public, table: &Table) -> Public {
    match project(table) {
        Ok(public) if least(&public).is_some_and(|one| Some(one) == least(&lock)) => public,
        Ok(_) | Err(_) if lock.terms.contains_key(&Term::Event) => lock,
        Ok(_) | Err(_) => {
            let terms = terms(table).into_iter().chain(lock.terms).collect();
            Public { terms, handled: handled(table), ..lock }
        }
    }
}

/// Returns a public side as the first locks had it; `None` if they could not say it.
fn least(public: &Public) -> Option<Public> {
    let restless = |state: AutomatonState| AutomatonState { rests: false, ..state };
    let machines = public.machines.iter().map(|it| machine(it, named, restless)).collect::<Option<_>>()?;
    let settings: BTreeSet<String> = public.settings.iter().map(|name| named(name).to_owned()).collect();
    let (terms, handled) = (BTreeMap::new(), BTreeSet::new());
    let least = Public { terms, handled, machines, settings, ..public.clone() };
    let shown = shown(&least);
    let statuses = least.statuses.iter().filter(|(name, _)| shown.contains(name));
    let statuses = statuses.map(|(name, status)| (name.clone(), status.clone())).collect();
    let given = given(&least);
    let reasons = least.reasons.iter().filter(|(name, _)| given.contains(name));
    let reasons = reasons.map(|(name, reason)| (name.clone(), reason.clone())).collect();
    Some(Public { statuses, reasons, ..least })
}

/// Returns a public side as locks had it before they kept what queries tell; `None` if they could not say it.
pub(crate) fn without_queries(public: &Public) -> Option<Public> {
    let machines =
        public.machines.iter().map(|it| machine(it, |setting| setting, |state| state)).collect::<Option<_>>()?;
    Some(Public { machines, ..public.clone() })
}

/// Returns what the lock of a table says that left the names of the wire out, with what they meant then.
pub(crate) fn by_defaults(lock: &Public) -> Public {
    Public { terms: meant(&lock.terms, &lock.statuses.keys().cloned().collect()), ..lock.clone() }
}

/// Returns a public side as it was written when locks had only those names of the wire that the table gave, and nothing of
/// commands that the host carries out: with the names that this lock has, if what it leaves out means the same.
pub(crate) fn with_said(new: &Public, lock: &Public) -> Public {
    let is_subject = |term: &Term| matches!(term, Term::Subject(_));
    let has_subjects = lock.terms.keys().any(is_subject);
    let is_compared =
        |term: &Term| !matches!(term, Term::Argument(_) | Term::Setting(_)) && (has_subjects || !is_subject(term));
    let of_wire = |terms: &BTreeMap<Term, String>| -> BTreeMap<Term, String> {
        terms.clone().into_iter().filter(|(term, _)| is_compared(term)).collect()
    };
    let meant = meant(&lock.terms, &new.statuses.keys().cloned().collect());
    let terms = if of_wire(&meant) == of_wire(&new.terms) {
        let others = new.terms.clone().into_iter().filter(|(term, _)| !is_compared(term) && !is_subject(term));
        of_wire(&lock.terms).into_iter().chain(others).collect()
    } else {
        new.terms.clone()
    };
    let handled = if lock.handled.is_empty() { BTreeSet::new() } else { new.handled.clone() };
    Public { terms, handled, ..new.clone() }
}

/// Returns terms with those of the wire that they leave out.
fn meant(said: &BTreeMap<Term, String>, statuses: &BTreeSet<String>) -> BTreeMap<Term, String> {
    let name = |term: Term| said.get(&term).cloned();
    let subject = |term: &Term| if let Term::Subject(name) = term { Some(name.clone()) } else { None };
    let qmp = Qmp {
        event: name(Term::Event),
        member: name(Term::Member),
        reason: name(Term::Reason),
        query: name(Term::Query),
        capability: name(Term::Capability),
        subjects: said.keys().filter_map(subject).collect(),
    };
    said.clone().into_iter().chain(of_wire(Wire::of(&qmp, statuses))).collect()
}

/// Returns the statuses that some machine of a side can show, once settings have changed as well.
pub(crate) fn shown(public: &Public) -> BTreeSet<&String> {
    public.machines.iter().flat_map(shown_by).collect()
}

/// Returns the reasons that some machine of a side can give.
pub(crate) fn given(public: &Public) -> BTreeSet<&String> {
    let behaviours = public.machines.iter().flat_map(|machine| &machine.behaviours);
    let shows = behaviours.flat_map(|behaviour| &behaviour.automaton.states).flat_map(|state| &state.shows);
    shows.filter_map(|shown| shown.reason.as_ref()).collect()
}

/// Returns the commands that some machine of a side answers.
pub(crate) fn answered(public: &Public) -> BTreeSet<&String> {
    let behaviours = public.machines.iter().flat_map(|machine| &machine.behaviours);
    let labels = behaviours.flat_map(|behaviour| &behaviour.automaton.states).flat_map(|state| state.edges.keys());
    labels.filter_map(Label::command).collect()
}

/// Returns those that a machine can show.
pub(crate) fn shown_by(machine: &PublicMachine) -> BTreeSet<&String> {
    let changing = machine.changes.0.iter().flat_map(|changing| &changing.cases).map(|case| &case.automaton);
    let automata = machine.behaviours.iter().map(|behaviour| &behaviour.automaton).chain(changing);
    let shows = automata.flat_map(|automaton| &automaton.states).flat_map(|state| &state.shows);
    shows.map(|shown| &shown.status).collect()
}

/// How a setting was written.
fn named(setting: &str) -> &str {
    setting.strip_suffix(ANY_VALUE).unwrap_or(setting)
}

/// Returns a machine as a client that never asks sees it, with these names of its settings, and with what is kept of each
/// state.
fn machine(
    machine: &PublicMachine,
    named: impl Fn(&str) -> &str,
    kept: impl Fn(AutomatonState) -> AutomatonState,
) -> Option<PublicMachine> {
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
        let automaton = unasked(&behaviour.automaton, &kept);
        match found.iter_mut().find(|(_, known)| *known == automaton) {
            Some((known, _)) => known.extend(cubes),
            None => found.push((cubes, automaton)),
        }
    }
    of_settings(&machine.name, &names, found)
}

/// Returns the automaton of a client that never asks.
fn unasked(automaton: &Automaton, kept: impl Fn(AutomatonState) -> AutomatonState) -> Automaton {
    let mut search = BreadthFirst::new([0]);
    let mut states: Vec<AutomatonState> = Vec::new();
    while let Some((number, at)) = search.next_node() {
        let mut state = kept(AutomatonState { queries: BTreeMap::new(), ..automaton.states[at].clone() });
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
                let (terms, handled) = (BTreeMap::new(), BTreeSet::new());
                assert_eq!(Public { terms, handled, ..found }, first, "{seed}");
            }
        }
        assert!(asked > 20 && parameters > 20, "{asked} {parameters}");
    }
}
