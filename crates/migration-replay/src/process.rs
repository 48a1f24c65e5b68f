//! One process, followed as the set of everything that may be true of it.

pub(super) mod run;

use super::config::{Config, Phase, Place};
use super::observation::{Command, Observation, Reply, Start};
use super::request::{Request, Wish};
use super::settings::{Names, Settings};
use super::step::{Rules, Step};
use super::unexplained::{Unexplained, Why};
use super::way::{Way, Ways};
use super::whereabouts::{self, Whereabouts};
use migration_table::model::{FactSet, Kind, Machine, StatusId, Table};
use migration_table::{search, step};

/// The command by which a process is told to wait for a guest, on its command line or later.
const INCOMING: &str = "migrate-incoming";
/// The command by which a process is ended.
const QUIT: &str = "quit";
/// How many possibilities are followed at most.
const CONFIGS_MAX: usize = 100_000;

/// What may be, although it is not seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Assumptions {
    /// Names of rare events that may have happened.
    pub(super) events: Vec<String>,
    /// Whether others may give commands.
    pub(super) unseen_commands: bool,
    /// Whether a published status may be seen later than what came after it.
    pub(super) late_events: bool,
    /// Whether the ways are kept on which everything came about.
    pub(super) traces: bool,
}

/// A process that is being followed.
#[derive(Clone, Debug)]
pub(super) struct Process<'t> {
    rules: Rules<'t>,
    /// Everything that may be true, before anything that is not seen happens. None before the process began.
    configs: Ways,
    has_exited: bool,
    /// All that was seen, as long as it is not known how it began and no command was seen that may change something.
    before_known: Option<Vec<Numbered>>,
    /// The number of what is being seen.
    now: usize,
    /// Everything since it began, where ways are kept.
    life: Option<Life>,
}

/// What was seen, and its number among all that was seen of all processes.
type Numbered = (usize, Observation);

/// What was seen of a process since it began.
#[derive(Clone, Debug)]
struct Life {
    start: Start,
    /// Whether it is only looked on, so that it began long ago and others command it.
    is_looked_on: bool,
    seen: Vec<Numbered>,
}

/// What can follow from what may be true, as long as nothing is seen.
struct Closure {
    /// Everything that may be true by now.
    configs: Ways,
    /// What may be published next, and what would be true then.
    published: Vec<(StatusId, Config, Way)>,
}

impl<'t> Process<'t> {
    pub(super) fn new(table: &'t Table, start: &Start, assumptions: &Assumptions) -> Process<'t> {
        let rules = Rules {
            table,
            names: Names::of(table),
            requests: Default::default(),
            assumed: assumptions.events.clone(),
            unseen_commands: assumptions.unseen_commands,
            late_events: assumptions.late_events,
            one_at_a_time: false,
            ruled_out: None,
        };
        let life = Life { start: start.clone(), is_looked_on: false, seen: Vec::new() };
        let mut process = Process {
            rules,
            configs: Ways::default(),
            has_exited: false,
            before_known: None,
            now: 0,
            life: assumptions.traces.then_some(life),
        };
        process.begin(start);
        process
    }

    /// Takes in what was seen next; `now` is its number. If nothing explains it, nothing changes.
    pub(super) fn observe(&mut self, now: usize, observation: &Observation) -> Result<(), Unexplained> {
        if self.has_exited && !matches!(observation, Observation::Started(_)) {
            return Err(Unexplained::because(Why::Gone));
        }
        self.now = now;
        match observation {
            Observation::Started(start) => self.begin(start),
            Observation::Command(command) => {
                self.send(command.clone());
                let request = self.rules.requests.get(&command.id);
                if request.is_some_and(|request| matches!(request.wish, Wish::Trigger(_))) {
                    self.before_known = None;
                }
            }
            Observation::Ending => self.send_unanswered(QUIT),
            Observation::Exited => self.has_exited = true,
            Observation::Published(_) | Observation::Reply { .. } | Observation::Decided { .. } => {
                self.saw(observation).or_else(|why| self.saw_by_chance(observation).ok_or(why))?;
            }
        }
        if !matches!(observation, Observation::Started(_)) {
            let known = self.life.iter_mut().map(|life| &mut life.seen);
            known.chain(&mut self.before_known).for_each(|seen| seen.push((now, observation.clone())));
        }
        Ok(())
    }

    /// Returns where each machine may be, in the order of the table.
    pub(super) fn whereabouts(&self) -> Vec<Whereabouts> {
        // Too many possibilities to follow are none that could be shown.
        let mut since = self.closure().map(|closure| closure.configs).unwrap_or_default();
        since.retain(Config::is_settled);
        whereabouts::of(self.rules.table.machines.len(), &self.configs, &since)
    }

    /// Takes in what the process said.
    fn saw(&mut self, observation: &Observation) -> Result<(), Unexplained> {
        match observation {
            Observation::Published(status) => self.published(status),
            Observation::Reply { id, reply } => self.replied(*id, reply, Config::is_settled),
            Observation::Decided { id, reply } => self.replied(*id, reply, |_| true),
            Observation::Started(_) | Observation::Command(_) | Observation::Ending | Observation::Exited => Ok(()),
        }
    }

    /// The same for somebody who only looks on: as long as a recording shows no command that could change anything, and
    /// not how the process began, it began long ago, and others command it.
    fn saw_by_chance(&mut self, observation: &Observation) -> Option<()> {
        let before = self.before_known.as_ref().filter(|_| !self.rules.unseen_commands)?;
        let mut process = self.clone();
        process.look_on();
        for (now, seen) in before {
            process.observe(*now, seen).ok()?;
        }
        process.now = self.now;
        process.saw(observation).ok()?;
        *self = Process { before_known: None, ..process };
        Some(())
    }

    /// It began long ago, and others command it.
    fn look_on(&mut self) {
        self.begin(&Start::LongAgo);
        self.rules.unseen_commands = true;
        self.life.iter_mut().for_each(|life| life.is_looked_on = true);
        let unknown = |config: Config| Config { settings: config.settings.unknown_publishing(), ..config };
        self.configs = std::mem::take(&mut self.configs).changed(unknown);
    }

    fn begin(&mut self, start: &Start) {
        (self.has_exited, self.configs) = (false, Ways::default());
        if let Some(life) = &mut self.life {
            *life = Life { start: start.clone(), is_looked_on: false, seen: Vec::new() };
        }
        self.rules.requests.clear();
        self.rules.one_at_a_time = !matches!(start, Start::Fresh | Start::Set(_) | Start::Listening);
        self.before_known = match start {
            Start::Fresh | Start::Set(_) | Start::Listening | Start::Showing(_) => None,
            Start::FreshOrListening | Start::LongAgo => Some(Vec::new()),
        };
        let table = self.rules.table;
        let initial = table.machines.iter().map(|machine| Place::resting(machine.initial, FactSet::EMPTY)).collect();
        let fresh =
            Config { places: initial, settings: Settings::at_first(), commands: Vec::new(), unnoticed: Vec::new() };
        match start {
            Start::Fresh => self.configs = Ways::from_iter([(fresh, Way::default())]),
            Start::Set(values) => {
                let settings = self.rules.names.with_settings(Settings::unknown(), values);
                self.configs = Ways::from_iter([(Config { settings, ..fresh }, Way::default())]);
            }
            Start::Listening => self.configs = self.listening(fresh),
            Start::FreshOrListening => {
                self.configs = self.listening(fresh.clone());
                self.configs.add(fresh, Way::default());
            }
            Start::LongAgo => self.configs = anywhere(table),
            Start::Showing(status) => {
                let name = |id: StatusId| table.statuses[id.index()].name.as_str();
                self.configs = anywhere(table);
                self.configs.retain(|config| config.shown(table).map(name) == status.as_deref());
            }
        }
    }

    /// What may be true of a process that was told to wait for a guest before anybody could listen to it.
    fn listening(&self, fresh: Config) -> Ways {
        let quiet = Config { settings: fresh.settings.publishing(false), ..fresh };
        let mut told = Process {
            rules: self.rules.clone(),
            configs: Ways::from_iter([(quiet, Way::default())]),
            has_exited: false,
            before_known: None,
            now: self.now,
            life: self.life.clone(),
        };
        told.send_unanswered(INCOMING);
        let is_done = |config: &Config| config.commands.iter().all(|(_, phase)| *phase != Phase::Sent);
        let mut configs = told.closure().map(|closure| closure.configs).unwrap_or_default();
        configs.retain(|config| is_done(config) && config.is_settled());
        // Whether statuses are published is not known from here on.
        let forget =
            |config: Config| Config { settings: config.settings.unknown_publishing(), commands: Vec::new(), ..config };
        configs.changed(forget)
    }

    fn send(&mut self, command: Command) {
        let id = command.id;
        let has_parameters = self.rules.names.has_parameters();
        let Some(request) = Request::of(self.rules.table, has_parameters, command) else { return };
        self.rules.requests.insert(id, request);
        let send = |mut config: Config| {
            config.commands.push((id, Phase::Sent));
            config
        };
        self.configs = std::mem::take(&mut self.configs).changed(send);
    }

    /// Something that a command asks for, asked without one.
    fn send_unanswered(&mut self, name: &str) {
        let id = u64::MAX - self.rules.requests.len() as u64;
        self.send(Command { id, name: name.to_owned(), out_of_band: true, ..Command::default() });
    }

    fn published(&mut self, status: &str) -> Result<(), Unexplained> {
        let closure = self.closure()?;
        let name = |id: StatusId| self.rules.table.statuses[id.index()].name.as_str();
        let next = closure.published.iter().filter(|(id, ..)| name(*id) == status);
        let next = next.map(|(_, config, way)| (config.clone(), way.clone()));
        let noticed = |(config, way): (&Config, &Way)| {
            let (first, rest) = config.unnoticed.split_first()?;
            (name(*first) == status).then(|| (Config { unnoticed: rest.to_vec(), ..config.clone() }, way.clone()))
        };
        let next: Ways = next.chain(closure.configs.iter().filter_map(noticed)).collect();
        if next.is_empty() {
            let is_known = self.rules.table.statuses.iter().any(|known| known.name == status);
            let why = if is_known { Why::Published(status.to_owned()) } else { Why::UnknownStatus(status.to_owned()) };
            return Err(self.unexplained(why, &closure));
        }
        self.configs = next;
        Ok(())
    }

    /// A command is answered; what is not seen has to happen first until the process `can_speak`.
    fn replied(&mut self, id: u64, reply: &Reply, can_speak: fn(&Config) -> bool) -> Result<(), Unexplained> {
        let Some(request) = self.rules.requests.get(&id).cloned() else { return Ok(()) };
        let closure = self.closure()?;
        let settled = closure.configs.iter().filter(|(config, _)| can_speak(config));
        let next = settled.filter_map(|(config, way)| {
            let config = self.answered(config, id, &request, reply)?;
            Some((config, way.clone()))
        });
        let next: Ways = next.collect();
        if next.is_empty() {
            let why = Why::Replied { command: request.command.name.clone(), reply: reply.clone() };
            return Err(self.unexplained(why, &closure));
        }
        self.configs = next;
        self.rules.requests.remove(&id);
        Ok(())
    }

    /// What is true once the command has got its reply; none if it cannot get this one.
    fn answered(&self, config: &Config, id: u64, request: &Request, reply: &Reply) -> Option<Config> {
        let index = config.commands.iter().position(|(other, _)| *other == id)?;
        let phase = config.commands[index].1;
        let table = self.rules.table;
        let fits = match (phase, reply) {
            (Phase::Sent, reply) => *reply == Reply::Unknown,
            (_, Reply::Unknown) => false,
            _ if request.command.human => true,
            (Phase::Shown(status), Reply::Status(name)) => {
                status.map(|id| table.statuses[id.index()].name.as_str()) == name.as_deref()
            }
            (Phase::Accepted { .. } | Phase::Ignored, Reply::Done | Reply::Status(_) | Reply::Capabilities(_)) => true,
            (Phase::Accepted { went_wrong, .. }, Reply::Refused) => went_wrong,
            (Phase::Refused, Reply::Refused) => true,
            (Phase::Shown(_), Reply::Done | Reply::Capabilities(_) | Reply::Refused) => false,
            (Phase::Ignored, Reply::Refused) => matches!(request.wish, Wish::Parameters | Wish::Capabilities),
            (Phase::Refused, Reply::Done | Reply::Status(_) | Reply::Capabilities(_)) => false,
        };
        let mut next = config.clone();
        next.commands.remove(index);
        // Where others may change them unseen, what they are now says little.
        if let Reply::Capabilities(capabilities) = reply
            && !self.rules.unseen_commands
        {
            next.settings = self.rules.names.with_capabilities(next.settings, capabilities);
        }
        fits.then_some(next)
    }

    fn closure(&self) -> Result<Closure, Unexplained> {
        self.spread(&|config, out| self.rules.steps(config, out))
    }

    /// Follows steps for as long as nothing is published, shorter ways first.
    fn spread(&self, next: &dyn Fn(&Config, &mut Vec<Step>)) -> Result<Closure, Unexplained> {
        let mut closure = Closure { configs: self.configs.clone(), published: Vec::new() };
        let lengths = self.configs.iter().map(|(config, way)| (way.length(), config.clone()));
        let mut steps = Vec::new();
        search::fixpoint(lengths, |(length, config), todo| {
            let Some(before) = closure.configs.get(&config).filter(|way| way.length() == length).cloned() else {
                return Ok(());
            };
            next(&config, &mut steps);
            for Step { config, publishes, fired } in steps.drain(..) {
                let way = if self.life.is_some() { before.with(fired, self.now) } else { Way::default() };
                let length = way.length();
                match publishes {
                    Some(status) => closure.published.push((status, config, way)),
                    None => {
                        if closure.configs.add(config.clone(), way) {
                            todo.insert((length, config));
                        }
                    }
                }
            }
            if closure.configs.len() > CONFIGS_MAX {
                return Err(Unexplained::because(Why::TooManyPossibilities));
            }
            Ok(())
        })?;
        Ok(closure)
    }

    /// Says where the machines may be and what could be seen next instead.
    fn unexplained(&self, why: Why, closure: &Closure) -> Unexplained {
        let table = self.rules.table;
        let mut unexplained = Unexplained::because(why);
        for config in closure.configs.configs().filter(|config| config.is_settled()) {
            for (machine, place) in table.machines.iter().zip(&config.places) {
                let shows = &table.statuses[machine.state(place.state).shows.index()].name;
                unexplained.may_be(machine, place.state, shows);
            }
            if let Some(status) = config.unnoticed.first() {
                unexplained.may_publish(&table.statuses[status.index()].name);
            }
            for (id, phase) in &config.commands {
                let Some(request) = self.rules.requests.get(id) else { continue };
                unexplained.may_reply(table, request, *phase);
            }
        }
        for (status, ..) in &closure.published {
            unexplained.may_publish(&table.statuses[status.index()].name);
        }
        unexplained
    }
}

/// Everything that may be true of a process that began long ago. One machine at most is taken to be at work.
fn anywhere(table: &Table) -> Ways {
    let mut places: Vec<Vec<Place>> = vec![Vec::new()];
    for machine in &table.machines {
        let extend = |before: &Vec<Place>| -> Vec<Vec<Place>> {
            // The guards of an attempt that is under way are not known.
            let kept = |machine: &Machine, state| machine.fixed_guards() - step::asked_anew(machine, state);
            let here = machine.state_ids().map(|state| Place::resting(state, kept(machine, state)));
            here.map(|place| before.iter().copied().chain([place]).collect()).collect()
        };
        places = places.iter().flat_map(extend).collect();
    }
    let is_idle = |(place, machine): &(&Place, &Machine)| machine.state(place.state).kind == Kind::Idle;
    places.retain(|places| places.iter().zip(&table.machines).filter(|at| !is_idle(at)).count() <= 1);
    let config = |places| Config { places, settings: Settings::unknown(), commands: Vec::new(), unnoticed: Vec::new() };
    places.into_iter().map(|places| (config(places), Way::default())).collect()
}
