//! Settings that both sides know: under which of them a difference can be seen.
//!
//! A setting that only the new side knows is off for a client that was written against the old one, unless the old side has
//! the parameter with any value. One that only the
//! old side knows cannot be made any more: the sides are compared with it off, and that it is gone is a finding of its
//! own. A machine does not depend on every setting that its side knows; one that it does not depend on does not matter
//! to it.

use std::collections::BTreeSet;

use crate::public::Public;
use crate::public::settings::{
    ANY_VALUE, SettingCube, SettingId, SettingSet, Settings, impossible, is_possible, parameter_of, setting_id,
};
use migration_table::bdd::{Diagrams, TooLarge};
use migration_table::cases::{between, union};

/// The settings of a machine that both sides know.
pub(super) struct Common {
    names: Vec<String>,
    /// By setting of the new machine: it is on where one of these common settings is on. Where the set is empty, it is
    /// always off.
    new: Vec<SettingSet>,
    /// The same for the old machine.
    old: Vec<SettingSet>,
    /// The cases that no client can make.
    impossible: Vec<SettingCube>,
}

impl Common {
    /// The settings that both sides know, for two machines with these settings. Those count that either depends on, or
    /// that are given by `asked`.
    pub(super) fn new(new: (&Public, &[String]), old: (&Public, &[String]), asked: &BTreeSet<String>) -> Common {
        let all = new.0.settings.iter().chain(&old.0.settings);
        let both: BTreeSet<&String> =
            all.filter(|name| [new.0, old.0].iter().all(|side| can_make(side, name))).collect();
        let asked = || asked.iter().chain(new.1).chain(old.1);
        let matters = |name: &String| asked().any(|asked| asked == name || !both.contains(asked) && gives(name, asked));
        let names: Vec<String> = both.iter().copied().filter(|name| matters(name)).cloned().collect();
        let id = |name: &String| setting_id(&names, name);
        let place = |setting: &String| match id(setting) {
            Some(common) => common.into(),
            None => names.iter().filter(|name| gives(name, setting)).filter_map(id).collect(),
        };
        let [new, old] = [new.1, old.1].map(|settings| settings.iter().map(place).collect());
        let impossible = impossible(&names);
        Common { names, new, old, impossible }
    }

    /// The cases in which both settings are made, over the settings that both sides know; none if that cannot be.
    pub(super) fn shared(&self, new: &Settings, old: &Settings) -> Vec<SettingCube> {
        let mut shared = Vec::new();
        for new in new.0.iter().flat_map(|cube| translate(*cube, &self.new)) {
            for old in old.0.iter().flat_map(|cube| translate(*cube, &self.old)) {
                let cube = SettingCube { set: new.set | old.set, clear: new.clear | old.clear };
                if !cube.set.intersects(cube.clear) && is_possible(cube, &self.impossible) {
                    shared.push(cube);
                }
            }
        }
        shared
    }

    /// The fewest cases that cover these and nothing else that a client can make.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub(super) fn fewest(&self, cases: &[SettingCube]) -> Result<Settings, TooLarge> {
        let mut diagrams = Diagrams::new();
        let lower = union(&mut diagrams, cases)?;
        let impossible = union(&mut diagrams, &self.impossible)?;
        let upper = diagrams.or(lower, impossible)?;
        Ok(Settings(between(&mut diagrams, lower, upper)?))
    }

    /// The names of the settings that a case has on. What is on whatever the value of a parameter is on with each value.
    pub(super) fn on(&self, case: SettingCube) -> BTreeSet<&str> {
        let set: Vec<&String> = case.set.iter().map(|setting| &self.names[setting.index()]).collect();
        let is_on = |name: &&String| set.contains(name) || set.iter().any(|setting| gives(setting, name));
        self.names.iter().filter(is_on).map(String::as_str).collect()
    }

    /// Whether some cases cover others.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub(super) fn covers(&self, cases: &[SettingCube], others: &[SettingCube]) -> Result<bool, TooLarge> {
        let mut diagrams = Diagrams::new();
        let (cases, others) = (union(&mut diagrams, cases)?, union(&mut diagrams, others)?);
        Ok(diagrams.minus(others, cases)?.is_never())
    }

    /// A set of settings for people: `always`, `not multifd and pause-before-switchover or x-colo`.
    pub(super) fn text(&self, settings: &Settings) -> String {
        settings.text(&self.names, str::to_owned)
    }
}

/// Whether clients of a side could make a setting: it has the setting, or its parameter may have any value. A side that asks
/// for one value has clients that give it another.
pub(super) fn can_make(side: &Public, setting: &str) -> bool {
    let is_free = |other: &String| setting.ends_with(ANY_VALUE) || other.ends_with(ANY_VALUE);
    let parameter = parameter_of(setting);
    let mut alike = side.settings.iter().filter(|other| parameter.is_some() && parameter_of(other) == parameter);
    side.settings.contains(setting) || alike.any(is_free)
}

/// Whether a setting gives a parameter a value, and the other one is on whatever the value is.
fn gives(setting: &str, other: &str) -> bool {
    other.ends_with(ANY_VALUE) && setting != other && parameter_of(setting) == parameter_of(other)
}

/// A case over the settings of a machine, written as cases over the common settings. There are none if the case needs a
/// setting that is always off.
fn translate(cube: SettingCube, places: &[SettingSet]) -> Vec<SettingCube> {
    let clear = SettingSet::union(cube.clear.iter().map(|setting| places[setting.index()]));
    let mut cases = vec![SettingCube { clear, ..SettingCube::ALWAYS }];
    for setting in cube.set.iter() {
        let with = |case: &SettingCube, common: SettingId| SettingCube { set: case.set | common, ..*case };
        let ways = |case: &SettingCube| places[setting.index()].iter().map(|common| with(case, common)).collect();
        cases = cases.iter().flat_map(|case| -> Vec<SettingCube> { ways(case) }).collect();
    }
    cases
}
