//! What may be true of a process when it begins, or when somebody begins to look at it.

use super::closure::{Closure, TooMany};
use super::config::{Config, Phase, Place};
use super::observation::{Command, Start};
use super::request::Request;
use super::settings::Settings;
use super::step::Rules;
use super::way::{Way, Ways};
use migration_table::model::{FactSet, Kind, Machine};
use migration_table::step;

/// The command by which a process is told to wait for a guest, on its command line or later.
const INCOMING: &str = "migrate-incoming";

/// Everything that may be true.
pub(super) fn configs(rules: &Rules<'_>, start: &Start) -> Result<Ways, TooMany> {
    let table = rules.table;
    let initial = table.machines.iter().map(|machine| Place::resting(machine.initial, FactSet::EMPTY)).collect();
    let settings = match (rules.unseen_commands, rules.is_told_always) {
        // Others may have set everything.
        (true, true) => Settings::default().publishing(true),
        (true, false) => Settings::default(),
        (false, false) => Settings::at_first(),
        (false, true) => Settings::at_first().publishing(true),
    };
    let fresh = Config { places: initial, settings, commands: Vec::new() };
    Ok(match start {
        Start::Fresh => only(fresh),
        Start::Set(values) => {
            let settings = rules.names.with_settings(Settings::publishing(Settings::default(), true), values);
            only(Config { settings, ..fresh })
        }
        Start::Listening => listening(rules, &fresh)?,
        Start::FreshOrListening => {
            let mut configs = listening(rules, &fresh)?;
            configs.add(fresh, Way::default());
            configs
        }
        // Who may have begun long ago may have begun just now: more is allowed, never less.
        Start::LongAgo => {
            let settings = match rules.is_told_always {
                true => Settings::default().publishing(true),
                false => Settings::default(),
            };
            let unknown = |config: Config| Config { settings, ..config };
            let mut configs = listening(rules, &fresh)?;
            configs.add(fresh, Way::default());
            let anywhere = anywhere(rules, settings);
            configs
                .changed(unknown)
                .iter()
                .chain(anywhere.iter())
                .map(|(config, way)| (config.clone(), way.clone()))
                .collect()
        }
        Start::Showing(status) => {
            let is_it = |config: &Config| {
                config.shown(table).into_iter().any(|told| match (told, status) {
                    (Some(told), Some(status)) => told.is(table, status),
                    (told, status) => told.is_none() && status.is_none(),
                })
            };
            let mut configs = anywhere(rules, Settings::publishing(Settings::default(), true));
            configs.retain(is_it);
            configs
        }
    })
}

fn only(config: Config) -> Ways {
    Ways::from_iter([(config, Way::default())])
}

/// What may be true of a process that was told to wait for a guest before anybody could listen to it.
fn listening(rules: &Rules<'_>, fresh: &Config) -> Result<Ways, TooMany> {
    let command = Command { name: INCOMING.to_owned(), out_of_band: true, ..Command::default() };
    let mut told = rules.clone();
    told.requests.clear();
    told.unseen_commands = false;
    let mut quiet = Config { settings: fresh.settings.publishing(false), ..fresh.clone() };
    if let Some(request) = Request::of(rules.table, &rules.wire, false, command) {
        told.requests.insert(0, request);
        quiet.commands.push((0, Phase::Sent));
    }
    let mut configs = Closure::of(&told, &only(quiet), None)?.configs;
    let is_done = |config: &Config| config.commands.iter().all(|(_, phase)| *phase != Phase::Sent);
    configs.retain(|config| is_done(config) && config.is_settled());
    // Whether statuses are published is not known from here on, unless they always are.
    let forget = |config: Config| {
        let settings = match rules.is_told_always {
            true => config.settings.publishing(true),
            false => config.settings.unknown_publishing(),
        };
        Config { settings, commands: Vec::new(), ..config }
    };
    Ok(configs.changed(forget))
}

/// Everything that may be true of a process that began long ago. One machine at most is taken to be at work.
fn anywhere(rules: &Rules<'_>, settings: Settings) -> Ways {
    let table = rules.table;
    let mut places: Vec<Vec<Place>> = vec![Vec::new()];
    for (at, machine) in table.machines.iter().enumerate() {
        let extend = |before: &Vec<Place>| -> Vec<Vec<Place>> {
            // The guards of an attempt that is under way are not known.
            let kept = |machine: &Machine, state| {
                (machine.fixed_guards() - step::asked_anew(machine, state)) & rules.live.from(at, state)
            };
            let here = machine.state_ids().map(|state| Place::resting(state, kept(machine, state)));
            here.map(|place| before.iter().copied().chain([place]).collect()).collect()
        };
        places = places.iter().flat_map(extend).collect();
    }
    let is_idle = |(place, machine): &(&Place, &Machine)| machine.state(place.state).kind == Kind::Idle;
    places.retain(|places| places.iter().zip(&table.machines).filter(|at| !is_idle(at)).count() <= 1);
    let config = |places| Config { places, settings, commands: Vec::new() };
    places.into_iter().map(|places| (config(places), Way::default())).collect()
}
