//! The names of two sides as numbers.

use std::collections::BTreeSet;

use crate::public::{Automaton, Label, Reply, Shown};

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
        let commands: BTreeSet<&String> = labels.iter().filter_map(Label::command).collect();
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

    /// How many commands there are.
    pub(super) fn commands(&self) -> usize {
        self.commands.len()
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

    pub(super) fn find(&self, label: &Label) -> usize {
        self.labels.binary_search(label).expect("all labels of both sides were collected")
    }

    pub(super) fn find_status(&self, shown: &Shown) -> usize {
        self.statuses.binary_search(shown).expect("all statuses of both sides were collected")
    }
}
