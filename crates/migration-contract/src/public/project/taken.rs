//! What runs of a machine do, row by row: which states they enter, where they wait, and which rows fire in which case.
//!
//! It is what the projection walks over before it takes together what no client can tell apart. Whoever explains to
//! people what a client sees, as pictures do, reads the rows here and agrees with the projection.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::bounds::{CASES_MAX, Limit, STEPS_MAX, TooLarge};
use super::outline::Outline;
use super::reach::Reach;
use super::steps::{ConfigId, Graph, Setting};
use super::untried::apart;
use crate::public::settings::{SettingCube, SettingSet};
use migration_table::bdd::Bdd;

use migration_table::model::{Machine, StateId, Table};
use migration_table::step::Precedence;

/// What runs of a machine do, under any setting of the capabilities that stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The states that some run is ever in.
    pub states: BTreeSet<StateId>,
    /// Those in which some run waits for a fact.
    pub waits: BTreeSet<StateId>,
    /// Where rows fire: the state, the row as an index into [`Machine::rows`], and the case of its condition that holds
    /// then, as an index into [`migration_table::model::Row::cubes`].
    pub cases: BTreeSet<(StateId, usize, usize)>,
}

/// What runs of a machine do.
///
/// # Errors
///
/// When the machine has more to it than the bounds of the projection allow.
pub fn taken(table: &Table, machine: &Machine) -> Result<Taken, TooLarge> {
    let outline = Outline::new(table, machine);
    collect(&outline).map_err(|limit| TooLarge::of(machine, limit))
}

fn collect(outline: &Outline<'_>) -> Result<Taken, Limit> {
    let (mut graph, mut taken) = (Graph::new(outline), Taken::default());
    let mut known: FxHashSet<(ConfigId, SettingCube)> = FxHashSet::default();
    let mut todo = vec![SettingCube::ALWAYS];
    let (mut cases, mut looks) = (0, 0);
    while let Some(case) = todo.pop() {
        cases += 1;
        if cases > CASES_MAX {
            return Err(Limit::Cases);
        }
        let setting = Setting::new(outline, case.set);
        let reach = Reach::new(&mut graph, setting)?;
        let case = apart(case, reach.asks, &mut todo);
        for id in reach.configs() {
            looks += 1;
            if looks > STEPS_MAX {
                return Err(Limit::Cases);
            }
            let config = graph.configs[id as usize];
            taken.states.insert(config.state);
            if !config.is_due {
                taken.waits.insert(config.state);
                continue;
            }
            let matters = outline.states[config.state.index()].settings;
            if known.insert((id, case.among(matters))) {
                graph.fired(id, setting, case, &mut taken)?;
            }
        }
    }
    Ok(taken)
}

impl Graph<'_> {
    /// Adds the rows that may fire in a configuration in which the machine looks for one, and the cases in which they
    /// do, under all settings of a case in which the same configurations are reached.
    fn fired(&mut self, id: ConfigId, setting: Setting, case: SettingCube, out: &mut Taken) -> Result<(), Limit> {
        let (config, outline) = (self.configs[id as usize], self.outline);
        let mut precedence = Precedence::new(Bdd::NEVER);
        for index in &outline.states[config.state.index()].rows {
            let row = &outline.machine.rows[*index];
            let stronger = precedence.enter(row.rank);
            for (at, cube) in row.cubes.iter().enumerate() {
                if self.is_open(config, *cube, case) {
                    let rest = self.rest(*cube)?;
                    if !self.diagrams.minus(rest, stronger)?.is_never() {
                        out.cases.insert((config.state, *index, at));
                    }
                }
            }
            // What was not looked at on the way decides nothing here, so any of the settings will do.
            let enabled = self.enabled(row, config, setting, &mut SettingSet::default())?;
            precedence.wins(&mut self.diagrams, enabled)?;
        }
        Ok(())
    }
}
