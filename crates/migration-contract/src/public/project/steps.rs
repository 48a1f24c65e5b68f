//! What a machine can do, one configuration at a time, under one setting of the capabilities.
//!
//! A configuration is a state and what is remembered in it, as in [`migration_table::interpret::Run`], but for guards that a
//! setting decides: these are looked up. A step remembers which settings it looked at, so that it need not be computed
//! again under a setting that is no different there.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::bounds::{CONFIGURATIONS_MAX, HIDDEN_MAX, Limit, STEPS_MAX};
use super::outline::{Outline, PlaceId, View, number};
use crate::public::settings::{SettingCube, SettingSet};
use migration_table::bdd::{Bdd, Diagrams};
use migration_table::model::{Cube, FactSet, ReasonId, Row, StateId};
use migration_table::step::{self, Precedence};

/// A configuration, as a number.
pub(super) type ConfigId = u32;

/// Where a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// Its state.
    pub(super) state: StateId,
    /// Pending triggers, events of the visit, and fixed guards that no setting decides.
    facts: FactSet,
    /// Why the attempt ends, or the last one ended, if a reason was given.
    pub(super) reason: Option<ReasonId>,
    /// Whether it must look for an enabled row before anything else happens to it.
    pub(super) is_due: bool,
    /// Whether the fixed guards were asked: an attempt has started.
    is_sampled: bool,
}

/// What can happen next in a configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    /// Where it can be without anything being seen.
    pub(super) silent: Vec<ConfigId>,
    /// Those of them that need not come: to which a failure, a peer or something outside leads, or what was reported before.
    pub(super) unsure: Vec<ConfigId>,
    /// What can be seen, in no order.
    pub(super) seen: Vec<Seen>,
    /// The settings that were looked at.
    pub(super) asks: SettingSet,
}

/// Something that can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) label: u32,
    pub(super) to: ConfigId,
    /// The row or the answer that makes it possible.
    pub(super) place: PlaceId,
}

/// The configurations that were met so far, and their steps.
pub(super) struct Graph<'t> {
    pub(super) outline: &'t Outline<'t>,
    pub(super) configs: Vec<Config>,
    ids: FxHashMap<Config, ConfigId>,
    /// By configuration: the settings that were looked at, what they were, and the steps then.
    known: Vec<Vec<(SettingSet, SettingSet, Rc<Steps>)>>,
    size: usize,
    pub(super) diagrams: Diagrams,
}

/// A setting, and the guards that hold under it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    pub(super) on: SettingSet,
    guards: FactSet,
}

impl Setting {
    pub(super) fn new(outline: &Outline<'_>, on: SettingSet) -> Setting {
        Setting { on, guards: outline.guards_of(on) }
    }
}

impl<'t> Graph<'t> {
    pub(super) fn new(outline: &'t Outline<'t>) -> Graph<'t> {
        let (configs, known) = (Vec::new(), Vec::new());
        Graph { outline, configs, ids: FxHashMap::default(), known, size: 0, diagrams: Diagrams::new() }
    }

    /// The configuration in which the machine begins.
    pub(super) fn initial(&mut self) -> Result<ConfigId, Limit> {
        let state = self.outline.machine.initial;
        self.id(Config { state, facts: FactSet::EMPTY, reason: None, is_due: false, is_sampled: false })
    }

    fn id(&mut self, config: Config) -> Result<ConfigId, Limit> {
        if let Some(id) = self.ids.get(&config) {
            return Ok(*id);
        }
        if self.configs.len() >= CONFIGURATIONS_MAX {
            return Err(Limit::Configurations);
        }
        let id = number(self.configs.len());
        self.configs.push(config);
        self.known.push(Vec::new());
        self.ids.insert(config, id);
        Ok(id)
    }

    /// What a configuration shows.
    pub(super) fn view(&self, id: ConfigId) -> View {
        let Config { state, reason, .. } = self.configs[id as usize];
        (self.outline.machine.state(state).shows, reason)
    }

    /// What can happen next in a configuration under a setting.
    pub(super) fn steps(&mut self, id: ConfigId, setting: Setting) -> Result<Rc<Steps>, Limit> {
        let known = &self.known[id as usize];
        if let Some((_, _, steps)) = known.iter().find(|(asks, said, _)| setting.on & *asks == *said) {
            return Ok(Rc::clone(steps));
        }
        let config = self.configs[id as usize];
        let mut steps = Steps::default();
        if config.is_due {
            self.advance(config, setting, &mut steps)?;
        } else {
            self.answer(id, config, setting, &mut steps)?;
            self.report(config, &mut steps)?;
        }
        self.size += 1 + steps.seen.len() + steps.silent.len();
        if self.size > STEPS_MAX {
            return Err(Limit::Configurations);
        }
        let steps = Rc::new(steps);
        self.known[id as usize].push((steps.asks, setting.on & steps.asks, Rc::clone(&steps)));
        Ok(steps)
    }

    /// The machine looks for an enabled row; guards that no setting decides may say anything.
    fn advance(&mut self, config: Config, setting: Setting, out: &mut Steps) -> Result<(), Limit> {
        let outline = self.outline;
        let mut precedence = Precedence::new(Bdd::NEVER);
        for index in &outline.states[config.state.index()].rows {
            let row = &outline.machine.rows[*index];
            if precedence.enter(row.rank).is_always() {
                break;
            }
            let enabled = self.enabled(row, config, setting, &mut out.asks)?;
            if !precedence.wins(&mut self.diagrams, enabled)?.is_never() {
                self.fire(*index, config, out)?;
            }
        }
        if !precedence.any().is_always() {
            out.silent.push(self.id(Config { is_due: false, ..config })?);
        }
        Ok(())
    }

    fn fire(&mut self, index: usize, config: Config, out: &mut Steps) -> Result<(), Limit> {
        let (row, outline) = (&self.outline.machine.rows[index], self.outline);
        let facts = config.facts - outline.gone[index];
        let is_sampled = config.is_sampled && !outline.states[row.to.index()].is_idle;
        let reason = step::reason(outline.machine, config.state, row, config.reason);
        let to = self.id(Config { state: row.to, facts, reason, is_due: true, is_sampled })?;
        if row.public {
            let label = outline.published((outline.machine.state(row.to).shows, reason));
            out.seen.push(Seen { label, to, place: outline.place_of_row(index) });
        } else {
            out.silent.push(to);
        }
        Ok(())
    }

    /// What the guards that may say anything must say for the row to be enabled.
    pub(super) fn enabled(
        &mut self,
        row: &Row,
        config: Config,
        setting: Setting,
        asks: &mut SettingSet,
    ) -> Result<Bdd, Limit> {
        let outline = self.outline;
        let looked_up = self.looked_up(config);
        let there = config.facts | setting.guards & looked_up;
        let mut open: Vec<Cube> = Vec::new();
        for cube in &row.cubes {
            let denied = cube.denied(there) - outline.asked_hidden;
            if denied.is_empty() {
                open.push(*cube);
            } else if looked_up.includes(denied) {
                *asks |= outline.setting_of_one(denied);
            }
        }
        if let Some(sure) = open.iter().find(|cube| !cube.asks().intersects(outline.asked_hidden)) {
            *asks |= outline.settings_of(sure.asks() & looked_up);
            return Ok(Bdd::ALWAYS);
        }
        let mut enabled = Bdd::NEVER;
        for cube in open {
            *asks |= outline.settings_of(cube.asks() & looked_up);
            let cube = self.rest(cube)?;
            enabled = self.diagrams.or(enabled, cube)?;
        }
        Ok(enabled)
    }

    /// What is left of a case once all is known but the guards that may say anything.
    pub(super) fn rest(&mut self, cube: Cube) -> Result<Bdd, Limit> {
        Ok(self.diagrams.case(cube.among(self.outline.asked_hidden))?)
    }

    /// Whether a case of a row can hold in a configuration under some settings of those given, as far as guards that may
    /// say anything do not decide it.
    pub(super) fn is_open(&self, config: Config, cube: Cube, settings: SettingCube) -> bool {
        let (outline, looked_up) = (self.outline, self.looked_up(config));
        let on = outline.settings_of(cube.set & looked_up);
        let off = outline.settings_of(cube.clear & looked_up);
        (outline.asked_hidden | looked_up).includes(cube.denied(config.facts))
            && !on.intersects(off | settings.clear)
            && !off.intersects(settings.set)
    }

    /// The guards that are looked up in the setting. Fixed ones say nothing before an attempt has started.
    fn looked_up(&self, config: Config) -> FactSet {
        let public = self.outline.decided;
        if config.is_sampled { public } else { public - self.outline.fixed }
    }

    /// Every command comes, and is answered.
    fn answer(&mut self, id: ConfigId, config: Config, setting: Setting, out: &mut Steps) -> Result<(), Limit> {
        let outline = self.outline;
        for (index, trigger) in outline.triggers.iter().enumerate() {
            let declared = outline.place_of_fact(trigger.fact);
            let refused = Seen { label: trigger.refused, to: id, place: declared };
            let admitted = self.is_admitted(trigger.needs, setting, &mut out.asks);
            if trigger.may_be_refused || admitted != Some(true) {
                out.seen.push(refused);
            }
            if admitted != Some(false) {
                self.put(id, config, setting, index, out)?;
            }
        }
        Ok(())
    }

    /// Whether a command passes that needs one of these guards; `None` where guards that no setting decides matter.
    fn is_admitted(&self, needs: FactSet, setting: Setting, asks: &mut SettingSet) -> Option<bool> {
        let outline = self.outline;
        let decided = needs & outline.decided;
        let holding = decided & setting.guards;
        *asks |= if holding.is_empty() { outline.settings_of(decided) } else { outline.setting_of_one(holding) };
        step::admits(needs, holding, needs - decided)
    }

    /// A trigger is put to the machine, for every choice of the fixed guards that no setting decides.
    fn put(
        &mut self,
        id: ConfigId,
        config: Config,
        setting: Setting,
        trigger: usize,
        out: &mut Steps,
    ) -> Result<(), Limit> {
        let outline = self.outline;
        let place = &outline.states[config.state.index()];
        let (success, fact) = (outline.triggers[trigger].success, outline.triggers[trigger].fact);
        let anew = step::asked_anew(outline.machine, config.state);
        let choices = outline.fixed_hidden & anew;
        if choices.len() > HIDDEN_MAX {
            return Err(Limit::Configurations);
        }
        for choice in choices.subsets() {
            let kept = step::sampled(outline.machine, config.state, config.facts, choice);
            let is_sampled = config.is_sampled || place.is_idle;
            let asked = Config { facts: kept, is_sampled, ..config };
            let mut is_taken = false;
            let mut to = id;
            for (row, cases) in &place.takers[trigger] {
                if self.is_possible(cases, asked, setting, &mut out.asks) {
                    if !is_taken {
                        let facts = step::accepted(outline.machine, config.facts, kept, fact);
                        to = self.id(Config { facts, is_due: true, is_sampled, ..config })?;
                        is_taken = true;
                    }
                    out.seen.push(Seen { label: success, to, place: outline.place_of_row(*row) });
                }
            }
            if !is_taken {
                let (label, place) = place.otherwise[trigger];
                out.seen.push(Seen { label, to: id, place });
            }
        }
        Ok(())
    }

    /// Whether the row is a reason to accept the trigger under the fixed guards of the attempt.
    fn is_possible(&self, cases: &[Cube], asked: Config, setting: Setting, asks: &mut SettingSet) -> bool {
        let outline = self.outline;
        let looked_up = self.looked_up(asked) & outline.fixed;
        let there = asked.facts & outline.fixed | setting.guards & looked_up;
        if let Some(case) = cases.iter().find(|case| case.holds(there)) {
            *asks |= outline.settings_of(case.asks() & looked_up);
            return true;
        }
        for denied in cases.iter().map(|case| case.denied(there)).filter(|denied| looked_up.includes(*denied)) {
            *asks |= outline.setting_of_one(denied);
        }
        false
    }

    /// The work reports something, or in an idle state something outside does: any event that a row of the state
    /// mentions, for every choice of the fixed guards that are asked then and that no setting decides.
    fn report(&mut self, config: Config, out: &mut Steps) -> Result<(), Limit> {
        let outline = self.outline;
        let place = &outline.states[config.state.index()];
        let choices = outline.fixed_hidden & step::asked_anew(outline.machine, config.state);
        if !place.events.is_empty() && choices.len() > HIDDEN_MAX {
            return Err(Limit::Configurations);
        }
        let is_sampled = config.is_sampled || place.is_idle;
        for event in &place.events {
            for choice in choices.subsets() {
                let kept = step::sampled(outline.machine, config.state, config.facts, choice);
                let facts = step::accepted(outline.machine, config.facts, kept, *event);
                let to = self.id(Config { facts, is_due: true, is_sampled, ..config })?;
                out.silent.push(to);
                // What was reported before and led nowhere need not be reported again, and then no guard is asked again.
                if place.unsure.contains(*event) || config.facts.contains(*event) {
                    out.unsure.push(to);
                }
            }
        }
        Ok(())
    }
}
