//! The evidence of a finding, replayed by simulated clients.

use super::clients::{Client, Kind, SUCCESS, Seen};
use super::plain::{Side, Word, Words};
use crate::compare::{Change, Step};
use crate::public::{Label, Reply};

/// Whether a finding lists what could come next, and not how an attempt can end.
pub(super) fn has_lists(change: &Change) -> bool {
    let is_about_ends = ["progress-lost", "outcome-lost"].contains(&change.rule);
    !(is_about_ends || change.before.is_empty() && change.now.is_empty())
}

/// Whether a client sees the evidence on the one side and not on the other.
pub(super) fn is_shown(change: &Change, client: Client<'_>, (new, old): (&Side, &Side), steps: &[Seen]) -> bool {
    let shows = if change.rule == "progress-lost" {
        goes_on(client, new, old, steps, change.repeated)
    } else {
        [client.after(new, steps).is_some(), client.after(old, steps).is_some()]
    };
    shows == showing(change)
}

/// Whether the new side, and whether the old one, can show the evidence of a finding. That of a command which could be
/// refused before, and now always is, ends with what succeeded.
pub(super) fn showing(change: &Change) -> [bool; 2] {
    let succeeds = matches!(change.evidence.last(), Some(Step { label: Some(Label::Reply(_, Reply::Success)), .. }));
    let is_of_old = change.rule == "command-rejected" && succeeds;
    [!is_of_old, is_of_old]
}

/// Whether a finding tells a difference that a client sees after so many steps: its evidence is no longer, and ends with
/// what differs, or with what has changed places with it.
pub(super) fn tells(change: &Change, (kind, what): (Kind, Seen), length: usize, words: &Words) -> bool {
    let last: Vec<Seen> = change.evidence.iter().rev().take(2).map(|step| seen(step, words)).collect();
    let is_short = change.evidence.len() <= length;
    let ends_with = |what: &Seen| is_short && last.first() == Some(what);
    match (kind, what) {
        (Kind::Reason, _) => change.rule.starts_with("reason-"),
        // That an attempt may never end takes a way and a round to show, and nothing if the machine stays where it is.
        (Kind::Endless, _) => change.rule == "progress-lost" || ends_with(&Seen::Nothing),
        (_, Seen::Reply(of, _)) => {
            let is_answer = |last: &Seen| matches!(last, Seen::Reply(command, _) if *command == of);
            is_short && last.first().is_some_and(is_answer)
        }
        (_, Seen::Nothing) => ends_with(&what) && change.rule != "progress-lost",
        (_, Seen::Status(_)) => is_short && last.contains(&what),
    }
}

/// Whether each side can go on for ever without an end: behind the way, and, for the new side, round after round.
fn goes_on(client: Client<'_>, new: &Side, old: &Side, steps: &[Seen], repeated: usize) -> [bool; 2] {
    let (way, round) = steps.split_at(steps.len() - repeated);
    let way = way.strip_suffix(&[Seen::Nothing]).unwrap_or(way);
    let rounds: Vec<Seen> = way.iter().chain(round.iter().cycle().take(3 * round.len())).copied().collect();
    let trapped = |steps: &[Seen]| -> Vec<Option<Word>> {
        let set = client.after(new, steps).map(|(set, _)| set).unwrap_or_default();
        set.iter().map(|at| new.node(*at)).filter(|node| node.is_trapped).map(|node| Some(node.shows)).collect()
    };
    let old_is = client.after(old, way).is_some_and(|(set, _)| {
        let mut shown = trapped(way).into_iter();
        shown.all(|shown| client.may_not_end(old, &set, shown))
    });
    [!trapped(&rounds).is_empty(), old_is]
}

/// What a client sees at a step.
pub(super) fn seen(step: &Step, words: &Words) -> Seen {
    match &step.label {
        None => Seen::Nothing,
        Some(Label::Event(shown)) => Seen::Status(words.shown(shown)),
        Some(Label::Reply(command, Reply::Success)) => Seen::Reply(words.number(command), SUCCESS),
        Some(Label::Reply(command, Reply::Error(class))) => Seen::Reply(words.number(command), words.number(class)),
    }
}
