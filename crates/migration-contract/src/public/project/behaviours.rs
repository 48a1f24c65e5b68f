//! The behaviours of a machine in order, over those settings that matter.

use super::bounds::{CASES_MAX, Limit};
use crate::public::automaton::Automaton;
use crate::public::changes::Changes;
use crate::public::model::{Behaviour, PublicMachine};
use crate::public::settings::{SettingCube, SettingId, SettingSet, Settings};
use migration_table::bdd::{Bdd, Diagrams};
use migration_table::cases;

/// Returns the machine with these behaviours. No two of them are equal, and each has the settings that give it, which
/// `settings` names. `None` if there are too many cases.
pub(in crate::public) fn of_settings(
    name: &str,
    settings: &[String],
    behaviours: Vec<(Vec<SettingCube>, Automaton)>,
) -> Option<PublicMachine> {
    in_order(name.to_owned(), settings, behaviours).ok()
}

/// The same, for a machine that is projected.
pub(super) fn in_order(
    name: String,
    settings: &[String],
    found: Vec<(Vec<SettingCube>, Automaton)>,
) -> Result<PublicMachine, Limit> {
    let mut diagrams = Diagrams::new();
    let mut under: Vec<Bdd> = Vec::new();
    for (cubes, _) in &found {
        under.push(cases::union(&mut diagrams, cubes)?);
    }
    let matters = SettingSet::union(under.iter().map(|under| diagrams.depends_on(*under)));
    let mut left = CASES_MAX;
    let mut behaviours: Vec<(SettingSet, Behaviour)> = Vec::new();
    for ((_, automaton), under) in found.into_iter().zip(under) {
        let cubes = cases::between(&mut diagrams, under, under)?;
        let narrow =
            |case: &SettingCube| SettingCube { set: narrow(case.set, matters), clear: narrow(case.clear, matters) };
        let mut cubes: Vec<SettingCube> = cubes.iter().map(narrow).collect();
        cubes.sort_unstable();
        left = left.checked_sub(cubes.len()).ok_or(Limit::Cases)?;
        let least = cubes.iter().map(|cube| cube.set).min().unwrap_or_default();
        behaviours.push((least, Behaviour { under: Settings(cubes), automaton }));
    }
    behaviours.sort_by_key(|(least, _)| *least);
    Ok(PublicMachine {
        name,
        settings: matters.iter().map(|setting| settings[setting.index()].clone()).collect(),
        behaviours: behaviours.into_iter().map(|(_, behaviour)| behaviour).collect(),
        changes: Changes::default(),
    })
}

/// The settings that are among those that matter, numbered among them.
pub(super) fn narrow(settings: SettingSet, matters: SettingSet) -> SettingSet {
    let numbered = (0..).map(SettingId).zip(matters);
    numbered.filter(|(_, setting)| settings.contains(*setting)).map(|(number, _)| number).collect()
}
