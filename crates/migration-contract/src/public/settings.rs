//! Sets of settings of the public capabilities.

use migration_table::id;
use migration_table::model::{Cube, IdSet};

id!(
    /// A setting, as an index into a sorted list of the settings of a machine.
    SettingId
);

/// Some settings of a machine: those that are on, for example.
pub type SettingSet = IdSet<SettingId>;

/// A case of settings: some are on, some are off, and the rest do not matter.
pub type SettingCube = Cube<SettingId>;

/// A set of settings of the capabilities of a machine, as the fewest cases. [`Cube::ALWAYS`] stands for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settings(pub Vec<SettingCube>);

/// How it is said that something does not depend on settings.
pub const ALWAYS: &str = "always";

/// How it is said that something is seen once a client has changed settings: behind the settings that are made then.
pub const AFTER_A_CHANGE: &str = "after a change";

impl Settings {
    /// Every setting.
    #[must_use]
    pub fn always() -> Settings {
        Settings(vec![SettingCube::ALWAYS])
    }

    /// In words, over the settings with these names, each written as `name` says: `not multifd and xbzrle or x-colo`.
    pub(crate) fn text(&self, names: &[String], name: impl Fn(&str) -> String) -> String {
        let case = |case: &SettingCube| {
            let literal = |setting: SettingId| {
                let name = name(&names[setting.index()]);
                if case.set.contains(setting) { name } else { format!("not {name}") }
            };
            let literals: Vec<String> = case.asks().iter().map(literal).collect();
            if literals.is_empty() { ALWAYS.to_owned() } else { literals.join(" and ") }
        };
        self.0.iter().map(case).collect::<Vec<_>>().join(" or ")
    }
}

/// How the setting is written that is on whatever the value of a parameter: behind its name.
pub(crate) const ANY_VALUE: &str = "=*";

/// Returns the parameter that a setting gives a value, or `None` if it is a capability.
pub(crate) fn parameter_of(setting: &str) -> Option<&str> {
    setting.split_once('=').map(|(parameter, _)| parameter)
}

/// Returns the cases that no client can make, over the settings with these names: a parameter has one value at a time,
/// and one that has a value has any.
pub(crate) fn impossible(names: &[String]) -> Vec<SettingCube> {
    let named: Vec<(SettingId, &str)> = (0..).map(SettingId).zip(names.iter().map(String::as_str)).collect();
    let mut cases = Vec::new();
    for (at, (one, name)) in named.iter().enumerate() {
        let Some(parameter) = parameter_of(name) else { continue };
        let others = named[at + 1..].iter().filter(|(_, other)| parameter_of(other) == Some(parameter));
        for (other, other_name) in others {
            // Of the names of one parameter, any value comes first where no value begins with less than `*`.
            let case = match (name.ends_with(ANY_VALUE), other_name.ends_with(ANY_VALUE)) {
                (true, _) => SettingCube { set: (*other).into(), clear: (*one).into() },
                (_, true) => SettingCube { set: (*one).into(), clear: (*other).into() },
                (false, false) => SettingCube { set: SettingSet::from(*one) | *other, clear: SettingSet::EMPTY },
            };
            cases.push(case);
        }
    }
    cases
}

/// Returns whether a client can make some settings of a case, where these cases are [`impossible`].
pub(crate) fn is_possible(case: SettingCube, impossible: &[SettingCube]) -> bool {
    !impossible.iter().any(|none| case.set.includes(none.set) && case.clear.includes(none.clear))
}

/// Returns the id of a setting, from the sorted list of the settings of a machine.
pub(crate) fn setting_id(names: &[String], name: &String) -> Option<SettingId> {
    names.binary_search(name).ok().and_then(|index| u16::try_from(index).ok()).map(SettingId)
}
