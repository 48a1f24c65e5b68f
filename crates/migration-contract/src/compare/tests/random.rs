//! Thousands of small random machines: what the comparison says is what counting everything out says.

use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};

use super::brute::{Seen, new_words, refused, seen};
use super::notation::named;
use super::word;
use crate::compare::indexed::Indexed;
use crate::compare::names::Names;
use crate::compare::view::View;
use crate::compare::walk::{Commands, Kind, Walk};
use crate::compare::{Channel, Headline, Level, ObserverClass, Repeat, Step, Unknown, compare, language};
use crate::public::{
    Automaton, AutomatonState, Behaviour, Edge, Label, Public, PublicMachine, Query, Reply, Settings, Shown,
};

const COMMANDS: [&str; 2] = ["go", "stop"];

/// How many pairs of machines each test compares, with every kind of client.
const PAIRS: usize = 400;

/// The words of the longest sequences that are counted out.
const WORDS_MAX: usize = 4;

/// The same where the short ones do not tell: two small machines differ within so many words or not at all.
const WORDS_AT_LAST: usize = 7;

/// A machine of a few states, each of which shows one of these statuses.
fn automaton(dice: &mut Rng, statuses: &[&str]) -> Automaton {
    let count = 2 + dice.usize(..3);
    let shows: Vec<String> = (0..count).map(|_| statuses[dice.usize(..statuses.len())].to_string()).collect();
    let mut states = Vec::new();
    for at in 0..count {
        let mut edges = BTreeMap::new();
        for _ in 0..dice.usize(..3) {
            let to = dice.usize(..count);
            edges.insert(Label::Event(Shown::status(&shows[to])), edge(to));
        }
        // Some states are about to show something and take no command.
        if dice.usize(..4) != 0 {
            for command in COMMANDS {
                let (success, error) = (dice.usize(..count), dice.usize(..count));
                let answer = dice.usize(..4);
                if answer != 0 {
                    edges.insert(Label::Reply(command.into(), Reply::Success), edge(success));
                }
                if answer <= 1 {
                    edges.insert(Label::Reply(command.into(), Reply::Error("Late".into())), edge(error));
                }
            }
        }
        let (rests, ends, trapped) = (dice.usize(..3) == 0, dice.usize(..3) == 0, dice.usize(..6) == 0);
        let (shows, queries) = (BTreeSet::from([Shown::status(&shows[at])]), BTreeMap::new());
        states.push(AutomatonState { shows, rests, ends, trapped, edges, queries });
    }
    Automaton { states }
}

fn edge(to: usize) -> Edge {
    Edge { to, places: Vec::new() }
}

/// The same machine with a small change.
fn changed(dice: &mut Rng, automaton: &Automaton, statuses: &[&str]) -> Automaton {
    let mut new = automaton.clone();
    let other = self::automaton(dice, statuses);
    let (at, count) = (dice.usize(..new.states.len()), new.states.len());
    match dice.usize(..4) {
        0 => new.states[at].rests = !new.states[at].rests,
        1 => {
            new.states[at].edges =
                other.states[0].edges.iter().map(|(label, to)| (label.clone(), edge(to.to % count))).collect()
        }
        2 => {
            let first = new.states[at].edges.keys().next().cloned();
            first.map(|label| new.states[at].edges.remove(&label));
        }
        _ => new.states[at] = AutomatonState { edges: new.states[at].edges.clone(), ..other.states[0].clone() },
    }
    // An event leads to a state that shows its status.
    let shows: Vec<BTreeSet<Shown>> = new.states.iter().map(|state| state.shows.clone()).collect();
    for state in &mut new.states {
        let edges = std::mem::take(&mut state.edges).into_iter().map(|(label, to)| match label {
            Label::Event(_) => (Label::Event(shows[to.to].first().unwrap().clone()), to),
            Label::Reply(..) => (label, to),
        });
        state.edges = edges.collect();
    }
    new
}

fn pairs(count: usize) -> impl Iterator<Item = (Automaton, Automaton)> {
    let mut dice = Rng::with_seed(7);
    (0..count).map(move |_| {
        let old = automaton(&mut dice, &["a", "b", "c"]);
        let statuses: &[&str] = if dice.usize(..2) == 0 { &["a", "b", "c"] } else { &["a", "b", "c", "u"] };
        let new =
            if dice.usize(..3) == 0 { automaton(&mut dice, statuses) } else { changed(&mut dice, &old, statuses) };
        (tidy(new), tidy(old))
    })
}

/// The same machine, in which queries tell something: in some places a client that asks learns that some events cannot
/// come, as the machine is not about to publish them.
fn telling(dice: &mut Rng, mut automaton: Automaton) -> Automaton {
    for at in 0..automaton.states.len() {
        let state = automaton.states[at].clone();
        let is_event = |label: &&Label| matches!(label, Label::Event(_));
        let events = state.edges.keys().filter(is_event).count();
        if dice.bool() || events == 0 || events == state.edges.len() {
            continue;
        }
        let gone: Vec<Label> = state.edges.keys().filter(is_event).filter(|_| dice.bool()).cloned().collect();
        if gone.is_empty() || gone.len() == events && !state.rests {
            continue;
        }
        let (to, rests, shown) = (automaton.states.len(), state.rests, state.shows.first().unwrap().clone());
        let mut told = state;
        gone.iter().for_each(|label| drop(told.edges.remove(label)));
        automaton.states.push(told);
        automaton.states[at].set_query(at, &shown, Query { to, rests });
    }
    automaton
}

fn telling_pairs(count: usize) -> impl Iterator<Item = (Automaton, Automaton)> {
    let mut dice = Rng::with_seed(8);
    pairs(count).map(move |(new, old)| (telling(&mut dice, new), telling(&mut dice, old)))
}

/// The same machine as tables have it: what it shows changes with events only; it answers every command, unless it is
/// about to publish, which it is not for ever; and where nothing can come it rests.
fn tidy(mut automaton: Automaton) -> Automaton {
    let shows: Vec<BTreeSet<Shown>> = automaton.states.iter().map(|state| state.shows.clone()).collect();
    let is_reply = |label: &Label| matches!(label, Label::Reply(..));
    let mut is_about_to: Vec<bool> = Vec::new();
    for (at, state) in automaton.states.iter_mut().enumerate() {
        for (label, edge) in &mut state.edges {
            if is_reply(label) && shows[edge.to] != shows[at] {
                edge.to = at;
            }
        }
        let leads_on = !state.edges.is_empty() && state.edges.values().all(|edge| edge.to > at);
        let publishes = at > 0 && !state.rests && leads_on && !state.edges.keys().any(is_reply);
        // Behind what is published without an answer the machine answers.
        let publishes = publishes && !is_about_to.iter().any(|it| *it);
        is_about_to.push(publishes);
        if publishes {
            continue;
        }
        for command in COMMANDS {
            let reply = |reply| Label::Reply(command.to_string(), reply);
            let (success, refusal) = (reply(Reply::Success), reply(Reply::Error("Late".into())));
            if !state.edges.contains_key(&success) {
                state.edges.entry(refusal).or_insert(edge(at));
            }
        }
        state.rests |= state.edges.keys().all(is_reply);
    }
    automaton
}

fn known() -> BTreeSet<String> {
    ["a", "b", "c"].map(String::from).into()
}

fn classes() -> Vec<ObserverClass> {
    let unknowns = [Unknown::Fail, Unknown::Skip];
    let sent = unknowns.iter().flat_map(|unknown| {
        [Repeat::See, Repeat::Skip].map(|repeat| ObserverClass::new(Channel::Events, *unknown, repeat))
    });
    sent.chain(unknowns.map(|unknown| ObserverClass::new(Channel::Poll, unknown, Repeat::Skip))).collect()
}

#[test]
fn headlines_are_what_counting_out_says() {
    let mut seen_headlines: BTreeMap<(Headline, ObserverClass), usize> = BTreeMap::new();
    for (new, old) in pairs(PAIRS / 8).chain(telling_pairs(PAIRS / 8)) {
        for class in classes() {
            let names = Names::new([&new, &old].into_iter(), &known());
            let (new_side, old_side) = (Indexed::new(&new, &names), Indexed::new(&old, &names));
            let (mut new_view, mut old_view) =
                (View::new(&new_side, &names, class), View::new(&old_side, &names, class));
            let headline = language::relate(&mut new_view, &mut old_view, Headline::Identical).unwrap();
            let counted = |most: usize| {
                let [new, old] = [&new, &old].map(|side| seen(side, class, &known(), most));
                Headline::of(!new.is_subset(&old), !old.is_subset(&new))
            };
            // What short sequences show, longer ones show as well; only what they do not show may need longer ones.
            let mut most = WORDS_MAX;
            while most < WORDS_AT_LAST && counted(most) != headline {
                most += 1;
            }
            let counted = counted(most);
            assert_eq!(headline, counted, "{class:?}\n{new:?}\n{old:?}");
            *seen_headlines.entry((headline, class)).or_default() += 1;
        }
    }
    assert_eq!(
        seen_headlines.len(),
        4 * classes().len(),
        "every headline comes up for every class: {seen_headlines:?}"
    );
}

/// What a walk found without assuming anything: words with the length of the nearest, and commands with theirs.
fn walked(walk: &Walk<'_>) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut words, mut commands): (BTreeMap<String, usize>, BTreeMap<String, usize>) = Default::default();
    let note = |into: &mut BTreeMap<String, usize>, word: String, length: usize| {
        let known = into.entry(word).or_insert(length);
        *known = (*known).min(length);
    };
    for difference in walk.differences.iter().filter(|difference| walk.pairs[difference.pair].assumed == 0) {
        let length = walk.pairs[difference.pair].length;
        match &difference.kind {
            Kind::Output(label) => note(&mut words, format!("!{}", walk.shown(*label)), length + 1),
            Kind::Rest => note(&mut words, "~".into(), length + 1),
            Kind::Rejected(command) | Kind::MayBeRejected(command) | Kind::Early(command) => {
                note(&mut commands, command.clone(), length)
            }
            Kind::Trapped | Kind::OtherError(_) | Kind::Accepted(_) | Kind::Lost(_) | Kind::OutcomeLost(_) => {}
        }
    }
    words.retain(|_, length| *length <= WORDS_MAX);
    commands.retain(|_, length| *length < WORDS_MAX);
    (words, commands)
}

#[test]
fn differences_and_their_lengths_are_what_counting_out_says() {
    let commands: Commands = COMMANDS.map(String::from).into();
    let (mut outputs, mut refusals) = (0, 0);
    for (new, old) in pairs(PAIRS) {
        let names = Names::new([&new, &old].into_iter(), &known());
        let (new_side, old_side) = (Indexed::new(&new, &names), Indexed::new(&old, &names));
        // Other clients do not see every event: the simulator of clients plays them.
        for class in classes().into_iter().filter(|class| class.knows_where()) {
            let (new_view, old_view) = (View::new(&new_side, &names, class), View::new(&old_side, &names, class));
            let walk = Walk::new(new_view, old_view, &names, class, &commands).unwrap();
            let (words, rejected) = walked(&walk);
            let (new_seen, old_seen) = (seen(&new, class, &known(), WORDS_MAX), seen(&old, class, &known(), WORDS_MAX));
            assert_eq!(words, new_words(&new_seen, &old_seen), "{class:?}\n{new:?}\n{old:?}");
            outputs += words.len();
            let ahead = |so_far: &[String], command: &str| succeeds_ahead(&old, so_far, command);
            let counted = refused(&new_seen, &old_seen, &COMMANDS, &ahead);
            assert_eq!(rejected, counted, "{class:?}\n{new:?}\n{old:?}");
            refusals += rejected.len();
        }
    }
    assert!(outputs > 100 && refusals > 20, "{outputs} {refusals}");
}

/// Whether the old machine, which takes no command after these words, can answer one with success behind what it is about
/// to show.
fn succeeds_ahead(old: &Automaton, so_far: &[String], command: &str) -> bool {
    let mut at = 0;
    for seen in so_far {
        let edges = &old.states[at].edges;
        let (_, edge) = edges.iter().find(|(label, _)| word(label) == *seen).unwrap();
        at = edge.to;
    }
    let (mut reached, mut todo) = (BTreeSet::from([at]), vec![at]);
    while let Some(at) = todo.pop() {
        let edges = &old.states[at].edges;
        if edges.contains_key(&Label::Reply(command.to_string(), Reply::Success)) {
            return true;
        }
        if edges.keys().all(|label| matches!(label, Label::Event(_))) {
            todo.extend(edges.values().map(|edge| edge.to).filter(|to| reached.insert(*to)));
        }
    }
    false
}

fn side(automaton: &Automaton) -> Public {
    let behaviours = vec![Behaviour { under: Settings::always(), automaton: automaton.clone() }];
    let mut public = named(
        Vec::new(),
        vec![PublicMachine { name: "source".into(), settings: Vec::new(), behaviours, changes: Default::default() }],
    );
    for name in known() {
        public.statuses.insert(name, Default::default());
    }
    public.commands = COMMANDS.iter().map(|name| (name.to_string(), Default::default())).collect();
    public
}

#[test]
fn every_verdict_has_a_finding_and_every_finding_a_sequence() {
    let (mut broken, mut shown) = (0, 0);
    for (new, old) in pairs(PAIRS).chain(telling_pairs(PAIRS)) {
        let report = compare(&side(&new), &side(&old)).unwrap();
        for verdict in report.verdicts.iter().filter(|verdict| !verdict.compatible) {
            let told = report.changes.iter().any(|change| change.breaks.contains(&verdict.observer));
            assert!(told, "{verdict:?} {:#?}\n{new:?}\n{old:?}", report.changes);
            broken += 1;
        }
        for change in report.changes.iter().filter(|change| change.evidence.iter().all(|step| !step.assumed)) {
            let words: Option<Seen> = change.evidence.iter().map(step).collect();
            let Some(words) = words.filter(|words| words.len() <= WORDS_MAX && !words.is_empty()) else { continue };
            let replays = ObserverClass::ALL.iter().any(|(_, class)| {
                let sides = [&new, &old].map(|side| seen(side, *class, &known(), WORDS_MAX).contains(&words));
                match change.rule {
                    "command-rejected" => sides[0] != sides[1] && sides[1] == words[words.len() - 1].ends_with('+'),
                    "event-lost-successor" => sides == [false, true],
                    "outcome-lost" => sides == [true, true],
                    "progress-lost" => true,
                    _ => sides == [true, false],
                }
            });
            assert!(replays, "{} {words:?}\n{new:?}\n{old:?}", change.key());
            shown += 1;
        }
    }
    assert!(broken > 100 && shown > 100, "{broken} {shown}");
}

fn step(step: &Step) -> Option<String> {
    Some(step.label.as_ref().map_or_else(|| "~".to_string(), word))
}

#[test]
fn a_client_that_knows_less_can_live_with_more() {
    let mut lived = 0;
    for (new, old) in pairs(5 * PAIRS) {
        if new.states[0].shows != old.states[0].shows {
            continue;
        }
        let report = compare(&side(&new), &side(&old)).unwrap();
        // One that does not know where the machine is gives commands that the others know to be refused there. So the
        // classes on two channels, and those that see repeats or not, are compared as clients that give none.
        let silent = [&new, &old].map(|automaton| Public { commands: BTreeMap::new(), ..side(automaton) });
        let silent = compare(&silent[0], &silent[1]).unwrap();
        let pairs = [("E!", "E", &report), ("E", "El", &silent), ("E!", "P!", &silent), ("P!", "P", &report)];
        for (more, less, report) in pairs {
            let lives =
                |name: &str| report.verdicts.iter().any(|verdict| verdict.observer == name && verdict.compatible);
            // What comes late is seen by a client that asks; no event tells it.
            let is_late = report.changes.iter().any(|it| it.rule == "event-timing" && it.breaks.contains(less));
            let is_well = !lives(more) || lives(less) || is_late && less.starts_with('P');
            assert!(is_well, "{more} {less} {:#?}\n{new:?}\n{old:?}", report.changes);
            lived += usize::from(lives(more));
        }
        assert!(report.changes.iter().all(|change| change.level != Level::Break || !change.breaks.is_empty()));
    }
    assert!(lived > 50, "{lived}");
}

#[test]
fn sides_mirror_and_nothing_differs_from_itself() {
    for (new, old) in pairs(PAIRS / 8) {
        let there = compare(&side(&new), &side(&old)).unwrap();
        let back = compare(&side(&old), &side(&new)).unwrap();
        let mirrored = |headline: Headline| Headline::of(headline.loses(), headline.adds());
        assert_eq!(there.headline, mirrored(back.headline));
        for (one, other) in there.verdicts.iter().zip(&back.verdicts) {
            // What is passed over depends on which side is the old one, unless both have the same names.
            let is_same = side(&new).statuses == side(&old).statuses;
            if is_same || one.observer.ends_with('!') {
                assert_eq!(one.headline, mirrored(other.headline), "{one:?} {other:?}");
            }
        }
        let itself = compare(&side(&new), &side(&new)).unwrap();
        assert!(itself.changes.is_empty() && itself.headline == Headline::Identical);
    }
}
