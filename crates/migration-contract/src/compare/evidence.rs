//! A difference as a sequence that shows it, and what could follow on either side.

use fixedbitset::FixedBitSet;

use super::report::Step;
use super::view::ViewState;
use super::walk::{Difference, Kind, Walk};
use crate::public::{Label, Reply};
use migration_table::Span;

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
            }
            Kind::Lost(label) => steps.push(step(walk, *label)),
            Kind::Rest => steps.push(Step { label: None, assumed: false }),
            Kind::Trapped => {
                let (way, round) = walk.lasso(difference.pair);
                repeated = round.len();
                steps.extend(way.iter().chain(&round).map(|label| step(walk, *label)));
                if repeated == 0 {
                    steps.push(Step { label: None, assumed: false });
                }
            }
            Kind::OutcomeLost(_) => {
                before = outcomes(walk, &walk.old_outcomes(difference.pair));
                now = outcomes(walk, &walk.new_outcomes(difference.pair));
            }
            Kind::Rejected(command)
            | Kind::MayBeRejected(command)
            | Kind::OtherError(command)
            | Kind::Accepted(command) => {
                (before, now) = (replies(walk, old, command), replies(walk, new, command));
                let label = shown_by(walk, difference, command);
                steps.extend(label.map(|label| step(walk, label)));
                // What answers the command now is what is to be looked at, whether or not the evidence shows it.
                let answers = new.replies.iter().map(|(label, _)| *label);
                let answers = answers.filter(|label| walk.names.reply(*label).is_some_and(|(name, _)| name == command));
                place = answers.flat_map(|label| walk.new.automaton.places(walk.names, &new.members, label)).min();
            }
        }
        Evidence { steps, repeated, before, now, place }
    }
}

/// The reply that shows a difference in how a command is answered: one that only one side gives.
fn shown_by(walk: &Walk<'_>, difference: &Difference, command: &str) -> Option<usize> {
    let (new, old) = (walk.new_seen(difference.pair), walk.old_seen(difference.pair));
    let success = |seen: &ViewState| {
        let mut labels = seen.replies.iter().map(|(label, _)| *label);
        labels.find(|label| walk.names.reply(*label) == Some((command, true)))
    };
    match difference.kind {
        Kind::Rejected(_) => success(old),
        Kind::Accepted(_) => success(new),
        Kind::MayBeRejected(_) | Kind::OtherError(_) => {
            let of_command = |label: &usize| walk.names.reply(*label).is_some_and(|(name, _)| name == command);
            let mut labels = new.replies.iter().map(|(label, _)| *label).filter(of_command);
            labels.find(|label| old.reply(*label).is_none())
        }
        Kind::Output(_) | Kind::Rest | Kind::Trapped | Kind::Lost(_) | Kind::OutcomeLost(_) => None,
    }
}

fn step(walk: &Walk<'_>, label: usize) -> Step {
    Step { label: Some(walk.names.label(label).clone()), assumed: false }
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

    /// The way that the new machine can go for ever where it is trapped: events that lead into a round, and the round,
    /// which is empty if the machine shows nothing more.
    fn lasso(&self, pair: usize) -> (Vec<usize>, Vec<usize>) {
        let Some(mut state) = self.trapped(pair).first().copied() else { return (Vec::new(), Vec::new()) };
        let (mut way, mut states) = (Vec::new(), vec![state]);
        while let Some((label, to)) = self.new.automaton.states[state].events.first() {
            way.push(*label);
            if let Some(start) = states.iter().position(|known| known == to) {
                let round = way.split_off(start);
                return (way, round);
            }
            states.push(*to);
            state = *to;
        }
        (way, Vec::new())
    }
}
