//! The headline of a finding, held against its evidence and against simulated machines: what it says of a status has to
//! be true wherever that status is shown, unless it says that it is about the way shown.

use std::collections::BTreeSet;

use super::plain::{Node, Side, Word, Words};
use crate::compare::Change;

/// How a headline begins that is about the way shown alone.
const ON_THE_WAY: &str = "on the way shown, ";

/// Returns what is false in a headline, if anything is. The sides are the new one and the old one, under settings that the
/// finding names.
pub(super) fn falsehood(change: &Change, sides: &[(&Side, &Side)], words: &Words) -> Option<&'static str> {
    let (message, is_local) = match change.message.strip_prefix(ON_THE_WAY) {
        Some(message) => (message, true),
        None => (change.message.as_str(), false),
    };
    let here = CLAIMS.iter().filter(|claim| message.contains(claim.phrase));
    let headline = Headline::new(message, words);
    here.into_iter().find_map(|claim| {
        let at_the_point = (claim.at_the_point)(change, &headline);
        let is_told = |(new, old): &&(&Side, &Side)| tells_every_status(new) && tells_every_status(old);
        let everywhere = || is_local || sides.iter().filter(is_told).all(|sides| (claim.everywhere)(*sides, &headline));
        (!at_the_point || !everywhere()).then_some(claim.phrase)
    })
}

/// Whether the status changes with an event only, as it does in every table that passes its checks.
fn tells_every_status(side: &Side) -> bool {
    let is_kept = |node: &Node, to: &u32| side.node(*to).shows == node.shows;
    side.nodes.iter().all(|node| {
        let mut unseen = node.silent.iter().chain(node.replies.iter().map(|(.., to)| to));
        unseen.all(|to| is_kept(node, to))
    })
}

/// What a headline names: a command and the status in which it is given, or a status and what follows it.
struct Headline {
    names: Vec<String>,
    words: Vec<Word>,
}

impl Headline {
    fn new(message: &str, words: &Words) -> Headline {
        let names: Vec<String> = message.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let words = names.iter().map(|name| words.number(name)).collect();
        Headline { names, words }
    }

    fn last(&self) -> &String {
        &self.names[self.names.len() - 1]
    }

    /// Whether a side can answer the command like that somewhere where it shows the status.
    fn answers(&self, side: &Side, is_success: bool) -> bool {
        let (command, status) = (self.words[0], self.words[1]);
        let is_it = |(name, class, _): &(Word, Word, u32)| *name == command && (*class == 0) == is_success;
        in_status(side, status).any(|node| node.replies.iter().any(is_it))
    }

    /// Whether the last status can follow the one before it somewhere.
    fn follows(&self, side: &Side) -> bool {
        let [.., status, next] = self.words[..] else { return false };
        goes_on(side, status).any(|node| node.events.iter().any(|(event, _)| *event == next))
    }
}

fn in_status(side: &Side, status: Word) -> impl Iterator<Item = &Node> {
    side.nodes.iter().filter(move |node| node.shows == status)
}

/// The same without those where a command has just been accepted: what they publish does not come by itself.
fn goes_on(side: &Side, status: Word) -> impl Iterator<Item = &Node> {
    let mut todo: Vec<u32> = side.nodes.iter().flat_map(|node| &node.events).map(|(_, to)| *to).collect();
    todo.extend((0..).zip(&side.nodes).filter(|(_, node)| !node.is_due).map(|(at, _)| at));
    let mut reached: BTreeSet<u32> = todo.iter().copied().collect();
    while let Some(at) = todo.pop() {
        todo.extend(side.node(at).silent.iter().copied().filter(|to| reached.insert(*to)));
    }
    reached.into_iter().map(|at| side.node(at)).filter(move |node| node.shows == status)
}

/// A phrase of a headline, and what makes it true.
struct Claim {
    phrase: &'static str,
    /// At the end of the evidence.
    at_the_point: fn(&Change, &Headline) -> bool,
    /// On both sides as a whole.
    everywhere: fn((&Side, &Side), &Headline) -> bool,
}

const OK: &str = "ok";
const NOTHING_MORE: &str = "(nothing more)";
const NO_END: &str = "(no end)";

fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

fn refuses(list: &[String]) -> bool {
    list.iter().any(|known| known != OK)
}

const CLAIMS: [Claim; 12] = [
    Claim {
        phrase: " was never refused; ",
        at_the_point: |change, _| has(&change.before, OK) && !refuses(&change.before),
        everywhere: |(_, old), headline| !headline.answers(old, false),
    },
    Claim {
        phrase: " could succeed; ",
        at_the_point: |change, _| has(&change.before, OK) && refuses(&change.before),
        everywhere: |(_, old), headline| headline.answers(old, true),
    },
    Claim {
        phrase: " now it is always refused",
        at_the_point: |change, _| refuses(&change.now) && !has(&change.now, OK),
        everywhere: |(new, _), headline| !headline.answers(new, true),
    },
    Claim {
        phrase: " now it can be",
        at_the_point: |change, _| refuses(&change.now),
        everywhere: |(new, _), headline| headline.answers(new, false),
    },
    Claim {
        phrase: " was always refused; ",
        at_the_point: |change, _| refuses(&change.before) && !has(&change.before, OK),
        everywhere: |(_, old), headline| !headline.answers(old, true),
    },
    Claim {
        phrase: " now it can succeed",
        at_the_point: |change, _| has(&change.now, OK),
        everywhere: |(new, _), headline| headline.answers(new, true),
    },
    Claim {
        phrase: " a client can now see ",
        at_the_point: |change, headline| has(&change.now, headline.last()) && !has(&change.before, headline.last()),
        everywhere: |(_, old), headline| headline.names.len() > 2 || !headline.follows(old),
    },
    Claim {
        phrase: " a client can no longer see ",
        at_the_point: |change, headline| has(&change.before, headline.last()) && !has(&change.now, headline.last()),
        everywhere: |(new, _), headline| !headline.follows(new),
    },
    Claim {
        phrase: " can now come twice in a row",
        at_the_point: |change, headline| has(&change.now, headline.last()) && !has(&change.before, headline.last()),
        everywhere: |(_, old), headline| {
            goes_on(old, headline.words[0]).all(|node| node.events.iter().all(|(next, _)| *next != headline.words[0]))
        },
    },
    Claim {
        phrase: "another status always followed",
        at_the_point: |change, _| has(&change.now, NOTHING_MORE) && !has(&change.before, NOTHING_MORE),
        everywhere: |(_, old), headline| {
            in_status(old, headline.words[headline.words.len() - 1]).all(|node| !node.rests)
        },
    },
    Claim {
        phrase: " may now never end; before, every attempt did",
        at_the_point: |change, _| !change.before.is_empty() && has(&change.now, NO_END),
        everywhere: |(_, old), headline| in_status(old, headline.words[0]).all(|node| !node.may_be_trapped),
    },
    Claim {
        phrase: " was an end; now ",
        at_the_point: |change, _| change.before == [NOTHING_MORE],
        everywhere: |(_, old), headline| goes_on(old, headline.words[0]).all(|node| node.events.is_empty()),
    },
];
