//! Machines from the lines that describe them. Lines may contradict each other or leave things out although each can be
//! read; only what makes a whole machine, within the bounds of the projection, is given on.

use std::collections::{BTreeMap, BTreeSet};

use super::damage::{Damage, LockError, shown};
use super::facts::{Fact, Traits};
use super::line::Cases;
use super::names::Name;
use super::parsed::{Parsed, ParsedMachine};
use crate::public::automaton::{Automaton, AutomatonState, Edge, Label, Query, Shown};
use crate::public::changes::Changes;
use crate::public::model::{Behaviour, Public, PublicMachine};
use crate::public::project::{CASES_MAX, EDGES_MAX, weight_of, weight_of_shown};
use crate::public::settings::{SettingCube, Settings, setting_id};
use crate::public::smallest::classes;
use migration_table::bdd::{Bdd, Diagrams, TooLarge};
use migration_table::cases::{fewest, union};

/// The public side that the lines describe.
pub(super) fn public(parsed: Parsed) -> Result<Public, LockError> {
    if let Some(late) = parsed.machines.iter().zip(parsed.machines.iter().skip(1)).find(|(a, b)| a.name > b.name) {
        return Err(edited(late.1.line, format!("found machine {} behind another one", shown(&late.1.name))));
    }
    let mut left = EDGES_MAX;
    let mut machines = Vec::new();
    for machine in &parsed.machines {
        are_public(machine, &parsed.public)?;
        machines.push(of_machine(machine, &mut left)?);
    }
    Ok(Public { machines, ..parsed.public })
}

/// Whatever a machine shows, answers and depends on is in the vocabulary.
fn are_public(machine: &ParsedMachine, public: &Public) -> Result<(), LockError> {
    let missing = |line: usize, what: &str, name: &String| {
        Err(edited(line, format!("found {what} {}, which is not among the public ones", shown(name))))
    };
    for (line, cases) in &machine.cases {
        if let Some((name, _)) = cases.iter().flatten().find(|(name, _)| !public.settings.contains(name)) {
            return missing(*line, "setting", name);
        }
    }
    for (fact, (line, _)) in &machine.facts {
        let (shows, label): (&[Shown], Option<&Label>) = match fact {
            Fact::After(..) | Fact::Reply(..) | Fact::Because(..) => (&[], None),
            Fact::Begins(name) | Fact::At(name, _) => (&name.shows, None),
            Fact::On(_, label, _) => (&[], Some(label)),
            Fact::Query(_, shown, ..) => (std::slice::from_ref(shown), None),
        };
        let (published, command) = match label {
            Some(Label::Event(shown)) => (Some(shown), None),
            Some(Label::Reply(command, _)) => (None, Some(command)),
            None => (None, None),
        };
        for Shown { status, reason } in shows.iter().chain(published) {
            if !public.statuses.contains_key(status) {
                return missing(*line, "status", status);
            }
            if let Some(reason) = reason.as_ref().filter(|reason| !public.reasons.contains_key(*reason)) {
                return missing(*line, "reason", reason);
            }
        }
        if let Some(command) = command.filter(|command| !public.commands.contains_key(*command)) {
            return missing(*line, "command", command);
        }
    }
    Ok(())
}

fn edited(line: usize, message: impl AsRef<str>) -> LockError {
    LockError::new(Damage::Edited, line, format!("{}: the file was changed by hand", message.as_ref()))
}

/// A state of an automaton that is being put together.
struct Part<'s> {
    traits: Traits,
    edges: BTreeMap<&'s Label, (usize, &'s Name)>,
    queries: BTreeMap<&'s Shown, (usize, &'s Name, bool)>,
}

/// An automaton that is being put together.
#[derive(Default)]
struct Parts<'s> {
    begins: Option<&'s Name>,
    states: BTreeMap<&'s Name, Part<'s>>,
}

fn of_machine(parsed: &ParsedMachine, left: &mut usize) -> Result<PublicMachine, LockError> {
    let names = parsed.cases.iter().flat_map(|(_, cases)| cases).flatten().map(|(name, _)| name);
    let settings: Vec<String> = names.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    if settings.len() > 64 {
        let message =
            format!("machine {} depends on {} settings, expected at most 64", shown(&parsed.name), settings.len());
        return Err(LockError::new(Damage::TooLarge, parsed.line, message));
    }
    let under = cases(parsed, &settings)?;
    let mut parts: Vec<Parts<'_>> = under.iter().map(|_| Parts::default()).collect();
    for (fact, (line, when)) in &parsed.facts {
        let when = when.as_ref().map(|when| cubes(when, &settings, *line)).transpose()?;
        let holds = |under: &[SettingCube]| {
            let one = under.iter().map(|cube| cube.set).min().unwrap_or_default();
            when.as_ref().is_none_or(|when| when.iter().any(|cube| cube.holds(one)))
        };
        for (parts, _) in parts.iter_mut().zip(&under).filter(|(_, under)| holds(under)) {
            *left = left.checked_sub(weight(fact)).ok_or_else(|| {
                let message = format!("there is more to machine {} than to any table", shown(&parsed.name));
                LockError::new(Damage::TooLarge, *line, message)
            })?;
            parts.take(fact, *line)?;
        }
    }
    let mut behaviours = Vec::new();
    for (parts, (under, (line, _))) in parts.iter().zip(under.into_iter().zip(&parsed.cases)) {
        behaviours.push(Behaviour { under: Settings(under), automaton: parts.automaton(*line)? });
    }
    in_order(&behaviours, parsed)?;
    Ok(PublicMachine { name: parsed.name.clone(), settings, behaviours, changes: Changes::default() })
}

/// Cases are in the order of their smallest settings, and the machine behaves differently in each.
fn in_order(behaviours: &[Behaviour], parsed: &ParsedMachine) -> Result<(), LockError> {
    let least = |behaviour: &Behaviour| behaviour.under.0.iter().map(|cube| cube.set).min();
    for (index, (behaviour, (line, _))) in behaviours.iter().zip(&parsed.cases).enumerate() {
        let before = &behaviours[..index];
        if before.last().is_some_and(|last| least(last) > least(behaviour)) {
            return Err(edited(*line, "found this case behind another one"));
        }
        if before.iter().any(|other| other.automaton == behaviour.automaton) {
            return Err(edited(*line, "found that the machine behaves here as in another case"));
        }
    }
    Ok(())
}

/// How much of [`EDGES_MAX`] a fact takes.
fn weight(fact: &Fact) -> usize {
    match fact {
        Fact::After(..) | Fact::Reply(..) | Fact::Because(..) => 0,
        Fact::Begins(_) => 1,
        Fact::At(name, _) => weight_of_shown(&name.shows),
        Fact::On(_, label, _) => weight_of([label.text()]),
        Fact::Query(_, shown, ..) => weight_of_shown([shown]),
    }
}

/// The settings of each case. Every setting is of one case.
fn cases(parsed: &ParsedMachine, settings: &[String]) -> Result<Vec<Vec<SettingCube>>, LockError> {
    let too_large =
        |line| move |_: TooLarge| LockError::new(Damage::TooLarge, line, "found more cases than any table has");
    let mut diagrams = Diagrams::new();
    let mut left = CASES_MAX;
    let (mut all, mut under) = (Bdd::NEVER, Vec::new());
    for (line, words) in &parsed.cases {
        let cubes = cubes(words, settings, *line)?;
        left = left.checked_sub(cubes.len()).ok_or(TooLarge).map_err(too_large(*line))?;
        let these = union(&mut diagrams, &cubes).map_err(too_large(*line))?;
        if !diagrams.and(all, these).map_err(too_large(*line))?.is_never() {
            return Err(edited(*line, "found a case that is another one too"));
        }
        all = diagrams.or(all, these).map_err(too_large(*line))?;
        under.push(fewest(&mut diagrams, &cubes).map_err(too_large(*line))?);
    }
    if all.is_always() { Ok(under) } else { Err(edited(parsed.line, "found no case for some settings of the machine")) }
}

fn cubes(cases: &Cases, settings: &[String], line: usize) -> Result<Vec<SettingCube>, LockError> {
    let mut cubes = Vec::new();
    for case in cases {
        let mut cube = SettingCube::ALWAYS;
        for (name, is_on) in case {
            let unknown = || edited(line, format!("found {}, which is a setting of no case", shown(name)));
            let setting = setting_id(settings, name).ok_or_else(unknown)?;
            *if *is_on { &mut cube.set } else { &mut cube.clear } |= setting;
        }
        if cube.set.intersects(cube.clear) {
            return Err(edited(line, "found a setting that is on and off"));
        }
        cubes.push(cube);
    }
    cubes.sort_unstable();
    Ok(cubes)
}

impl<'s> Parts<'s> {
    fn take(&mut self, fact: &'s Fact, line: usize) -> Result<(), LockError> {
        let twice = |what: String| Err(LockError::new(Damage::Duplicate, line, format!("{what} is said twice")));
        match fact {
            Fact::After(..) | Fact::Reply(..) | Fact::Because(..) => {}
            Fact::Begins(name) => {
                if self.begins.replace(name).is_some() {
                    return twice("where the machine begins".to_owned());
                }
            }
            Fact::At(name, traits) => {
                let part = Part { traits: *traits, edges: BTreeMap::new(), queries: BTreeMap::new() };
                if self.states.insert(name, part).is_some() {
                    return twice(shown(&name.to_string()));
                }
            }
            Fact::On(from, label, to) => {
                // States are sorted before what leads on from them.
                let Some(part) = self.states.get_mut(from) else { return Err(nowhere(line, from)) };
                if part.edges.insert(label, (line, to)).is_some() {
                    return twice(format!("what follows this after {}", shown(&from.to_string())));
                }
            }
            Fact::Query(from, said, to, rests) => {
                let Some(part) = self.states.get_mut(from) else { return Err(nowhere(line, from)) };
                if part.queries.insert(said, (line, to, *rests)).is_some() {
                    return twice(format!("what a query tells in {}", shown(&from.to_string())));
                }
            }
        }
        Ok(())
    }

    /// The automaton, with its states in order; `line` is that of its case.
    fn automaton(&self, line: usize) -> Result<Automaton, LockError> {
        let begins = self.begins.ok_or_else(|| edited(line, "found no beginning for this case"))?;
        let mut order = vec![(begins, line)];
        let mut numbers = BTreeMap::from([(begins, 0)]);
        let mut states = Vec::new();
        while let Some((name, line)) = order.get(states.len()).copied() {
            let part = self.states.get(name).ok_or_else(|| nowhere(line, name))?;
            let mut number = |to, line| {
                *numbers.entry(to).or_insert_with(|| {
                    order.push((to, line));
                    order.len() - 1
                })
            };
            let (mut edges, mut queries) = (BTreeMap::new(), BTreeMap::new());
            for (label, (line, to)) in &part.edges {
                edges.insert((*label).clone(), Edge { to: number(*to, *line), places: Vec::new() });
            }
            for (shown, (line, to, rests)) in &part.queries {
                queries.insert((*shown).clone(), Query { to: number(*to, *line), rests: *rests });
            }
            let (shows, Traits { rests, ends, trapped }) = (name.shows.iter().cloned().collect(), part.traits);
            states.push(AutomatonState { shows, rests, ends, trapped, edges, queries });
        }
        if states.len() < self.states.len() {
            let lost = self.states.keys().find(|name| !numbers.contains_key(*name));
            let lost = lost.map(|name| shown(&name.to_string())).unwrap_or_default();
            return Err(edited(line, format!("found {lost}, which nothing leads to in this case")));
        }
        let is_told = |(at, state): (usize, &AutomatonState)| {
            let tells = |(shown, query): (&Shown, &Query)| {
                state.shows.contains(shown) && *query != Query { to: at, rests: state.rests }
            };
            state.queries.iter().all(tells)
        };
        if !states.iter().enumerate().all(is_told) {
            return Err(edited(line, "found a query that tells nothing in this case"));
        }
        let automaton = Automaton { states };
        if is_minimal(&automaton) {
            Ok(automaton)
        } else {
            Err(edited(line, "found states that are alike in this case"))
        }
    }
}

fn nowhere(line: usize, name: &Name) -> LockError {
    LockError::new(Damage::Nowhere, line, format!("found {}, which is not there", shown(&name.to_string())))
}

/// Whether no two states can be taken for one.
fn is_minimal(automaton: &Automaton) -> bool {
    classes(&automaton.states).iter().enumerate().all(|(index, class)| index == *class)
}
