//! Which settings are still to be tried.

use crate::public::settings::{SettingCube, SettingSet};

/// The settings of a case under which nothing differs from the least of them, which looked at these; the others are
/// still to be tried, as cases that do not overlap.
pub(super) fn apart(case: SettingCube, asks: SettingSet, todo: &mut Vec<SettingCube>) -> SettingCube {
    let mut rest = case;
    for setting in asks - case.asks() {
        todo.push(SettingCube { set: rest.set | setting, ..rest });
        rest.clear |= setting;
    }
    rest
}
