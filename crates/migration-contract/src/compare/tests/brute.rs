//! What clients see, counted out: plain code that shares nothing with the views and the walks.
//!
//! A sequence is a list of words. All sequences of up to so many words are listed by trying every run, with no sets of
//! states and nothing made deterministic. What differs is then read off the lists.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Channel, ObserverClass, Repeat, Unknown};
use crate::public::{Automaton, AutomatonState, Label, Query, Reply, Shown};

/// A sequence of what a client sees: `!active`, `?cancel+`, `?cancel-Late`, and at the end perhaps `~`: nothing more.
pub(super) type Seen = Vec<String>;

/// All sequences of at most `most` words that such a client can see. It knows the statuses in `known`.
pub(super) fn seen(
    automaton: &Automaton,
    class: ObserverClass,
    known: &BTreeSet<String>,
    most: usize,
) -> BTreeSet<Seen> {
    let client = Client { automaton, class, known };
    let mut all = BTreeSet::new();
    let mut visited: BTreeSet<(usize, Option<String>, Seen)> = BTreeSet::new();
    let mut todo = vec![(0, None, Seen::new())];
    while let Some((state, last, so_far)) = todo.pop() {
        if !visited.insert((state, last.clone(), so_far.clone())) {
            continue;
        }
        all.insert(so_far.clone());
        if so_far.len() < most && client.hears_nothing_more(state, last.as_deref()) {
            all.insert([so_far.clone(), vec!["~".to_string()]].concat());
        }
        for (word, to, last) in client.steps(state, last.as_ref()) {
            let longer = match word {
                None => so_far.clone(),
                Some(word) if so_far.len() < most => [so_far.clone(), vec![word]].concat(),
                Some(_) => continue,
            };
            todo.push((to, last, longer));
        }
    }
    all
}

struct Client<'a> {
    automaton: &'a Automaton,
    class: ObserverClass,
    known: &'a BTreeSet<String>,
}

/// A word that is seen or not, the state after it, and what was seen last.
type Step = (Option<String>, usize, Option<String>);

impl Client<'_> {
    fn ignores(&self, status: &str) -> bool {
        self.class.unknown == Unknown::Skip && !self.known.contains(status)
    }

    fn hears_nothing_more(&self, state: usize, last: Option<&str>) -> bool {
        let is_quiet = |status: &String| last == Some(status.as_str()) || self.ignores(status);
        match self.class.channel {
            Channel::Events => self.automaton.states[state].rests,
            Channel::Poll => self.asked(state).any(|(status, query)| query.rests && is_quiet(status)),
        }
    }

    /// What a query can show, and what it tells: nothing where the machine takes no command, unless there are none at all.
    fn asked(&self, state: usize) -> impl Iterator<Item = (&String, Query)> {
        let takes = |state: &AutomatonState| state.edges.keys().any(|label| matches!(label, Label::Reply(..)));
        let here = &self.automaton.states[state];
        let answers = takes(here) || !self.automaton.states.iter().any(takes);
        here.shows.iter().map(move |shown| (&shown.status, here.query(state, shown))).filter(move |_| answers)
    }

    fn steps(&self, state: usize, last: Option<&String>) -> Vec<Step> {
        let here = &self.automaton.states[state];
        let mut steps: Vec<Step> = Vec::new();
        if self.class.channel == Channel::Poll {
            let seen = self.asked(state).filter(|(status, _)| last != Some(*status) && !self.ignores(status));
            seen.for_each(|(status, query)| steps.push((Some(format!("!{status}")), query.to, Some(status.clone()))));
        }
        for (label, edge) in &here.edges {
            // After a reply the same status once more is news to a client that asks.
            let kept = || last.filter(|_| self.class.channel == Channel::Events).cloned();
            match label {
                Label::Reply(command, Reply::Success) => {
                    steps.push((Some(format!("?{command}+")), edge.to, kept()));
                }
                Label::Reply(command, Reply::Error(class)) => {
                    steps.push((Some(format!("?{command}-{class}")), edge.to, kept()));
                }
                Label::Event(_) if self.class.channel == Channel::Poll => steps.push((None, edge.to, last.cloned())),
                Label::Event(Shown { status, .. }) => {
                    let is_repeat = self.class.repeat == Repeat::Skip && last == Some(status);
                    if is_repeat || self.ignores(status) {
                        steps.push((None, edge.to, last.cloned()));
                    } else {
                        steps.push((Some(format!("!{status}")), edge.to, Some(status.clone())));
                    }
                }
            }
        }
        steps
    }
}

/// The shortest sequences after which a client that is sent every event sees, at the next word, what it could not see on
/// the old side; driving only commands that may succeed there. For each word, how long the shortest one is.
pub(super) fn new_words(new: &BTreeSet<Seen>, old: &BTreeSet<Seen>) -> BTreeMap<String, usize> {
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for sequence in new.iter().filter(|sequence| !old.contains(*sequence)) {
        let (word, before) = sequence.split_last().unwrap();
        let is_output = word.starts_with('!') || word == "~";
        if is_output && old.contains(before) && is_driven(before, old) {
            let length = words.entry(word.clone()).or_insert(sequence.len());
            *length = (*length).min(sequence.len());
        }
    }
    words
}

/// Whether a client would give every command of a sequence: the old side may answer it with success there.
fn is_driven(sequence: &[String], old: &BTreeSet<Seen>) -> bool {
    (0..sequence.len()).filter(|at| sequence[*at].starts_with('?')).all(|at| {
        let command = sequence[at].trim_end_matches('+').split('-').next().unwrap().to_string() + "+";
        old.contains(&[sequence[..at].to_vec(), vec![command]].concat())
    })
}

/// The commands that are answered on the new side as they could not be on the old one, after a sequence that a client
/// drives, with the length of the shortest one. `succeeds_ahead` says whether the old machine, where it takes no command
/// because it is about to show something, could answer with success behind that.
pub(super) fn refused(
    new: &BTreeSet<Seen>,
    old: &BTreeSet<Seen>,
    commands: &[&str],
    succeeds_ahead: &dyn Fn(&[String], &str) -> bool,
) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let takes = |side: &BTreeSet<Seen>, so_far: &Seen, word: &str| {
        side.contains(&[so_far.clone(), vec![word.to_string()]].concat())
    };
    let any = |side: &BTreeSet<Seen>, so_far: &Seen| {
        commands.iter().any(|command| {
            takes(side, so_far, &format!("?{command}+")) || takes(side, so_far, &format!("?{command}-Late"))
        })
    };
    for so_far in new.iter().filter(|so_far| old.contains(*so_far) && is_driven(so_far, old) && any(new, so_far)) {
        let is_window = !any(old, so_far);
        for command in commands {
            let (success, error) = (format!("?{command}+"), format!("?{command}-Late"));
            let could = takes(old, so_far, &success);
            let can = takes(new, so_far, &success);
            let may_fail = takes(new, so_far, &error);
            let differs = if is_window {
                (can || may_fail) && succeeds_ahead(so_far, command)
            } else {
                could && (!can || may_fail && !takes(old, so_far, &error))
            };
            if differs {
                let length = found.entry((*command).to_string()).or_insert(so_far.len());
                *length = (*length).min(so_far.len());
            }
        }
    }
    found
}
