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

/// Returns the id of a setting, from the sorted list of the settings of a machine.
pub(crate) fn setting_id(names: &[String], name: &String) -> Option<SettingId> {
    names.binary_search(name).ok().and_then(|index| u16::try_from(index).ok()).map(SettingId)
}
