//! Settings that both sides know: under which of them a difference can be seen.
//!
//! A setting that only the new side knows is off for a client that was written against the old one. One that only the
//! old side knows cannot be made any more: the sides are compared with it off, and that it is gone is a finding of its
//! own. A machine does not depend on every setting that its side knows; one that it does not depend on does not matter
//! to it.

use std::collections::BTreeSet;

use crate::public::{Public, PublicMachine, Settings};
use migration_table::model::Cube;

/// The settings of a machine that both sides know.
pub(super) struct Common {
    names: Vec<String>,
    /// For each setting of the new machine, its number among the names; none if it is off.
    new: Vec<Option<usize>>,
    /// The same for the old machine.
    old: Vec<Option<usize>>,
}

impl Common {
    pub(super) fn new(new: (&Public, &PublicMachine), old: (&Public, &PublicMachine)) -> Common {
        let both = new.0.settings.intersection(&old.0.settings);
        let matters = |name: &&String| new.1.settings.contains(name) || old.1.settings.contains(name);
        let names: BTreeSet<&String> = both.filter(matters).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let place = |machine: &PublicMachine| {
            machine.settings.iter().map(|setting| names.binary_search(setting).ok()).collect()
        };
        let (new, old) = (place(new.1), place(old.1));
        Common { names, new, old }
    }

    /// The cases in which both settings are made, over the settings that both sides know; none if that cannot be.
    pub(super) fn shared(&self, new: &Settings, old: &Settings) -> Vec<Cube> {
        let mut shared = Vec::new();
        for new in new.0.iter().filter_map(|cube| translate(*cube, &self.new)) {
            for old in old.0.iter().filter_map(|cube| translate(*cube, &self.old)) {
                let cube = Cube { set: new.set | old.set, clear: new.clear | old.clear };
                if cube.set & cube.clear == 0 {
                    shared.push(cube);
                }
            }
        }
        shared
    }

    /// A set of settings for people: `always`, `not multifd and pause-before-switchover or x-colo`.
    pub(super) fn text(&self, settings: &Settings) -> String {
        settings.text(&self.names, str::to_owned)
    }
}

/// A case over the settings of a machine as one over the common ones; none if it needs one that is off.
fn translate(cube: Cube, places: &[Option<usize>]) -> Option<Cube> {
    let mut common = Cube { set: 0, clear: 0 };
    for (bit, place) in places.iter().enumerate() {
        let (bit, place) = (1 << bit, place.map(|place| 1 << place));
        match place {
            None if cube.set & bit != 0 => return None,
            None => {}
            Some(place) if cube.set & bit != 0 => common.set |= place,
            Some(place) if cube.clear & bit != 0 => common.clear |= place,
            Some(_) => {}
        }
    }
    Some(common)
}
