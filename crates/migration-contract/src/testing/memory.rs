//! What was found out about a side already: clients come to the same places again and again.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::rc::Rc;

use super::clients::{Next, Seen, Set};
use super::plain::Word;
use crate::compare::ObserverClass;

/// Where a client of some class takes the machine to be, with what it saw last.
type Place = (ObserverClass, Set, Option<Word>);

/// What clients can see next of one side, and which commands it can answer with success.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The statuses that clients know.
    known: RefCell<Vec<String>>,
    next: Known<Place, BTreeMap<Seen, Set>>,
    driven: Known<Set, BTreeMap<Word, Set>>,
}

type Known<K, V> = RefCell<HashMap<K, Rc<V>>>;

impl Memory {
    /// Forgets what clients see that know other statuses than these.
    pub(super) fn prepare<'s>(&self, known: impl Iterator<Item = &'s String>) {
        let known: Vec<String> = known.cloned().collect();
        if *self.known.borrow() != known {
            self.next.borrow_mut().clear();
            self.known.replace(known);
        }
    }

    pub(super) fn next(&self, place: Place, find: impl FnOnce() -> BTreeMap<Seen, Set>) -> Next {
        recall(&self.next, place, find)
    }

    pub(super) fn driven(&self, set: &Set, find: impl FnOnce() -> BTreeMap<Word, Set>) -> Rc<BTreeMap<Word, Set>> {
        recall(&self.driven, set.clone(), find)
    }
}

fn recall<K: Eq + Hash, V>(known: &Known<K, V>, key: K, find: impl FnOnce() -> V) -> Rc<V> {
    if let Some(found) = known.borrow().get(&key) {
        return found.clone();
    }
    let found = Rc::new(find());
    known.borrow_mut().insert(key, found.clone());
    found
}
