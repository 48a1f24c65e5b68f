//! What is behind a difference that a client sees which asks: the event or the reply that differs.
//!
//! A client that may miss any step sees one change of the events as many: the new status after every status that may
//! have been the last one seen. So the run behind what it sees is looked up, and the finding is that of a client which
//! is sent every event on the same run. What no such client can tell apart, nobody can.

use super::indexed::Indexed;
use super::names::Names;
use super::observer::ObserverClass;
use super::walk::{Difference, Kind, Walk};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Repeat, Unknown};
use migration_table::search::BreadthFirst;

/// The differences of the walk over all events that may be behind one of the walk of a client that asks, the likeliest first.
///
/// # Errors
///
/// When a view gets too large.
pub(super) fn causes(
    sampled: &Walk<'_>,
    difference: &Difference,
    sent: &mut Walk<'_>,
) -> Result<Vec<Difference>, TooLarge> {
    let mut samples: Vec<usize> = sampled.labels(difference.pair);
    let side = match difference.kind {
        Kind::Output(label) => {
            samples.push(label);
            sampled.new.automaton
        }
        Kind::Rest | Kind::Trapped | Kind::MayBeRejected(_) => sampled.new.automaton,
        Kind::Rejected(_) => sampled.old.automaton,
        Kind::Accepted(_) | Kind::OtherError(_) | Kind::Early(_) | Kind::Lost(_) | Kind::OutcomeLost(_) => {
            return Ok(Vec::new());
        }
    };
    let Some(run) = run_behind(side, sampled.names, sampled.class, &samples, &difference.kind) else {
        return Ok(Vec::new());
    };
    let mut differences = differences(sent, &run, &difference.kind)?;
    let is_first = sampled.pairs[difference.pair].assumed == 0;
    // That something on the way is new to others says nothing of a wait that is new.
    let is_wait = |it: &Difference| matches!(it.kind, Kind::Rest | Kind::Trapped);
    if is_wait(difference) && is_first {
        differences.sort_by_key(|it| !is_wait(it));
    }
    if differences.iter().any(|difference| !sent.is_unknown(difference)) {
        differences.retain(|difference| !sent.is_unknown(difference));
    }
    Ok(if is_first { differences } else { differences.pop().into_iter().collect() })
}

/// The shortest run of the machine behind these samples and replies, at whose end the difference can be.
fn run_behind(
    side: &Indexed<'_>,
    names: &Names,
    class: ObserverClass,
    samples: &[usize],
    kind: &Kind,
) -> Option<Vec<usize>> {
    let is_there = |state: usize| {
        let state = &side.states[state];
        let answers = |command: &str, success: bool| {
            state.replies.iter().any(|(label, _)| names.reply(*label) == Some((command, success)))
        };
        match kind {
            Kind::Rest => state.rests,
            Kind::Trapped => state.trapped,
            Kind::MayBeRejected(command) => answers(command, false),
            Kind::Rejected(command) => answers(command, true),
            Kind::Output(_)
            | Kind::Accepted(_)
            | Kind::OtherError(_)
            | Kind::Early(_)
            | Kind::Lost(_)
            | Kind::OutcomeLost(_) => true,
        }
    };
    // Where a status stays unseen for ever, nothing more comes; else the last one seen is the one that is shown.
    let last = samples.iter().rev().find_map(|label| names.shown(*label));
    let shows_last = |state: usize| {
        let passed_over = |status: &usize| class.unknown == Unknown::Skip && !names.is_known(*status);
        !matches!(kind, Kind::Rest)
            || side.states[state].resting.iter().any(|status| Some(*status) == last || passed_over(status))
    };
    let mut search = BreadthFirst::new([(0, 0)]);
    while let Some((number, (state, done))) = search.next_node() {
        if done == samples.len() && is_there(state) && shows_last(state) {
            return Some(search.path_to(number).into_iter().copied().flatten().collect());
        }
        for (place, label) in steps(side, names, class, samples, (state, done)) {
            search.reach(number, label, place);
        }
    }
    None
}

/// What can happen at a place, and the label if it is a step of the machine.
fn steps(
    side: &Indexed<'_>,
    names: &Names,
    class: ObserverClass,
    samples: &[usize],
    at: Position,
) -> Vec<(Position, Option<usize>)> {
    let (state, done) = at;
    let here = &side.states[state];
    let last = samples[..done].iter().rev().find_map(|label| names.shown(*label));
    let is_silent = |event: usize| match class.channel {
        Channel::Poll => true,
        Channel::Events => names.shown(event).is_some_and(|status| {
            class.repeat == Repeat::Skip && last == Some(status)
                || class.unknown == Unknown::Skip && !names.is_known(status)
        }),
    };
    let mut next = Vec::new();
    if let Some(sample) = samples.get(done) {
        let replies = here.replies.iter().filter(|(reply, _)| reply == sample);
        next.extend(replies.map(|(label, to)| ((*to, done + 1), Some(*label))));
        match class.channel {
            Channel::Poll => {
                let told = names.shown(*sample).and_then(|status| here.after_query(status));
                next.extend(told.map(|to| ((to, done + 1), None)));
            }
            Channel::Events => {
                let events = here.events.iter().filter(|(event, _)| event == sample && !is_silent(*event));
                next.extend(events.map(|(label, to)| ((*to, done + 1), Some(*label))));
            }
        }
    }
    let silent = here.events.iter().filter(|(event, _)| is_silent(*event));
    next.extend(silent.map(|(label, to)| ((*to, done), Some(*label))));
    next
}

/// A state of the machine, and how many samples and replies have been seen.
type Position = (usize, usize);

/// The differences on a run, in the eyes of a client that is sent every event, in their order; with that at its end.
fn differences(sent: &mut Walk<'_>, run: &[usize], kind: &Kind) -> Result<Vec<Difference>, TooLarge> {
    let mut found = Vec::new();
    let (mut new, mut old) = (0, 0);
    for label in run.iter().copied() {
        let shown = sent.names.shown(label);
        if shown.is_some_and(|status| sent.class.unknown == Unknown::Skip && !sent.names.is_known(status)) {
            continue;
        }
        let Some(new_to) = sent.new.seen(new)?.after(label) else { return Ok(found) };
        let old_to = sent.old.seen(old)?.after(label).or_else(|| after_another_error(sent, old, label));
        if old_to.is_none() {
            let kinds = match sent.names.reply(label) {
                None => vec![Kind::Output(label)],
                Some((command, true)) => vec![Kind::Early(command.to_string()), Kind::Accepted(command.to_string())],
                Some((command, false)) => refusals(command),
            };
            found.extend(there(sent, (new, old), kinds));
        }
        old = match (old_to, shown) {
            (Some(to), _) => to,
            (None, Some(status)) => sent.old.anywhere(status).unwrap_or_else(|| sent.old.stay(old, status)),
            (None, None) => return Ok(found),
        };
        new = new_to;
    }
    // What may fail in the eyes of a client that does not know where the machine is, fails always where it is.
    let kinds = match kind {
        Kind::Rejected(command) | Kind::MayBeRejected(command) => refusals(command),
        // Where it stays for ever there is no end either.
        Kind::Trapped => vec![Kind::Trapped, Kind::Rest],
        Kind::Output(_)
        | Kind::Rest
        | Kind::OtherError(_)
        | Kind::Accepted(_)
        | Kind::Early(_)
        | Kind::Lost(_)
        | Kind::OutcomeLost(_) => vec![kind.clone()],
    };
    found.extend(there(sent, (new, old), kinds));
    if found.is_empty() && matches!(kind, Kind::Output(_)) {
        found.extend(early(sent, (new, old)));
    }
    Ok(found)
}

/// What a client that is sent events finds where the new side answers and the old one was about to show something.
fn early(sent: &Walk<'_>, (new, old): (usize, usize)) -> Option<Difference> {
    let pair = sent.pair(new, old).filter(|pair| sent.was_about_to_show(*pair))?;
    let mut here = sent.differences.iter().filter(|difference| difference.pair == pair);
    here.find(|difference| matches!(difference.kind, Kind::Early(_) | Kind::MayBeRejected(_))).cloned()
}

/// Where the old side is after an error of another class, for one that it does not give.
fn after_another_error(sent: &mut Walk<'_>, old: usize, label: usize) -> Option<usize> {
    let (command, _) = sent.names.answer(label).filter(|(_, success)| !success)?;
    let replies = &sent.old.known(old).replies;
    let errors = replies.iter().filter(|(label, _)| sent.names.answer(*label) == Some((command, false)));
    let errors: Vec<usize> = errors.map(|(_, to)| *to).collect();
    sent.old.any_of(&errors)
}

/// What a refusal can be that the old side did not give.
fn refusals(command: &str) -> Vec<Kind> {
    vec![Kind::MayBeRejected(command.to_string()), Kind::Rejected(command.to_string())]
}

/// Those of these differences that the walk has found in two states.
fn there(sent: &Walk<'_>, (new, old): (usize, usize), kinds: Vec<Kind>) -> Vec<Difference> {
    let Some(pair) = sent.pair(new, old) else { return Vec::new() };
    let differences = kinds.into_iter().map(|kind| Difference { pair, kind });
    differences.filter(|difference| sent.has(difference)).collect()
}
