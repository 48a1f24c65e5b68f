//! One automaton made ready for the walks: what can be reached from where without a command.

use std::cmp::Reverse;
use std::convert::Infallible;

use fixedbitset::FixedBitSet;

use super::everywhere::Everywhere;
use super::indexed_state::IndexedState;
use super::names::Names;
use crate::public::{Automaton, AutomatonState, Label};
use migration_table::{Span, search};

/// One automaton, compiled.
pub(super) struct Indexed<'a> {
    /// The automaton itself, with names.
    pub(super) source: &'a Automaton,
    pub(super) states: Vec<IndexedState>,
    pub(super) everywhere: Everywhere,
}

impl<'a> Indexed<'a> {
    pub(super) fn new(automaton: &'a Automaton, names: &Names) -> Indexed<'a> {
        let is_reply = |label: &Label| matches!(label, Label::Reply(..));
        let takes = |state: &AutomatonState| state.edges.keys().any(is_reply);
        let has_commands = automaton.states.iter().any(takes);
        // A machine that is about to publish takes no query; one without commands takes them anywhere.
        let answers = |state: usize| !has_commands || takes(&automaton.states[state]);
        let count = automaton.states.len();
        let mut states: Vec<IndexedState> = Vec::with_capacity(count);
        for (index, state) in automaton.states.iter().enumerate() {
            let edges = state.edges.iter().map(|(label, edge)| (names.find(label), edge.to));
            let (events, replies): (Vec<_>, Vec<_>) = edges.partition(|(label, _)| names.shown(*label).is_some());
            let shows: Vec<usize> = state.shows.iter().map(|status| names.find_status(status)).collect();
            let mut outcomes = FixedBitSet::with_capacity(names.statuses());
            if state.ends {
                outcomes.extend(shows.iter().copied());
            }
            let queries = || state.shows.iter().zip(&shows).map(|(shown, status)| (*status, state.query(index, shown)));
            let asked = queries().filter(|_| answers(index)).map(|(status, query)| (status, query.to)).collect();
            let resting = queries().filter(|(_, query)| query.rests).map(|(status, _)| status).collect();
            let mut ahead = FixedBitSet::with_capacity(count);
            ahead.insert(index);
            let (rests, ends, trapped) = (state.rests, state.ends, state.trapped);
            let may_be_trapped = trapped;
            states.push(IndexedState {
                events,
                replies,
                shows,
                asked,
                rests,
                resting,
                ends,
                trapped,
                may_be_trapped,
                outcomes,
                ahead,
            });
        }
        let mut indexed = Indexed { source: automaton, states, everywhere: Everywhere::default() };
        indexed.look_ahead();
        indexed.everywhere = Everywhere::new(&indexed.states, names);
        indexed
    }

    /// Carries what is reached without a command back along the events, until nothing changes.
    fn look_ahead(&mut self) {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.states.len()];
        for (from, state) in self.states.iter().enumerate() {
            state.events.iter().for_each(|(_, to)| before[*to].push(from));
        }
        // States are numbered in breadth-first order, so a large number is near to an end.
        let Ok(()) = search::fixpoint((0..self.states.len()).map(Reverse), |Reverse(to), worklist| {
            for from in before[to].iter().copied().filter(|from| *from != to) {
                let IndexedState { ahead, outcomes, may_be_trapped: trapped, .. } = &self.states[to];
                let (ahead, outcomes, trapped) = (ahead.clone(), outcomes.clone(), *trapped);
                let state = &mut self.states[from];
                let sets = [(&mut state.ahead, ahead), (&mut state.outcomes, outcomes)];
                let mut grown = sets.iter().any(|(set, more)| !more.is_subset(set));
                sets.into_iter().for_each(|(set, more)| set.union_with(&more));
                grown |= trapped && !std::mem::replace(&mut state.may_be_trapped, trapped);
                if grown {
                    worklist.insert(Reverse(from));
                }
            }
            Ok::<(), Infallible>(())
        });
    }

    /// The rows and answers behind what some of these states show with this label.
    pub(super) fn places(&self, names: &Names, members: &FixedBitSet, label: usize) -> Vec<Span> {
        let edges = members.ones().filter_map(|state| self.source.states[state].edges.get(names.label(label)));
        edges.flat_map(|edge| edge.places.iter().copied()).collect()
    }

    /// The states that are entered with an event of this status, wherever that is and whatever the reason.
    pub(super) fn entered(&self, names: &Names, status: usize) -> FixedBitSet {
        let mut entered = FixedBitSet::with_capacity(self.states.len());
        for (label, to) in self.states.iter().flat_map(|state| &state.events) {
            if names.shown(*label).is_some_and(|shown| names.are_alike(shown, status)) {
                entered.insert(*to);
            }
        }
        entered
    }
}

/// How one command may be answered in a state of a view: labels and what follows.
pub(super) struct Answers {
    /// The number of the command.
    pub(super) command: usize,
    pub(super) success: Option<(usize, usize)>,
    pub(super) errors: Vec<(usize, usize)>,
}

impl Answers {
    fn none(command: usize) -> Answers {
        Answers { command, success: None, errors: Vec::new() }
    }
}

/// Groups the replies of a state of a view by command, in the order of the commands.
pub(super) fn by_command(names: &Names, replies: &[(usize, usize)]) -> Vec<Answers> {
    // The labels of one command are next to each other.
    let mut commands: Vec<Answers> = Vec::new();
    for (label, to) in replies {
        let Some((command, success)) = names.answer(*label) else { continue };
        if commands.last().is_none_or(|answers| answers.command != command) {
            commands.push(Answers::none(command));
        }
        let answers = commands.last_mut().expect("one was just added");
        if success {
            answers.success = Some((*label, *to));
        } else {
            answers.errors.push((*label, *to));
        }
    }
    commands
}

/// The answers to one command; none of them, if there are none.
pub(super) fn answers_to(answers: &[Answers], command: usize) -> Option<&Answers> {
    answers.binary_search_by_key(&command, |answers| answers.command).ok().map(|at| &answers[at])
}
