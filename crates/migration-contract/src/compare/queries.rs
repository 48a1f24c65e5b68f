//! What rules ask of a walk and of a difference that it found, so that a rule is a sentence and not a search.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use super::everywhere::InStatus;
use super::indexed_state::IndexedState;
use super::view::{View, ViewState};
use super::walk::{Difference, Kind, Walk, outcomes};
use crate::public::{Label, Reply};
use migration_table::model::Channel;
use migration_table::search;

impl Walk<'_> {
    /// The new output of a difference, if it does not come right after a success: else it is an effect of the command.
    pub(super) fn output_by_itself(&self, difference: &Difference) -> Option<usize> {
        let Kind::Output(label) = difference.kind else { return None };
        let last = self.last_label(difference.pair).and_then(|label| self.names.answer(label));
        let is_effect = matches!(last, Some((_, true)));
        (!is_effect).then_some(label)
    }

    /// The status that an output shows.
    pub(super) fn shown(&self, label: usize) -> &str {
        self.names.shown(label).map_or("", |status| self.names.status(status))
    }

    /// The status that a client saw last, or the one that the old machine began with.
    pub(super) fn shown_before(&self, pair: usize) -> &str {
        self.status_before(pair).map_or("", |status| self.names.status(status))
    }

    /// The number of the same status.
    fn status_before(&self, pair: usize) -> Option<usize> {
        self.last_seen(pair).or_else(|| self.old.automaton.states[0].shows.first().copied())
    }

    /// Returns who sends a command at a pair. The machine may have left the status that a client saw which asks.
    pub(super) fn sender(&self, pair: usize, command: &str) -> String {
        let status = self.shown_before(pair);
        match self.class.channel {
            Channel::Events => format!("a client that sends `{command}` in `{status}`"),
            Channel::Poll => format!("a client that was last shown `{status}` and sends `{command}`"),
        }
    }

    /// Whether both machines show the status that a client saw last: they may have left it unseen, or the old one never came
    /// there, behind an assumed step.
    pub(super) fn is_in_status(&self, pair: usize) -> bool {
        let (new, old) = (self.new_seen(pair), self.old_seen(pair));
        let shows = |view: &View<'_>, seen: &ViewState| {
            let status = self.status_before(pair);
            let mut members = seen.members.ones().map(|member| &view.automaton.states[member]);
            members.any(|state| status.is_some_and(|status| state.shows.contains(&status)))
        };
        self.class.channel == Channel::Events && shows(&self.new, new) && shows(&self.old, old)
    }

    /// What the old side does wherever it shows the status that was seen last.
    pub(super) fn old_everywhere(&self, pair: usize) -> &InStatus {
        self.old.automaton.everywhere.in_status(self.status_before(pair).unwrap_or_default())
    }

    /// The same of the new side.
    pub(super) fn new_everywhere(&self, pair: usize) -> &InStatus {
        self.new.automaton.everywhere.in_status(self.status_before(pair).unwrap_or_default())
    }

    /// Whether a side can refuse the command somewhere where it shows a status.
    pub(super) fn is_refused_in(&self, side: &InStatus, command: &str) -> bool {
        self.names.command_id(command).is_some_and(|command| side.refused.contains(&command))
    }

    /// Whether a side can answer the command with success somewhere where it shows a status.
    pub(super) fn succeeds_in(&self, side: &InStatus, command: &str) -> bool {
        self.names.command_id(command).is_some_and(|command| side.succeeds.contains(&command))
    }

    /// Whether the old side, right after what came last on the way to a pair, can anywhere answer a command like that.
    pub(super) fn was_answered_after(&self, pair: usize, command: &str, is_success: bool) -> bool {
        let is_it = |label: usize| self.names.reply(label) == Some((command, is_success));
        self.old_after_last(pair).any(|state| state.replies.iter().any(|(label, _)| is_it(*label)))
    }

    /// Whether the old side, right after what came last on the way to a pair, can anywhere tell a client that asks this.
    pub(super) fn was_asked_after(&self, pair: usize, status: usize) -> bool {
        self.old_after_last(pair).any(|state| state.after_query(status).is_some())
    }

    /// The states of the old side right behind what came last on the way to a pair.
    fn old_after_last(&self, pair: usize) -> impl Iterator<Item = &IndexedState> {
        let (last, states) = (self.last_label(pair), &self.old.automaton.states);
        let edges = states.iter().flat_map(|state| state.events.iter().chain(&state.replies));
        edges.filter(move |(label, _)| Some(*label) == last).map(|(_, to)| &states[*to])
    }

    /// What came last on the way to a pair, for people: `` `migrate` succeeded ``, `` `setup` ``; `None` at the beginning.
    pub(super) fn right_after(&self, pair: usize) -> Option<String> {
        let label = self.last_label(pair)?;
        Some(match self.names.reply(label) {
            Some((command, true)) => format!("`{command}` succeeded"),
            Some((command, false)) => format!("`{command}` was refused"),
            None => format!("`{}`", self.shown(label)),
        })
    }

    /// The command or the status that came last on the way to a pair.
    pub(super) fn named_after(&self, pair: usize) -> Option<&str> {
        let label = self.last_label(pair)?;
        Some(self.names.reply(label).map_or_else(|| self.shown(label), |(command, _)| command))
    }

    /// The statuses of which the old side showed one first at a pair, in words.
    pub(super) fn shown_first(&self, pair: usize) -> String {
        let outputs = &self.old_seen(pair).outputs;
        let first: BTreeSet<String> = outputs.iter().map(|(label, _)| format!("`{}`", self.shown(*label))).collect();
        first.into_iter().collect::<Vec<_>>().join(" or ")
    }

    /// Whether the old side may refuse a command at a pair.
    pub(super) fn was_refused(&self, pair: usize, command: &str) -> bool {
        let replies = &self.old_seen(pair).replies;
        replies.iter().any(|(label, _)| self.names.reply(*label) == Some((command, false)))
    }

    /// The classes of errors with which the new side may refuse a command at a pair, and the old side does not.
    pub(super) fn new_classes(&self, pair: usize, command: &str) -> Vec<&str> {
        let old = &self.old_seen(pair).replies;
        let is_new = |label: &usize| !old.iter().any(|(known, _)| known == label);
        let labels = self.new_seen(pair).replies.iter().map(|(label, _)| *label).filter(is_new);
        let class = |label: usize| match self.names.label(label) {
            Label::Reply(name, Reply::Error(class)) if name == command => Some(class.as_str()),
            Label::Reply(..) | Label::Event(_) => None,
        };
        labels.filter_map(class).collect()
    }

    /// Whether a status is the one that a client saw last, or, if it has seen none, the one that the old machine began with.
    pub(super) fn is_shown_before(&self, pair: usize, status: usize) -> bool {
        self.last_seen(pair).map_or_else(|| self.old.automaton.states[0].shows.contains(&status), |last| last == status)
    }

    /// Whether a difference comes only from what a refusal told a client. The old side could refuse the command in some of
    /// the states in which it might be, and the new side always refuses it. That is told by itself. Without the refusal,
    /// the old side could do the same as the new one, so the difference is no other finding.
    pub(super) fn is_told_by_a_refusal(&self, difference: &Difference) -> bool {
        let mut at = difference.pair;
        while let Some((before, label)) = self.last_step(at) {
            let Some((command, false)) = self.names.reply(label) else { return false };
            let rejected = Difference { pair: before, kind: Kind::Rejected(command.to_owned()) };
            let old = self.old_seen(before);
            let succeeds =
                |command: &str| old.replies.iter().any(|(label, _)| self.names.reply(*label) == Some((command, true)));
            let could = match &difference.kind {
                Kind::Output(label) => old.output(*label).is_some(),
                Kind::Rest => old.rests,
                Kind::MayBeRejected(command) => self.was_refused(before, command),
                Kind::Accepted(command) => succeeds(command),
                Kind::Trapped | Kind::Rejected(_) | Kind::Early(_) => false,
                Kind::OtherError(_) | Kind::Lost(_) | Kind::OutcomeLost(_) => false,
            };
            if could && self.has(&rejected) {
                return true;
            }
            at = before;
        }
        false
    }

    /// Whether a new output follows an answer that the old side did not give there yet, and was new before the answer as well.
    pub(super) fn was_found_before(&self, difference: &Difference) -> bool {
        let assumed = self.pairs[difference.pair].is_assumed.then(|| self.last_step(difference.pair)).flatten();
        let answered = assumed.filter(|(_, label)| self.names.answer(*label).is_some());
        answered.is_some_and(|(pair, _)| self.has(&Difference { pair, kind: difference.kind.clone() }))
    }

    /// Whether a client that asks can be shown a status only once the machine has shown another one that is new at the same
    /// pair: it may miss that one, which is told.
    pub(super) fn comes_behind_another(&self, pair: usize, label: usize) -> bool {
        let (new, old, states) = (self.new_seen(pair), self.old_seen(pair), &self.new.automaton.states);
        let (Channel::Poll, Some(last)) = (self.class.channel, new.last) else { return false };
        let shows =
            |state: usize, status: Option<usize>| status.is_some_and(|it| states[state].after_query(it).is_some());
        let others = new.outputs.iter().filter(|(other, _)| *other != label && old.output(*other).is_none());
        let others: Vec<Option<usize>> = others.map(|(other, _)| self.names.shown(*other)).collect();
        let here = new.members.ones().filter(|state| shows(*state, Some(last)));
        let next = |state: &usize| {
            let is_told = others.iter().any(|other| shows(*state, *other));
            let events = if is_told { &[] } else { states[*state].events.as_slice() };
            events.iter().map(|(_, to)| *to)
        };
        !search::reachable(here, next).into_iter().any(|state| shows(state, self.names.shown(label)))
    }

    /// The status that a client which asks is shown behind a refusal, if that is what differs for it, and if what it was sent
    /// that sees every event is the refusal itself.
    pub(super) fn shown_behind_a_refusal(&self, asked: &Difference, sent: &Difference) -> Option<&str> {
        let (Kind::Output(label), Kind::MayBeRejected(command)) = (&asked.kind, &sent.kind) else { return None };
        let is_refusal = |label: &usize| self.names.reply(*label) == Some((command, false));
        let is_asked = self.class.channel == Channel::Poll && self.labels(asked.pair).iter().any(is_refusal);
        is_asked.then(|| self.shown(*label))
    }

    /// Whether a difference is a status that the old side does not know.
    pub(super) fn is_unknown(&self, difference: &Difference) -> bool {
        let Kind::Output(label) = difference.kind else { return false };
        self.names.shown(label).is_some_and(|status| !self.names.is_known(status))
    }

    /// Whether a client that asks, and sees no other difference before, can be shown a status that the old side does not
    /// know. Pairs before this one do not count.
    pub(super) fn is_shown_unknown(&self, first: usize) -> bool {
        let exact = (first..self.pairs.len()).filter(|pair| self.pairs[*pair].assumed == 0);
        exact.into_iter().any(|pair| !self.unknown_at(pair).is_empty())
    }

    /// Whether the old machine published an event before it answered the command that came last on the way to a pair. That the
    /// answer comes first now is a finding of its own.
    pub(super) fn came_first(&self, pair: usize, event: usize) -> bool {
        let Some((before, reply)) = self.last_step(pair) else { return false };
        let is_first = || self.was_about_to_show(before) && self.old_seen(before).output(event).is_some();
        self.names.answer(reply).is_some() && is_first()
    }

    /// The statuses that the new machine may show at a pair and the old side does not know.
    pub(super) fn unknown_at(&self, pair: usize) -> Vec<usize> {
        let members = self.new_seen(pair).members.ones();
        let shows = members.flat_map(|state| &self.new.automaton.states[state].asked);
        shows.map(|(status, _)| *status).filter(|status| !self.names.is_known(*status)).collect()
    }

    /// Whether a client that fails at what it does not know has failed before it comes to a pair.
    pub(super) fn is_beyond_unknown(&self, pair: usize) -> bool {
        self.last_seen(pair).is_some_and(|status| !self.names.is_known(status))
    }

    /// Whether the old machine is at rest and its attempt is over: nothing follows without a command.
    pub(super) fn was_over(&self, pair: usize) -> bool {
        let old = self.old_seen(pair);
        old.rests && old.outputs.is_empty() && old.members.ones().all(|state| self.old.automaton.states[state].ends)
    }

    /// Whether the attempt can be over right after a new output.
    pub(super) fn ends_after(&self, pair: usize, label: usize) -> bool {
        let Some(to) = self.new_seen(pair).output(label) else { return false };
        self.new.known(to).members.ones().any(|state| self.new.automaton.states[state].ends)
    }

    /// The statuses with which the attempt could end on the old side without a further command.
    pub(super) fn old_outcomes(&self, pair: usize) -> FixedBitSet {
        outcomes(&self.old, self.old_seen(pair), self.names)
    }

    /// What always came first on the old side before it could show this, without a command between.
    pub(super) fn left_out(&self, pair: usize, label: usize) -> Option<usize> {
        let old = self.old_seen(pair);
        let firsts: Vec<usize> = old.outputs.iter().map(|(first, _)| *first).collect();
        self.shows_without(old.members.ones(), label, None).then_some(())?;
        firsts.into_iter().find(|first| !self.shows_without(old.members.ones(), label, Some(*first)))
    }

    /// Whether the old side always showed an event before another one, wherever it showed the status that was seen last.
    pub(super) fn always_came_first(&self, pair: usize, first: usize, label: usize) -> bool {
        let before = self.status_before(pair);
        let states = self.old.automaton.states.iter().enumerate();
        let alike = states.filter(|(_, state)| before.is_some_and(|status| state.shows.contains(&status)));
        !self.shows_without(alike.map(|(at, _)| at), label, Some(first))
    }

    /// Whether the old side, wherever it shows the status of an event, can show that of another one later, without a command
    /// between.
    pub(super) fn came_before(&self, first: usize, then: usize) -> bool {
        let (Some(first), Some(then)) = (self.names.shown(first), self.names.shown(then)) else { return false };
        self.old.automaton.everywhere.in_status(first).later.contains(&then)
    }

    /// Whether the old machine can come to an event without a command and without another event.
    fn shows_without(&self, from: impl Iterator<Item = usize>, label: usize, without: Option<usize>) -> bool {
        let events = |state: usize| {
            self.old.automaton.states[state].events.iter().filter(move |(event, _)| Some(*event) != without)
        };
        let reached = search::reachable(from, |state| events(*state).map(|(_, to)| *to));
        reached.into_iter().any(|state| events(state).any(|(event, _)| *event == label))
    }

    /// The states in which the new machine may rest.
    pub(super) fn resting(&self, pair: usize) -> Vec<usize> {
        let new = self.new_seen(pair);
        new.members.ones().filter(|state| self.new.rests(*state, new.last)).collect()
    }

    /// Whether a client that asks was always shown something before, as nothing that it saw last can be shown once more.
    pub(super) fn asks_anew(&self, pair: usize) -> bool {
        self.class.channel == Channel::Poll && self.old_seen(pair).last.is_none()
    }

    /// The states in which the new machine may be trapped.
    pub(super) fn trapped(&self, pair: usize) -> Vec<usize> {
        self.new_seen(pair).members.ones().filter(|state| self.new.automaton.states[*state].trapped).collect()
    }

    /// Whether an attempt of the old machine may never end wherever it shows this status.
    pub(super) fn was_trapped_in(&self, status: &str) -> bool {
        let statuses = (0..self.names.statuses()).filter(|known| self.names.status(*known) == status);
        statuses.into_iter().any(|status| self.old.automaton.everywhere.in_status(status).may_be_trapped)
    }

    /// The status that the new machine shows in a state.
    pub(super) fn status_of(&self, state: usize) -> String {
        let shows = self.new.automaton.states[state].shows.first();
        shows.map_or_else(String::new, |status| self.names.status(*status).to_string())
    }

    /// Whether nothing changes when a command succeeds on the new side.
    pub(super) fn does_nothing(&self, pair: usize, command: &str) -> bool {
        let here = self.pairs[pair].new;
        let replies = &self.new_seen(pair).replies;
        replies.iter().any(|(label, to)| self.names.reply(*label) == Some((command, true)) && *to == here)
    }
}
