//! A difference as a sequence that shows it, and what could follow on either side.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use super::report::Step;
use super::view::ViewState;
use super::walk::{Difference, Kind, Walk};
use crate::public::{Label, Reply};
use migration_table::Span;
use migration_table::model::Channel;
use migration_table::search::BreadthFirst;

/// What shows a difference.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    pub(super) steps: Vec<Step>,
    /// How many of the last steps come again and again.
    pub(super) repeated: usize,
    pub(super) before: Vec<String>,
    pub(super) now: Vec<String>,
    pub(super) place: Option<Span>,
}

/// What is shown when nothing more comes.
const NOTHING_MORE: &str = "(nothing more)";

/// What is said of an attempt that may never end.
const NO_END: &str = "(no end)";

impl Evidence {
    pub(super) fn new(walk: &Walk<'_>, difference: &Difference) -> Evidence {
        let mut steps = walk.steps(difference.pair);
        let (mut repeated, mut place) = (0, None);
        let (new, old) = (walk.new_seen(difference.pair), walk.old_seen(difference.pair));
        let (mut before, mut now) = (follows(walk, old), follows(walk, new));
        match &difference.kind {
            Kind::Output(label) => {
                steps.push(step(walk, *label));
                place = walk.new.automaton.places(walk.names, &new.members, *label).into_iter().min();
                // No event shows it to a client that asks: the command does that it gave last.
                place = place.or_else(|| walk.answered_last(difference.pair));
            }
            Kind::Lost(label) => steps.push(step(walk, *label)),
            Kind::Rest => steps.push(Step::default()),
            Kind::Trapped => {
                let (way, round) = walk.lasso(difference.pair);
                place = walk.trapped_by(difference.pair);
                repeated = round.len();
                steps.extend(way.iter().chain(&round).map(|label| step(walk, *label)));
                if repeated == 0 {
                    steps.push(Step::default());
                }
                before = outcomes(walk, &walk.old_outcomes(difference.pair));
                let ends = outcomes(walk, &walk.new_outcomes(difference.pair));
                now = ends.into_iter().chain([NO_END.to_string()]).collect();
            }
            Kind::OutcomeLost(_) => {
                before = outcomes(walk, &walk.old_outcomes(difference.pair));
                now = outcomes(walk, &walk.new_outcomes(difference.pair));
            }
            Kind::Rejected(command)
            | Kind::MayBeRejected(command)
            | Kind::Early(command)
            | Kind::OtherError(command)
            | Kind::Accepted(command) => {
                (before, now) = (replies(walk, old, command), replies(walk, new, command));
                if walk.was_about_to_show(difference.pair) {
                    before = vec![format!("answer only after {}", walk.shown_first(difference.pair))];
                }
                let label = shown_by(walk, difference, command);
                steps.extend(label.map(|label| step(walk, label)));
                place = answered_by(walk, difference, command, label);
            }
        }
        Evidence { steps, repeated, before, now, place }
    }
}

/// The rows and answers of the new side that make a difference; none if it has no row, or was read from a lock.
pub(super) fn rows(walk: &Walk<'_>, difference: &Difference) -> BTreeSet<Span> {
    let new = walk.new_seen(difference.pair);
    let places = |label: usize| walk.new.automaton.places(walk.names, &new.members, label);
    match &difference.kind {
        Kind::Output(label) => places(*label).into_iter().collect(),
        Kind::Rejected(command)
        | Kind::MayBeRejected(command)
        | Kind::Early(command)
        | Kind::OtherError(command)
        | Kind::Accepted(command) => {
            let labels = new.replies.iter().map(|(label, _)| *label);
            let of_command = labels.filter(|label| walk.names.reply(*label).is_some_and(|(name, _)| name == command));
            of_command.flat_map(places).collect()
        }
        Kind::Rest | Kind::Trapped | Kind::Lost(_) | Kind::OutcomeLost(_) => BTreeSet::new(),
    }
}

/// The line that answers the command as it is answered now: with what the evidence shows, or, where the evidence is what
/// succeeded before, with what refuses it.
fn answered_by(walk: &Walk<'_>, difference: &Difference, command: &str, shown: Option<usize>) -> Option<Span> {
    let new = walk.new_seen(difference.pair);
    let is_rejected = difference.kind.is_rejection();
    let labels = new.replies.iter().map(|(label, _)| *label);
    let of_command = labels.filter(|label| walk.names.reply(*label).is_some_and(|(name, _)| name == command));
    let answers = of_command.filter(|label| is_rejected || shown == Some(*label));
    answers.flat_map(|label| walk.new.automaton.places(walk.names, &new.members, label)).min()
}

/// The reply that shows a difference in how a command is answered: one that only one side gives. A refusal is no news where
/// the old side could refuse as well.
fn shown_by(walk: &Walk<'_>, difference: &Difference, command: &str) -> Option<usize> {
    let (new, old) = (walk.new_seen(difference.pair), walk.old_seen(difference.pair));
    let success = |seen: &ViewState| {
        let mut labels = seen.replies.iter().map(|(label, _)| *label);
        labels.find(|label| walk.names.reply(*label) == Some((command, true)))
    };
    let refusal = || {
        let of_command = |label: &usize| walk.names.reply(*label).is_some_and(|(name, _)| name == command);
        let mut labels = new.replies.iter().map(|(label, _)| *label).filter(of_command);
        labels.find(|label| old.reply(*label).is_none())
    };
    match difference.kind {
        Kind::Rejected(_) if walk.was_refused(difference.pair, command) => success(old),
        Kind::Rejected(_) => refusal().or_else(|| success(old)),
        Kind::Accepted(_) | Kind::Early(_) => success(new),
        Kind::MayBeRejected(_) | Kind::OtherError(_) => refusal(),
        Kind::Output(_) | Kind::Rest | Kind::Trapped | Kind::Lost(_) | Kind::OutcomeLost(_) => None,
    }
}

fn step(walk: &Walk<'_>, label: usize) -> Step {
    Step { label: Some(walk.names.label(label).clone()), ..Step::default() }
}

/// What can be shown next in a state of a view.
fn follows(walk: &Walk<'_>, seen: &ViewState) -> Vec<String> {
    let outputs = seen.outputs.iter().map(|(label, _)| walk.shown(*label).to_string());
    outputs.chain(seen.rests.then(|| NOTHING_MORE.to_string())).collect()
}

fn outcomes(walk: &Walk<'_>, statuses: &FixedBitSet) -> Vec<String> {
    statuses.ones().map(|status| walk.names.status(status).to_string()).collect()
}

/// How a command can be answered in a state of a view.
fn replies(walk: &Walk<'_>, seen: &ViewState, command: &str) -> Vec<String> {
    let labels = seen.replies.iter().map(|(label, _)| walk.names.label(*label));
    let replies = labels.filter_map(|label| match label {
        Label::Reply(name, Reply::Success) if name == command => Some("ok".to_string()),
        Label::Reply(name, Reply::Error(class)) if name == command => Some(class.clone()),
        Label::Reply(..) | Label::Event(_) => None,
    });
    replies.collect()
}

impl Walk<'_> {
    /// The statuses with which the attempt can end on the new side without a further command.
    fn new_outcomes(&self, pair: usize) -> FixedBitSet {
        super::walk::outcomes(&self.new, self.new_seen(pair), self.names)
    }

    /// The row of the new side by which it may be trapped: the nearest of those it can go on by for ever that publishes a status
    /// after one after which the old side never does. None where a row that led out is gone.
    fn trapped_by(&self, pair: usize) -> Option<Span> {
        let states = &self.new.automaton.states;
        let before = |state: usize| states[state].shows.first().copied();
        let mut search = BreadthFirst::new(self.trapped(pair));
        while let Some((number, state)) = search.next_node() {
            for (label, to) in states[state].events.iter().filter(|(_, to)| states[*to].trapped) {
                if !self.old.automaton.states.iter().any(|old| {
                    old.shows.first().copied() == before(state) && old.events.iter().any(|(known, _)| known == label)
                }) {
                    let mut members = FixedBitSet::with_capacity(states.len());
                    members.insert(state);
                    return self.new.automaton.places(self.names, &members, *label).into_iter().min();
                }
                search.reach(number, (), *to);
            }
        }
        None
    }

    /// The way that the new machine can go for ever where it is trapped: what a client is shown on the way into a round,
    /// and in the round, which is empty if the machine shows nothing more. Every state on it is one in which the machine
    /// may be trapped, and where there is a way to one from which nobody comes to an end, it goes there.
    fn lasso(&self, pair: usize) -> (Vec<usize>, Vec<usize>) {
        let states = &self.new.automaton.states;
        let endless = |state: usize| states[state].trapped && states[state].outcomes.is_clear();
        let mut search = BreadthFirst::new(self.trapped(pair));
        let mut nearest = None;
        while let Some((number, state)) = search.next_node() {
            if endless(state) {
                nearest = Some((number, state));
                break;
            }
            self.next_trapped(state).into_iter().for_each(|(label, to)| {
                search.reach(number, label, to);
            });
        }
        let (way, mut state): (Vec<Option<usize>>, usize) = match nearest {
            Some((number, state)) => (search.path_to(number).into_iter().copied().collect(), state),
            None => match self.trapped(pair).first() {
                Some(state) => (Vec::new(), *state),
                None => return (Vec::new(), Vec::new()),
            },
        };
        let (before, mut known) = (way.len(), vec![state]);
        let mut steps: Vec<Option<usize>> = way;
        while let Some((label, to)) = self.next_trapped(state).into_iter().next() {
            steps.push(label);
            if let Some(start) = known.iter().position(|known| *known == to) {
                let round = steps.split_off(before + start);
                return self.as_seen(steps, round);
            }
            known.push(to);
            state = to;
        }
        self.as_seen(steps, Vec::new())
    }

    /// Returns the steps from one state in which the new machine may be trapped to the next: what a client is shown, if
    /// anything, and the state. A client that asks is shown the answer to its next query.
    fn next_trapped(&self, state: usize) -> Vec<(Option<usize>, usize)> {
        let states = &self.new.automaton.states;
        let next = states[state].events.iter().filter(|(_, to)| states[*to].trapped);
        let seen = |(label, to): &(usize, usize)| match self.class.channel {
            Channel::Events => (Some(*label), *to),
            Channel::Poll => {
                let told = states[*to].asked.iter().find(|(_, told)| states[*told].trapped);
                told.map_or((None, *to), |(status, told)| (Some(self.names.event(*status)), *told))
            }
        };
        next.map(seen).collect()
    }

    /// A way and a round as a client sees them. One that asks sees nothing of a round that shows one status.
    fn as_seen(&self, way: Vec<Option<usize>>, round: Vec<Option<usize>>) -> (Vec<usize>, Vec<usize>) {
        let seen = |steps: Vec<Option<usize>>| steps.into_iter().flatten().collect::<Vec<usize>>();
        let (mut way, mut round) = (seen(way), seen(round));
        if self.class.channel == Channel::Poll {
            if round.iter().all(|label| *label == round[0]) {
                way.append(&mut round);
            }
            way.dedup();
            round.dedup();
        }
        (way, round)
    }
}
