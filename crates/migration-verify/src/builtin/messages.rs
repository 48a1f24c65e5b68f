//! A host that waits hears that its peer has given up, and what is sent is read by somebody.
//!
//! A message that arrives before the state awaits it is read later. But where the sender cannot succeed any more, a
//! state that only waits would wait in vain: for a user, for a timeout, or for ever. And a message that arrives again
//! and again and is never read in any run is one that its sender counts on for nothing.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{Kind, Machine, Message, Row};

use crate::composition::Composition;
use crate::counterexample::Counterexample;
use crate::graph::Graph;
use crate::property::{Outcome, Verdict};

pub(super) fn decide(graph: &Graph<'_, '_>) -> Vec<Verdict> {
    let composition = graph.composition;
    let never_read = never_read(graph);
    if !never_read.is_empty() {
        return never_read;
    }
    if let Some(because) = undeclared(composition) {
        return vec![verdict(Outcome::Vacuous { because })];
    }
    let given_up = letters_of_those_who_gave_up(composition);
    let deaf: Vec<Vec<bool>> =
        (0..composition.hosts.len()).map(|host| waits_in_vain(composition, host, given_up)).collect();
    let (mut told, mut found) = (BTreeSet::new(), Vec::new());
    for at in 0..graph.len() {
        let locals = graph.locals(at);
        for host in (0..deaf.len()).filter(|host| deaf[*host][usize::from(locals[*host])]) {
            let automaton = composition.automaton(host);
            let state = automaton.machine.state(automaton.locals[usize::from(locals[host])].state);
            let config = &graph.config(at);
            if composition.readable(config, host).is_some() {
                continue;
            }
            for arrived in composition.arrived(config, host) {
                let letter = arrived.item.letter;
                let is_new = given_up & 1 << letter != 0
                    && told.insert((letter, automaton.machine.name.clone(), state.name.clone()));
                if is_new {
                    let because = format!(
                        "`{}` has arrived, and `{}` of {} does not await it (line {})",
                        composition.letters[usize::from(letter)],
                        state.name,
                        automaton.machine.name,
                        state.span.line
                    );
                    let run = graph.run_to(at);
                    let counterexample = Counterexample::tell(composition, &run, None, because);
                    found.push(verdict(Outcome::Fails(Box::new(counterexample))));
                }
            }
        }
    }
    if found.is_empty() { vec![verdict(Outcome::holds_as_far_as(graph.figures().is_exhausted))] } else { found }
}

/// The messages that arrive at a host in an attempt and that no host reads in any run. One that nobody is meant to read
/// has the finding that says so silenced (T0411), and a message to another release may be one that it does not know.
fn never_read(graph: &Graph<'_, '_>) -> Vec<Verdict> {
    let composition = graph.composition;
    if !graph.figures().is_exhausted || !composition.foreign.is_empty() {
        return Vec::new();
    }
    let steps = composition.automata.iter().flat_map(|automaton| automaton.steps.iter().flatten());
    let sent = steps.flat_map(|step| &step.sends).fold(0_u64, |letters, letter| letters | 1 << letter);
    let mut open = sent & !silenced(composition);
    let mut arrived: BTreeMap<u8, (u32, usize)> = BTreeMap::new();
    for at in 0..graph.len() {
        if open == 0 {
            return Vec::new();
        }
        let config = graph.config(at);
        for host in 0..composition.hosts.len() {
            for found in composition.arrived(&config, host) {
                arrived.entry(found.item.letter).or_insert((at, host));
            }
            if let Some(found) = composition.readable(&config, host) {
                open &= !(1 << found.item.letter);
            }
        }
    }
    let never = arrived.into_iter().filter(|(letter, _)| open & 1 << letter != 0);
    never.map(|(letter, (at, host))| verdict(Outcome::Fails(Box::new(unread(graph, letter, at, host))))).collect()
}

/// The way to where a message has arrived that nobody reads.
fn unread(graph: &Graph<'_, '_>, letter: u8, at: u32, host: usize) -> Counterexample {
    let composition = graph.composition;
    let machine = composition.automaton(host).machine;
    let name = &composition.letters[usize::from(letter)];
    let needs = |row: &&Row| row.mentions.iter().any(|fact| machine.fact(fact).name == *name);
    let because = match machine.rows.iter().find(needs) {
        Some(row) => format!(
            "`{name}` has arrived, and {} never reads it: the row that needs it never fires (line {})",
            machine.name, row.span.line
        ),
        None => format!("`{name}` has arrived, and no row of {} reads it", machine.name),
    };
    Counterexample::tell(composition, &graph.run_to(at), None, because)
}

/// The messages that nobody is meant to read, as a bit set.
fn silenced(composition: &Composition<'_>) -> u64 {
    let table = composition.table;
    let allowed: Vec<_> = table.allowances.iter().filter(|allowance| allowance.code == "T0411").collect();
    let is_silenced = |message: &Message| allowed.iter().any(|allowance| allowance.covers(message.span));
    let silenced = (0_u8..).zip(&table.messages).filter(|(_, message)| is_silenced(message));
    silenced.fold(0, |letters, (letter, _)| letters | 1 << letter)
}

/// Why nobody is known to have given up, where machines exchange messages and none says what success is.
fn undeclared(composition: &Composition<'_>) -> Option<String> {
    let without_path = composition.automata.iter().all(|automaton| automaton.machine.happy_path.is_empty());
    let because = "no machine has a `happy_path`, so nobody is known to have given up";
    (without_path && !composition.letters.is_empty()).then(|| because.to_owned())
}

/// The letters that a machine sends only where it cannot succeed any more in this attempt, as a bit set.
fn letters_of_those_who_gave_up(composition: &Composition<'_>) -> u64 {
    let (mut hopeless, mut hopeful) = (0, 0);
    for automaton in &composition.automata {
        let can = can_succeed(automaton.machine);
        for step in automaton.steps.iter().flatten() {
            let sent = step.sends.iter().fold(0, |letters, letter| letters | 1 << letter);
            if can[automaton.locals[usize::from(step.to)].state.index()] {
                hopeful |= sent;
            } else {
                hopeless |= sent;
            }
        }
    }
    hopeless & !hopeful
}

/// For each configuration of a host whether its state only waits, and does not await one of these letters that a peer
/// sends.
fn waits_in_vain(composition: &Composition<'_>, host: usize, letters: u64) -> Vec<bool> {
    let is_peer = |other: &usize| (*other == 0) != (host == 0);
    let steps =
        (0..composition.hosts.len()).filter(is_peer).flat_map(|other| composition.automaton(other).steps.iter());
    let sent = steps.flatten().flat_map(|step| &step.sends).fold(0, |sent, letter| sent | 1_u64 << letter);
    let automaton = composition.automaton(host);
    let waits = automaton.locals.iter().map(|local| automaton.machine.state(local.state).kind == Kind::Wait);
    waits.zip(&automaton.awaits).map(|(waits, awaited)| waits && letters & sent & !awaited != 0).collect()
}

/// For each state whether the end of the happy path can still come in the same attempt.
fn can_succeed(machine: &Machine) -> Vec<bool> {
    let mut can = vec![machine.happy_path.is_empty(); machine.states.len()];
    if let Some(end) = machine.happy_path.last() {
        can[end.index()] = true;
    }
    loop {
        let before = can.clone();
        for row in machine.rows.iter().filter(|row| before[row.to.index()]) {
            let in_attempt = row.from.iter().filter(|state| machine.state(**state).kind != Kind::Idle);
            in_attempt.for_each(|state| can[state.index()] = true);
        }
        if can == before {
            return can;
        }
    }
}

fn verdict(result: Outcome) -> Verdict {
    Verdict::new("messages-are-heard", "a host that waits hears what a peer says that has given up", result)
}
