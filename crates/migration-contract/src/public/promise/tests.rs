//! The search against sequences that are written out one by one, on machines that nobody would write.

use super::*;
use crate::public::project;
use fastrand::Rng;
use migration_table::model::FactKind;
use migration_table::testing::{random, table};

const MACHINES: u64 = 1000;

/// How long the sequences are that are written out.
const OBSERVATIONS_MAX: usize = 6;

/// All sequences of observations up to a length, each with the states of the automaton that it passes.
fn sequences(automaton: &Automaton) -> Vec<(Vec<&Label>, Vec<usize>)> {
    let mut all = vec![(Vec::new(), vec![0])];
    let mut first = 0;
    for _ in 0..OBSERVATIONS_MAX {
        let longest = all.len();
        for index in first..longest {
            let (labels, states) = all[index].clone();
            for (label, edge) in &automaton.states[states[labels.len()]].edges {
                let with = |list: &[usize]| list.iter().copied().chain([edge.to]).collect::<Vec<_>>();
                all.push((labels.iter().copied().chain([label]).collect(), with(&states)));
            }
        }
        first = longest;
    }
    all
}

/// Whether the last observation of a sequence breaks the promise, by the words of it.
fn is_broken(automaton: &Automaton, promise: &Promise, labels: &[&Label], states: &[usize]) -> bool {
    let over = |at: usize| automaton.states[states[at]].ends;
    let last = labels.len();
    match promise {
        Promise::Ends { after, ends } => {
            let begins = |at: usize| match (labels[at], after) {
                (Label::Event(shown), Anchor::Status(name)) => shown.status == *name,
                (Label::Reply(command, Reply::Success), Anchor::Command(name)) => {
                    command.split(' ').next() == Some(name.as_str()) && !(over(at) && over(at + 1))
                }
                (Label::Event(_) | Label::Reply(..), Anchor::Command(_) | Anchor::Status(_)) => false,
            };
            let state = &automaton.states[states[last]];
            let wrong = state.trapped && !state.rests
                || state.ends && state.shows.iter().any(|shown| !ends.contains(&shown.status));
            // Begun somewhere, and not over on the way from there.
            wrong && (0..last).any(|at| begins(at) && (at + 1..last).all(|between| !over(between)))
        }
        Promise::Before { before, comes } => {
            let shows = |at: usize, name: &String| matches!(labels[at], Label::Event(shown) if shown.status == *name);
            let Some(shown) = last.checked_sub(1).filter(|at| shows(*at, before)) else { return false };
            let begin = (0..=shown).rev().find(|at| over(*at)).unwrap_or(0);
            !(begin..shown).any(|at| shows(at, comes))
        }
    }
}

#[test]
fn the_shortest_sequence_is_found_or_there_is_none() {
    let (mut kept, mut broken_ones) = (0, 0);
    for seed in 0..MACHINES {
        let mut dice = Rng::with_seed(seed);
        let table = table(random(&mut dice));
        let side = project(&table).unwrap();
        let statuses: Vec<&String> = table.statuses.iter().map(|status| &status.name).collect();
        let commands = table.machines[0].facts.iter().filter_map(|fact| match &fact.kind {
            FactKind::Trigger { command, .. } => Some(command.clone()),
            FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => None,
        });
        let anchors = commands.map(Anchor::Command).chain(statuses.iter().map(|name| Anchor::Status((*name).clone())));
        let ends = |after| Promise::Ends { after, ends: vec![statuses[dice.usize(..statuses.len())].clone()] };
        let mut promises: Vec<Promise> = anchors.map(ends).collect();
        for before in &statuses {
            let others = statuses.iter().filter(|comes| *comes != before);
            promises.extend(others.map(|comes| Promise::Before { before: (*before).clone(), comes: (*comes).clone() }));
        }
        let machine = &side.machines[0];
        for behaviour in &machine.behaviours {
            let automaton = &behaviour.automaton;
            let all = sequences(automaton);
            for promise in &promises {
                let breaking = all.iter().filter(|(labels, states)| is_broken(automaton, promise, labels, states));
                let shortest = breaking.map(|(labels, _)| labels.len()).min();
                let found = search(automaton, promise).map(|(trace, _)| trace);
                let short = found.as_ref().map(Vec::len).filter(|length| *length <= OBSERVATIONS_MAX);
                assert_eq!(short, shortest, "seed {seed}, {promise:?}, found {found:?}");
                if let Some(trace) = &found {
                    let mut at = 0;
                    trace.iter().for_each(|label| at = automaton.states[at].edges[label].to);
                    broken_ones += 1;
                } else {
                    kept += 1;
                }
            }
        }
    }
    assert!(kept > 1000 && broken_ones > 1000, "{kept} kept, {broken_ones} broken");
}
