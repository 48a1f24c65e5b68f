//! One process, followed as the set of everything that may be true of it.

pub(super) mod run;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::answered::answered;
use super::arrivals::Mail;
use super::closure::{Closure, TooMany};
use super::config::Config;
use super::late::{Between, Late};
use super::memo::{Memo, Moment};
use super::numbers::Numbers;
use super::observation::{Command, Observation, Reply, Start};
use super::request::{Request, Wish};
use super::start;
use super::step::Rules;
use super::unexplained::{Unexplained, Why};
use super::way::Ways;
use super::whereabouts::{self, Whereabouts};
use migration_table::model::{IdSet, Kind, MessageId};

/// How much of what was seen is kept before it is followed in another way at the same time.
const KEPT_MAX: usize = 1_024;

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
    /// Everything that may be true, before anything that is not seen happens.
    configs: Arc<Ways>,
    /// Whether there was too much to follow when it began.
    is_lost: bool,
    has_exited: bool,
    /// Whether it is only looked on, since nothing else explains what was seen.
    pub(super) is_looked_on: bool,
    chance: Chance<'t>,
    numbers: Numbers,
    memo: Memo,
    /// The moments at which the next event can have been published, where events may be seen late.
    late: Option<Late>,
    mail: Mail,
    /// The messages that may have been sent before what is being seen, if that matters.
    sends: Option<IdSet<MessageId>>,
    /// When it is seen.
    until: f64,
    /// The number of what is being seen.
    now: usize,
    /// Everything since it began, where ways are kept.
    life: Option<Life>,
    /// What was published without the reason that the table gives in every run.
    pub(super) unreasoned: BTreeSet<String>,
}

/// Whether a process may be one that is only looked on: it began long ago, and others command it. That is so as long as a
/// recording shows no command that could change anything, and not how the process began.
#[derive(Clone, Debug)]
enum Chance<'t> {
    /// It is not.
    Gone,
    /// It may be: this is all that was seen.
    Kept(Vec<Numbered>),
    /// It may be: so followed it is this.
    Followed(Box<Process<'t>>),
    /// There is too much to follow.
    Lost,
}

/// What was seen, and its number among all that was seen of all processes.
type Numbered = (usize, Observation);

/// What was seen of a process since it began.
#[derive(Clone, Debug)]
struct Life {
    start: Start,
    seen: Vec<Numbered>,
}

impl<'t> Process<'t> {
    /// A process that begins now. `rules` are those of any process of the table, of which nothing was seen yet.
    pub(super) fn new(
        rules: &Rules<'t>,
        memo: Memo,
        start: &Start,
        assumptions: &Assumptions,
        mail: Mail,
    ) -> Process<'t> {
        let rules = Rules {
            is_told_always: rules.is_told_always || mail.publishes,
            assumed: assumptions.events.clone(),
            unseen_commands: assumptions.unseen_commands,
            late_events: assumptions.late_events,
            ..rules.clone()
        };
        let life = Life { start: start.clone(), seen: Vec::new() };
        let mut process = Process {
            rules,
            configs: Arc::default(),
            is_lost: false,
            has_exited: false,
            is_looked_on: false,
            chance: Chance::Gone,
            numbers: Numbers::default(),
            memo,
            late: None,
            mail,
            sends: None,
            until: f64::NEG_INFINITY,
            now: 0,
            life: assumptions.traces.then_some(life),
            unreasoned: BTreeSet::new(),
        };
        process.begin(start);
        process
    }

    /// The same at a time, if that is known.
    pub(super) fn observe_at(
        &mut self,
        now: usize,
        time: Option<f64>,
        observation: &Observation,
    ) -> Result<(), Unexplained> {
        let time = self.mail.time(time);
        let arrived = self.mail.arrived(time);
        if arrived != self.rules.arrived {
            self.rules.arrived = arrived;
            self.memo.forget();
        }
        self.until = time;
        self.observe(now, observation)?;
        self.mail.seen(time);
        if self.mail.is_judged() {
            for (at, machine) in self.rules.table.machines.iter().enumerate() {
                let is_idle = |config: &Config| machine.state(config.places[at].state).kind == Kind::Idle;
                if self.configs.configs().all(is_idle) {
                    self.mail.is_idle(at);
                }
            }
        }
        Ok(())
    }

    /// Whether some message of the table could not have arrived when something was seen.
    pub(super) fn is_judged_together(&self) -> bool {
        self.mail.has_withheld
    }

    /// What it has to do with messages, once nothing more is seen of it.
    pub(super) fn mail(&self) -> Mail {
        let mut mail = self.mail.clone();
        if let Ok(closure) = self.closure() {
            mail.may_send(closure.sends, f64::INFINITY);
        }
        mail
    }

    /// Takes in what was seen next; `now` is its number. If nothing explains it, nothing changes.
    pub(super) fn observe(&mut self, now: usize, observation: &Observation) -> Result<(), Unexplained> {
        if self.has_exited && !matches!(observation, Observation::Started(_)) {
            return Err(Unexplained::because(Why::Gone));
        }
        self.now = now;
        match observation {
            Observation::Started(start) => {
                self.begin(start);
                return Ok(());
            }
            Observation::Exited => self.has_exited = true,
            Observation::Command(_)
            | Observation::Ending
            | Observation::Published(_)
            | Observation::Changed(_)
            | Observation::Reply { .. }
            | Observation::Decided { .. } => {
                self.saw(observation).or_else(|why| self.saw_by_chance(observation, why))?;
            }
        }
        self.keep(now, observation);
        Ok(())
    }

    /// Returns where each machine may be, in the order of the table.
    pub(super) fn whereabouts(&self) -> Vec<Whereabouts> {
        // Too many possibilities to follow are none that could be shown.
        let mut since = self.closure().map(|closure| closure.configs).unwrap_or_default();
        since.retain(Config::is_settled);
        whereabouts::of(self.rules.table.machines.len(), &self.configs, &since)
    }

    /// Takes in what the process was told, or said.
    fn saw(&mut self, observation: &Observation) -> Result<(), Unexplained> {
        if self.is_lost {
            return Err(Unexplained::because(Why::TooManyPossibilities));
        }
        let means = |command| request(&self.rules, command);
        let Some(numbered) = self.numbers.numbered(observation, means) else { return Ok(()) };
        self.sends = None;
        let requests = self.late.as_ref().map(|_| self.rules.requests.clone());
        // Which event comes says more than what may be true now, where events come late.
        let is_event = matches!(numbered, Observation::Published(_) | Observation::Changed(_));
        if self.life.is_none()
            && !(is_event && self.late.is_some())
            && let Some((moment, sends)) = self.memo.follow(&numbered, || moment(&self.rules, &self.configs))
        {
            (self.configs, self.rules.requests) = (moment.configs, moment.requests);
            self.sends = sends;
        } else {
            match &numbered {
                Observation::Published(status) => self.published(status)?,
                Observation::Changed(status) => self.changed(status)?,
                Observation::Reply { id, reply } => self.replied(*id, reply, Config::is_settled)?,
                Observation::Decided { id, reply } => self.replied(*id, reply, |_| true)?,
                Observation::Command(command) => self.send(command),
                Observation::Started(_) | Observation::Ending | Observation::Exited => {}
            }
            if self.life.is_none() && is_event && self.late.is_some() {
                self.memo.forget();
            } else if self.life.is_none() {
                self.configs = self.memo.led(&numbered, moment(&self.rules, &self.configs), self.sends).configs;
            }
        }
        if let (Some(late), Some(requests)) = (&mut self.late, requests)
            && !is_event
        {
            let (seen, arrived) = (self.life.is_some().then_some(self.now), self.rules.arrived);
            let between = Between { observation: numbered.clone(), seen, arrived };
            late.add(&mut self.rules, requests, between).map_err(|TooMany| too_many())?;
        }
        if let Some(sends) = self.sends {
            self.mail.may_send(sends, self.until);
        }
        self.mail.publishes |= is_event;
        if let Observation::Reply { id, .. } | Observation::Decided { id, .. } = observation {
            self.numbers.forget(*id);
        }
        Ok(())
    }

    /// The same for somebody who only looks on.
    fn saw_by_chance(&mut self, observation: &Observation, why: Unexplained) -> Result<(), Unexplained> {
        let looking_on = match std::mem::replace(&mut self.chance, Chance::Gone) {
            Chance::Gone => return Err(why),
            Chance::Lost => return Err(Unexplained::because(Why::TooManyPossibilities)),
            Chance::Followed(process) => Ok(*process),
            Chance::Kept(seen) => self.looking_on(&seen),
        };
        let observed = looking_on.and_then(|mut process| {
            process.observe(self.now, observation)?;
            Ok(process)
        });
        match observed {
            Ok(process) => {
                *self = process;
                Ok(())
            }
            Err(other) if other.gave_up() => Err(other),
            Err(_) => Err(why),
        }
    }

    /// The same process as one that began long ago and that others command, after all that was seen.
    fn looking_on(&self, seen: &[Numbered]) -> Result<Process<'t>, Unexplained> {
        let mut process = Process { chance: Chance::Gone, memo: self.memo.elsewhere(), ..self.clone() };
        process.look_on();
        seen.iter().try_for_each(|(now, seen)| process.observe(*now, seen))?;
        Ok(process)
    }

    fn look_on(&mut self) {
        self.rules.unseen_commands = true;
        self.begin(&Start::LongAgo);
        self.is_looked_on = true;
    }

    /// Keeps what was seen, for as long as it may be needed.
    fn keep(&mut self, now: usize, observation: &Observation) {
        if let Some(life) = &mut self.life {
            life.seen.push((now, observation.clone()));
        }
        if let Observation::Command(command) = observation
            && !matches!(self.chance, Chance::Gone)
            && request(&self.rules, command.clone()).is_some_and(|request| matches!(request.wish, Wish::Trigger(_)))
        {
            self.chance = Chance::Gone;
        }
        self.chance = match std::mem::replace(&mut self.chance, Chance::Gone) {
            Chance::Kept(mut seen) => {
                seen.push((now, observation.clone()));
                if seen.len() < KEPT_MAX || self.life.is_some() {
                    Chance::Kept(seen)
                } else {
                    Chance::from(self.looking_on(&seen))
                }
            }
            Chance::Followed(mut process) => {
                let observed = process.observe(now, observation);
                Chance::from(observed.map(|()| *process))
            }
            chance @ (Chance::Gone | Chance::Lost) => chance,
        };
    }

    fn begin(&mut self, start: &Start) {
        (self.has_exited, self.is_looked_on) = (false, false);
        if let Some(life) = &mut self.life {
            *life = Life { start: start.clone(), seen: Vec::new() };
        }
        self.numbers.clear();
        self.memo.forget();
        self.rules.requests.clear();
        self.rules.one_at_a_time = !matches!(start, Start::Fresh | Start::Set(_) | Start::Listening);
        self.chance = match start {
            Start::Fresh | Start::Set(_) | Start::Listening | Start::Showing(_) => Chance::Gone,
            Start::LongAgo if self.rules.unseen_commands => Chance::Gone,
            Start::FreshOrListening | Start::LongAgo => Chance::Kept(Vec::new()),
        };
        let configs = || start::configs(&self.rules, start).ok();
        let configs = self.memo.start(start, self.rules.flavour(), configs);
        self.is_lost = configs.is_none();
        self.configs = configs.unwrap_or_default();
        self.late = self.rules.late_events.then(|| Late::new(self.configs.clone(), self.memo.elsewhere()));
    }

    /// The possibilities, to be changed.
    fn configs_mut(&mut self) -> Ways {
        Arc::unwrap_or_clone(std::mem::take(&mut self.configs))
    }

    fn send(&mut self, command: &Command) {
        let id = command.id;
        let Some(request) = request(&self.rules, command.clone()) else { return };
        self.rules.requests.insert(id, request);
        self.configs = Arc::new(self.configs_mut().changed(|config| config.sent(id)));
    }

    /// A status is shown, and told whatever the capability says.
    fn changed(&mut self, status: &str) -> Result<(), Unexplained> {
        if !self.rules.is_told_always {
            self.rules.is_told_always = true;
            self.memo.forget();
            let told = |config: Config| Config { settings: config.settings.publishing(true), ..config };
            self.configs = Arc::new(self.configs_mut().changed(told));
            self.late.iter_mut().for_each(|late| late.change(told));
        }
        self.published(status)
    }

    fn published(&mut self, status: &str) -> Result<(), Unexplained> {
        let mut closure = self.closure()?;
        self.sends = Some(closure.sends);
        let table = self.rules.table;
        let next: Arc<Ways> = match &mut self.late {
            Some(late) => {
                let seen = self.life.is_some().then_some(self.now);
                let published = late.publish(&mut self.rules, status, seen).map_err(|TooMany| too_many())?;
                closure.published = published.instead;
                published.configs
            }
            None => {
                let next = || closure.published.iter().filter(|(told, ..)| told.is(table, status));
                if next().all(|(told, ..)| told.lacks_reason(table, status)) {
                    self.unreasoned.extend(next().map(|(told, ..)| told.words(table)));
                }
                Arc::new(next().map(|(_, config, way)| (config.clone(), way.clone())).collect())
            }
        };
        if next.is_empty() {
            let is_known = table.statuses.iter().any(|known| {
                status.strip_prefix(known.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            });
            let why = if is_known { Why::Published(status.to_owned()) } else { Why::UnknownStatus(status.to_owned()) };
            return Err(Unexplained::of(&self.rules, why, None, &closure));
        }
        self.configs = next;
        Ok(())
    }

    /// A command is answered; what is not seen has to happen first until the process `can_speak`.
    fn replied(&mut self, id: u64, reply: &Reply, can_speak: fn(&Config) -> bool) -> Result<(), Unexplained> {
        let Some(request) = self.rules.requests.get(&id).cloned() else { return Ok(()) };
        let closure = self.closure()?;
        self.sends = Some(closure.sends);
        let settled = closure.configs.iter().filter(|(config, _)| can_speak(config));
        let next = settled.filter_map(|(config, way)| {
            let config = answered(&self.rules, config, id, &request, reply)?;
            Some((config, way.clone()))
        });
        let next: Ways = next.collect();
        if next.is_empty() {
            let why = Why::Replied { command: request.command.name.clone(), reply: reply.clone() };
            return Err(Unexplained::of(&self.rules, why, Some(id), &closure));
        }
        self.configs = Arc::new(next);
        self.rules.requests.remove(&id);
        Ok(())
    }

    fn closure(&self) -> Result<Closure, Unexplained> {
        let seen = self.life.is_some().then_some(self.now);
        Closure::of(&self.rules, &self.configs, seen).map_err(|TooMany| too_many())
    }
}

/// What a command means to the table; `None` if it means nothing.
fn request(rules: &Rules<'_>, command: Command) -> Option<Request> {
    Request::of(rules.table, &rules.wire, rules.names.has_parameters(), command)
}

fn too_many() -> Unexplained {
    Unexplained::because(Why::TooManyPossibilities)
}

/// The present moment.
fn moment(rules: &Rules<'_>, configs: &Arc<Ways>) -> Moment {
    Moment { flavour: rules.flavour(), configs: configs.clone(), requests: rules.requests.clone() }
}

impl<'t> From<Result<Process<'t>, Unexplained>> for Chance<'t> {
    fn from(followed: Result<Process<'t>, Unexplained>) -> Chance<'t> {
        match followed {
            Ok(process) => Chance::Followed(Box::new(process)),
            Err(why) if why.gave_up() => Chance::Lost,
            Err(_) => Chance::Gone,
        }
    }
}
