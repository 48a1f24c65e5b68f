//! One automaton made ready for the walks: names as numbers, and what can be reached from where without a command.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::convert::Infallible;

use fixedbitset::FixedBitSet;

use super::everywhere::Everywhere;
use crate::public::{Automaton, AutomatonState, Label, Reply, Shown};
use migration_table::{Span, search};

/// The names of both sides as numbers, in the order of the names.
pub(super) struct Names {
    labels: Vec<Label>,
    statuses: Vec<Shown>,
    /// Whether the old side knows the status.
    known: Vec<bool>,
    /// The status of every label that is an event.
    shown: Vec<Option<usize>>,
    /// The label of the event with a status.
    events: Vec<usize>,
    commands: Vec<String>,
    /// The command of every label that is a reply, and whether it says success.
    answers: Vec<Option<(usize, bool)>>,
}

impl Names {
    /// All names of these automata; `known` are the statuses that the old side knows.
    pub(super) fn new<'a>(automata: impl Iterator<Item = &'a Automaton>, known: &BTreeSet<String>) -> Names {
        let (mut labels, mut statuses) = (BTreeSet::new(), BTreeSet::new());
        for state in automata.flat_map(|automaton| &automaton.states) {
            labels.extend(state.edges.keys().cloned());
            statuses.extend(state.shows.iter().cloned());
        }
        let sent = labels.iter().filter_map(|label| match label {
            Label::Event(status) => Some(status.clone()),
            Label::Reply(..) => None,
        });
        statuses.extend(sent);
        // A client that asks sees what is never sent as well; its samples are written as events.
        labels.extend(statuses.iter().cloned().map(Label::Event));
        let labels: Vec<Label> = labels.into_iter().collect();
        let statuses: Vec<Shown> = statuses.into_iter().collect();
        let status = |shown: &Shown| statuses.binary_search(shown).ok();
        let shown: Vec<Option<usize>> = labels
            .iter()
            .map(|label| match label {
                Label::Event(name) => status(name),
                Label::Reply(..) => None,
            })
            .collect();
        let mut events = vec![0; statuses.len()];
        for (label, status) in shown.iter().enumerate() {
            if let Some(status) = status {
                events[*status] = label;
            }
        }
        let commands: BTreeSet<&String> = labels.iter().filter_map(command).collect();
        let commands: Vec<String> = commands.into_iter().cloned().collect();
        let answer = |label: &Label| match label {
            Label::Event(_) => None,
            Label::Reply(name, reply) => Some((commands.binary_search(name).ok()?, *reply == Reply::Success)),
        };
        let answers = labels.iter().map(answer).collect();
        let known = statuses.iter().map(|shown| known.contains(&shown.status)).collect();
        Names { labels, statuses, known, shown, events, commands, answers }
    }

    pub(super) fn label(&self, label: usize) -> &Label {
        &self.labels[label]
    }

    pub(super) fn status(&self, status: usize) -> &str {
        &self.statuses[status].status
    }

    /// The reason that comes with it.
    pub(super) fn reason(&self, status: usize) -> Option<&str> {
        self.statuses[status].reason.as_deref()
    }

    /// Whether two things that are shown have one status.
    pub(super) fn are_alike(&self, one: usize, other: usize) -> bool {
        self.statuses[one].status == self.statuses[other].status
    }

    pub(super) fn statuses(&self) -> usize {
        self.statuses.len()
    }

    /// Whether the old side knows the status.
    pub(super) fn is_known(&self, status: usize) -> bool {
        self.known[status]
    }

    /// The status that an event shows; none for a reply.
    pub(super) fn shown(&self, label: usize) -> Option<usize> {
        self.shown[label]
    }

    /// The event that shows a status.
    pub(super) fn event(&self, status: usize) -> usize {
        self.events[status]
    }

    /// How many labels there are.
    pub(super) fn labels(&self) -> usize {
        self.labels.len()
    }

    /// The number of a command; `None` if neither side answers it.
    pub(super) fn command_id(&self, command: &str) -> Option<usize> {
        self.commands.binary_search_by(|known| known.as_str().cmp(command)).ok()
    }

    pub(super) fn command(&self, command: usize) -> &str {
        &self.commands[command]
    }

    /// The number of a command and whether a reply to it says success.
    pub(super) fn answer(&self, label: usize) -> Option<(usize, bool)> {
        self.answers[label]
    }

    /// The command of a reply, and whether it says success.
    pub(super) fn reply(&self, label: usize) -> Option<(&str, bool)> {
        self.answers[label].map(|(command, success)| (self.commands[command].as_str(), success))
    }

    fn find(&self, label: &Label) -> usize {
        self.labels.binary_search(label).expect("all labels of both sides were collected")
    }

    fn find_status(&self, shown: &Shown) -> usize {
        self.statuses.binary_search(shown).expect("all statuses of both sides were collected")
    }
}

/// The command of a reply.
fn command(label: &Label) -> Option<&String> {
    match label {
        Label::Event(_) => None,
        Label::Reply(command, _) => Some(command),
    }
}

/// One automaton, compiled.
pub(super) struct Indexed<'a> {
    /// The automaton itself, with names.
    pub(super) source: &'a Automaton,
    pub(super) states: Vec<IndexedState>,
    pub(super) everywhere: Everywhere,
}

/// One state of it.
pub(super) struct IndexedState {
    /// The events, as label and target, sorted.
    pub(super) events: Vec<(usize, usize)>,
    /// The replies, as label and target, sorted.
    pub(super) replies: Vec<(usize, usize)>,
    pub(super) shows: Vec<usize>,
    /// What a client that asks can be shown here, and the state after that: nothing while the machine is about to publish,
    /// as it takes no command.
    pub(super) asked: Vec<(usize, usize)>,
    pub(super) rests: bool,
    /// What is shown where nothing more may come.
    pub(super) resting: Vec<usize>,
    pub(super) ends: bool,
    pub(super) trapped: bool,
    /// Whether it can come, without a command, to a state where it is trapped.
    pub(super) may_be_trapped: bool,
    /// The statuses with which an attempt can end from here without a command.
    pub(super) outcomes: FixedBitSet,
    /// What can be reached from here without a command, this state included.
    pub(super) ahead: FixedBitSet,
}

impl IndexedState {
    /// The state after a query that shows this; `None` if none does.
    pub(super) fn after_query(&self, status: usize) -> Option<usize> {
        self.asked.iter().find(|(shown, _)| *shown == status).map(|(_, to)| *to)
    }
}

impl<'a> Indexed<'a> {
    pub(super) fn new(automaton: &'a Automaton, names: &Names) -> Indexed<'a> {
        let is_reply = |label: &Label| matches!(label, Label::Reply(..));
        let takes = |state: &AutomatonState| state.edges.keys().any(is_reply);
        let has_commands = automaton.states.iter().any(takes);
        Indexed::answering(automaton, names, |state| !has_commands || takes(&automaton.states[state]))
    }

    /// One automaton of which some edges may be missing; `answers` says in which states it takes commands and queries.
    pub(super) fn answering(automaton: &'a Automaton, names: &Names, answers: impl Fn(usize) -> bool) -> Indexed<'a> {
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
