//! Settings that both sides know: under which of them a difference can be seen.
//!
//! A setting that only the new side knows is off for a client that was written against the old one. One that only the
//! old side knows cannot be made any more: the sides are compared with it off, and that it is gone is a finding of its
//! own. A machine does not depend on every setting that its side knows; one that it does not depend on does not matter
//! to it.

use std::collections::BTreeSet;

use crate::public::settings::{SettingCube, SettingId, Settings, setting_id};
use crate::public::{Public, PublicMachine};

/// The settings of a machine that both sides know.
pub(super) struct Common {
    names: Vec<String>,
    /// For each setting of the new machine, its number among the names; none if it is off.
    new: Vec<Option<SettingId>>,
    /// The same for the old machine.
    old: Vec<Option<SettingId>>,
}

impl Common {
    pub(super) fn new(new: (&Public, &PublicMachine), old: (&Public, &PublicMachine)) -> Common {
        let both = new.0.settings.intersection(&old.0.settings);
        let matters = |name: &&String| new.1.settings.contains(name) || old.1.settings.contains(name);
        let names: BTreeSet<&String> = both.filter(matters).collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let place =
            |machine: &PublicMachine| machine.settings.iter().map(|setting| setting_id(&names, setting)).collect();
        let (new, old) = (place(new.1), place(old.1));
        Common { names, new, old }
    }

    /// The cases in which both settings are made, over the settings that both sides know; none if that cannot be.
    pub(super) fn shared(&self, new: &Settings, old: &Settings) -> Vec<SettingCube> {
        let mut shared = Vec::new();
        for new in new.0.iter().filter_map(|cube| translate(*cube, &self.new)) {
            for old in old.0.iter().filter_map(|cube| translate(*cube, &self.old)) {
                let cube = SettingCube { set: new.set | old.set, clear: new.clear | old.clear };
                if !cube.set.intersects(cube.clear) {
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
fn translate(cube: SettingCube, places: &[Option<SettingId>]) -> Option<SettingCube> {
    let mut common = SettingCube::ALWAYS;
    for setting in cube.asks() {
        match places[setting.index()] {
            None if cube.set.contains(setting) => return None,
            None => {}
            Some(place) if cube.set.contains(setting) => common.set |= place,
            Some(place) => common.clear |= place,
        }
    }
    Some(common)
}
