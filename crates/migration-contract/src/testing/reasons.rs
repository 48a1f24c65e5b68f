//! What clients that read reasons see: the reasons of statuses that both sides show.
//!
//! Written from the definition. After the same stream, a status that comes on both sides comes with a reason that the old
//! machine did not give there. What a client does not know, it passes over, or it fails at it.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use super::clients::{Client, Differences, Kind, PAIRS_MAX, Seen, Set};
use super::plain::{Reads, Side, Word, Words};
use super::subject::Tables;
use crate::compare::{ObserverClass, Unknown};
use crate::public::{Public, Shown};

/// Both sides as clients see them that read reasons.
pub(super) struct Reading<'r> {
    words: &'r Words,
    /// What the old side can show, as far as its vocabulary goes.
    pub(super) known: BTreeSet<Word>,
    reasons: BTreeSet<String>,
    pub(super) new: Rc<Side>,
    pub(super) old: Rc<Side>,
}

impl<'r> Reading<'r> {
    pub(super) fn new(tables: Tables<'r>, before: &Public, on: &BTreeSet<String>) -> Reading<'r> {
        let words = tables.old.0.words(Reads::Reasons);
        let [new, old] = tables.sides(Reads::Reasons, std::slice::from_ref(on), before);
        let known = words.with_status(|status| before.statuses.contains_key(status));
        Reading { words, known, reasons: before.reasons.keys().cloned().collect(), new, old }
    }

    pub(super) fn number(&self, shown: &Shown) -> Word {
        self.words.shown(shown)
    }

    pub(super) fn name(&self, name: &str) -> Word {
        self.words.number(name)
    }

    /// The differences in the reasons that such a client cannot live with; `None` if there is too much.
    pub(super) fn differences(&self, class: ObserverClass) -> Option<Differences> {
        let client = Client { class, known: &self.known };
        let (new, old) = (&self.new, &self.old);
        let mut found = Differences::new();
        let start: (Set, Set, Set, Option<Word>) =
            (client.initial(new), client.initial(old), client.initial(old), None);
        let (mut known, mut todo) = (HashSet::from([start.clone()]), VecDeque::from([(start, 0)]));
        while let Some(((here, there, anyhow, last), length)) = todo.pop_front() {
            let (now, before) = (client.next(new, &here, last), client.next(old, &there, last));
            let driven = client.given(old, &there, last, |one, other| self.words.are_alike(one, other));
            // After the same statuses, whatever their reasons.
            let loosely = client.next(old, &anyhow, last);
            for (seen, set) in now.iter().map(|(seen, set)| (*seen, set.clone())) {
                let closed = |alike: &BTreeMap<Word, Set>| {
                    client.closed(old, alike.values().flat_map(|set| set.iter().copied()), client.last(seen, last))
                };
                let loose = match seen {
                    Seen::Status(word) => closed(&self.alike(word, &loosely)),
                    Seen::Reply(..) => client.behind(old, &loosely, seen, last).unwrap_or_default(),
                    Seen::Nothing => Set::default(),
                };
                let behind = match seen {
                    Seen::Nothing => None,
                    Seen::Reply(command, _) if driven.contains_key(&command) => client.behind(old, &before, seen, last),
                    Seen::Reply(..) => None,
                    Seen::Status(word) => {
                        let alike = self.alike(word, &before);
                        let alike = if alike.is_empty() { self.alike(word, &loosely) } else { alike };
                        if alike.is_empty() {
                            None
                        } else if let Some(same) = alike.get(&word) {
                            Some(same.clone())
                        } else if self.breaks(class, word, &alike) {
                            found.entry((Kind::Reason, seen)).or_insert(length + 1);
                            None
                        } else {
                            Some(closed(&alike))
                        }
                    }
                };
                let Some(behind) = behind else { continue };
                let loose = if loose.is_empty() { behind.clone() } else { loose };
                let next = (set, behind, loose, client.last(seen, last));
                if known.insert(next.clone()) {
                    todo.push_back((next, length + 1));
                }
            }
            if known.len() > PAIRS_MAX {
                return None;
            }
        }
        Some(found)
    }

    /// The same status as it could come before, by what was shown.
    fn alike(&self, word: Word, before: &BTreeMap<Seen, Set>) -> BTreeMap<Word, Set> {
        let alike = before.iter().filter_map(|(seen, set)| match seen {
            Seen::Status(other) if self.words.are_alike(*other, word) => Some((*other, set.clone())),
            Seen::Status(_) | Seen::Reply(..) | Seen::Nothing => None,
        });
        alike.collect()
    }

    fn breaks(&self, class: ObserverClass, word: Word, before: &BTreeMap<Word, Set>) -> bool {
        match self.words.reason(word) {
            None => true,
            Some(reason) if !self.reasons.contains(&reason) => class.unknown == Unknown::Fail,
            Some(_) => before.keys().any(|word| self.words.reason(*word).is_some()),
        }
    }
}
