//! What can happen next to a possibility, one step at a time: all of it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::cache::Cache;
use super::config::{Config, Phase, Place, Refusal};
use super::live::Live;
use super::names::Names as Wire;
use super::observation::Command;
use super::request::{Request, Wish};
use super::settings::{Guards, Names, Settings};
use super::told::{Kept, Told};
use super::way::Fired;
use migration_table::model::{Answer, FactId, FactKind, IdSet, Kind, Machine, MessageId, Table};
use migration_table::step;

/// Commands that have no reply yet, by their numbers.
pub(super) type Requests = BTreeMap<u64, Request>;

/// The rules of one process: the table, what its settings mean, and the commands that were sent to it.
#[derive(Clone, Debug)]
pub(super) struct Rules<'t> {
    pub(super) table: &'t Table,
    pub(super) names: Names,
    /// The names of the wire.
    pub(super) wire: Wire,
    /// Commands that have no reply yet.
    pub(super) requests: Requests,
    /// Names of rare events that may have happened all the same.
    pub(super) assumed: Vec<String>,
    /// Whether others may give commands that are not seen.
    pub(super) unseen_commands: bool,
    /// Whether a published status may be seen later than what came after it, so that nothing shows it.
    pub(super) late_events: bool,
    /// Whether every change of the status is told, whatever the capability says: a trace tells it.
    pub(super) is_told_always: bool,
    /// Whether it is only guessed which machine was at work when the process began. Then no other may start meanwhile:
    /// a process that waits for a guest has none to send, and everything could be explained twice otherwise.
    pub(super) one_at_a_time: bool,
    /// What was asked of the step before.
    pub(super) cache: Cache,
    /// The fixed guards that can still matter.
    pub(super) live: Live,
    /// The messages that can have arrived; `None` if any can.
    pub(super) arrived: Option<IdSet<MessageId>>,
    /// A row that is taken not to have fired.
    pub(super) ruled_out: Option<Fired>,
}

/// All that the rules of one process differ in from those of another, but for a row that is ruled out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flavour {
    assumed: Vec<String>,
    unseen_commands: bool,
    late_events: bool,
    is_told_always: bool,
    one_at_a_time: bool,
    arrived: Option<IdSet<MessageId>>,
}

/// What a step leads to.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The possibility after it.
    pub(super) config: Config,
    /// The status that is published by it.
    pub(super) publishes: Option<Told>,
    /// The row that fired, if it is that.
    pub(super) fired: Option<Fired>,
}

impl Step {
    /// A step in which no row fires.
    fn without_row(config: Config) -> Step {
        Step { config, publishes: None, fired: None }
    }
}

impl<'t> Rules<'t> {
    /// The rules of a process of which nothing was seen yet.
    pub(super) fn of(table: &'t Table) -> Rules<'t> {
        let wire = Wire::of(table);
        Rules {
            table,
            names: Names::of(table, wire.wire.capability.as_deref()),
            is_told_always: wire.wire.capability.is_none(),
            wire,
            requests: Requests::default(),
            assumed: Vec::new(),
            unseen_commands: false,
            late_events: false,
            one_at_a_time: false,
            cache: Cache::of(table),
            live: Live::of(table),
            arrived: None,
            ruled_out: None,
        }
    }

    pub(super) fn flavour(&self) -> Flavour {
        Flavour {
            assumed: self.assumed.clone(),
            unseen_commands: self.unseen_commands,
            late_events: self.late_events,
            is_told_always: self.is_told_always,
            one_at_a_time: self.one_at_a_time,
            arrived: self.arrived,
        }
    }

    /// Everything that can happen next.
    pub(super) fn steps(&self, config: &Config, out: &mut Vec<Step>) {
        for machine in 0..config.places.len() {
            if config.places[machine].is_due {
                self.advance(config, machine, out);
            } else {
                self.report(config, machine, out);
            }
        }
        if self.unseen_commands && config.is_settled() {
            self.hear_others(config, out);
        }
        // Commands are carried out one after the other, so only the oldest without a reply; but for those out of band.
        let mut is_first = true;
        for (index, (id, phase)) in config.commands.iter().enumerate() {
            let Some(request) = self.requests.get(id) else { continue };
            let is_turn = is_first || request.command.out_of_band;
            is_first &= request.command.out_of_band;
            if *phase == Phase::Sent && is_turn && config.is_settled() {
                self.carry_out(config, index, request, out);
            }
        }
    }

    /// What must happen before anything else does: machines look for enabled rows.
    pub(super) fn settle(&self, config: &Config, out: &mut Vec<Step>) {
        for machine in (0..config.places.len()).filter(|machine| config.places[*machine].is_due) {
            self.advance(config, machine, out);
        }
    }

    /// A machine looks for an enabled row: for every answer that its open guards may give.
    fn advance(&self, config: &Config, index: usize, out: &mut Vec<Step>) {
        let (machine, place) = (&self.table.machines[index], config.places[index]);
        let asked = machine.open_guards();
        let guards = self.cache.guards(self.table, &self.names, index, config.settings);
        // Only what the rows of the state mention has to be decided, and a fixed guard that is decided stays so.
        let mentioned = self.cache.mentioned(index, place.state);
        let mut seen = BTreeSet::new();
        for open in ((guards.open & asked | place.open) & mentioned).subsets() {
            let facts = place.facts | guards.hold & asked | open;
            let row = self.cache.row(self.table, index, place.state, facts);
            let facts = place.facts | (open - asked);
            if !seen.insert((row, facts)) {
                continue;
            }
            let place = Place { facts, open: place.open - mentioned, ..place };
            match row {
                Some(row) => self.fire(&config.with_place(index, place), index, row, out),
                None => {
                    let config = config.with_place(index, Place { is_due: false, ..place });
                    out.push(Step::without_row(config));
                }
            }
        }
    }

    fn fire(&self, config: &Config, index: usize, row: usize, out: &mut Vec<Step>) {
        let (machine, place) = (&self.table.machines[index], config.places[index]);
        let fired = Some(Fired { machine: index, from: place.state, row });
        // A line of the table can be several rows, one for each case.
        let is_line = |out: Fired| {
            (out.machine, out.from) == (index, place.state) && machine.rows[out.row].span == machine.rows[row].span
        };
        if self.ruled_out.is_some_and(is_line) {
            return;
        }
        let row = &machine.rows[row];
        let gone = step::gone(machine, row);
        let forgotten = machine.fixed_guards() - self.live.from(index, row.to);
        let (facts, open) = (place.facts - gone - forgotten, place.open - gone - forgotten);
        let kept = match self.wire.wire.reason {
            Some(_) => place.kept.after(machine, place.state, row),
            None => Kept::Unknown,
        };
        let mut next = config.with_place(index, Place { state: row.to, facts, open, kept, is_due: true });
        if (place.facts & row.mentions).iter().any(|id| machine.fact(id).carries_cause) {
            next = next.gone_wrong(index);
        }
        let mut push = |config: Config, publishes: Option<Told>| out.push(Step { config, publishes, fired });
        if !row.public {
            return push(next, None);
        }
        let settings = config.settings;
        if settings.publishes() != Some(false) {
            let config = Config { settings: settings.publishing(true), ..next.clone() };
            let told = Told { status: machine.state(row.to).shows, kept };
            // What is seen late may have been published by now, or not.
            push(config, (!self.late_events).then_some(told));
        }
        if settings.publishes() != Some(true) {
            push(Config { settings: settings.publishing(false), ..next }, None);
        }
    }

    /// The work of a machine reports something, or its peer does: any event that a row of the state mentions.
    fn report(&self, config: &Config, index: usize, out: &mut Vec<Step>) {
        let (machine, place) = (&self.table.machines[index], config.places[index]);
        let is_likely = |id: &FactId| !machine.fact(*id).is_rare || self.assumed.contains(&machine.fact(*id).name);
        let can_be = |id: &FactId| is_likely(id) && self.has_arrived(machine, *id);
        for event in (self.cache.awaited(index, place.state) - place.facts).iter().filter(can_be) {
            let place = self.reported(config, index, event);
            out.push(Step::without_row(config.with_place(index, place)));
        }
    }

    /// Whether an event can be there, as far as another process must have sent it.
    pub(super) fn has_arrived(&self, machine: &Machine, event: FactId) -> bool {
        match (self.arrived, &machine.fact(event).kind) {
            (Some(arrived), FactKind::Message(message)) => message.index() >= 64 || arrived.contains(*message),
            (None, _) | (_, FactKind::Event | FactKind::Trigger { .. } | FactKind::Guard { .. }) => true,
        }
    }

    /// Somebody else gives a command: any that a machine takes. A machine does not begin by such a command while another
    /// is at work: both would be at work in every order then, and a process that waits for a guest has none to send.
    fn hear_others(&self, config: &Config, out: &mut Vec<Step>) {
        for (at, machine) in self.table.machines.iter().enumerate() {
            for trigger in machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()) {
                for (answer, sample) in self.answers(config, at, trigger, None) {
                    if answer == Answer::Accept && self.is_alone(config, at) {
                        let place = self.triggered(config, at, trigger, sample);
                        out.push(Step::without_row(config.with_place(at, place)));
                    }
                }
            }
        }
    }

    /// A command is carried out.
    fn carry_out(&self, config: &Config, index: usize, request: &Request, out: &mut Vec<Step>) {
        let mut push = |config: Config| out.push(Step::without_row(config));
        if request.may_be_vetoed(self.table) {
            push(config.with_phase(index, Phase::Refused(None)));
        }
        match &request.wish {
            Wish::Status => {
                let shown = config.shown(self.table).into_iter();
                shown.for_each(|told| push(config.with_phase(index, Phase::Shown(told))));
            }
            Wish::Capabilities => push(config.with_phase(index, Phase::Ignored)),
            Wish::Parameters => {
                let settings = match self.unseen_commands {
                    true => config.settings,
                    false => self.names.with_parameters(config.settings, &request.command.arguments),
                };
                push(Config { settings, ..config.with_phase(index, Phase::Ignored) });
            }
            Wish::Trigger(triggers) => {
                for next in self.ask(config, index, triggers, request) {
                    let settings = match next.commands[index].1 {
                        Phase::Refused(_) | Phase::Sent | Phase::Shown(_) => next.settings,
                        Phase::Accepted { .. } | Phase::Ignored => {
                            self.with_capabilities(next.settings, &request.command.capabilities)
                        }
                    };
                    push(Config { settings, ..next });
                }
            }
        }
    }

    /// The settings once capabilities are known. Where others may change them unseen, what they are now says little.
    pub(super) fn with_capabilities(&self, settings: Settings, capabilities: &[(String, bool)]) -> Settings {
        if self.unseen_commands {
            return settings;
        }
        let known = self.names.with_capabilities(settings, capabilities);
        if self.is_told_always { known.publishing(true) } else { known }
    }

    /// Every machine that knows the command is asked. If one takes it, that is that; otherwise it is ignored if a machine
    /// has nothing against it, or refused if one has.
    fn ask(&self, config: &Config, index: usize, triggers: &[(usize, FactId)], request: &Request) -> Vec<Config> {
        let (mut taken, mut ignored, mut all_may_decline) = (Vec::new(), triggers.is_empty(), true);
        let mut refused: BTreeSet<Option<Refusal>> = BTreeSet::new();
        for (at, trigger) in triggers {
            let mut may_decline = false;
            let state = config.places[*at].state;
            for (answer, sample) in self.answers(config, *at, *trigger, Some(&request.command)) {
                match answer {
                    Answer::Accept if !self.may_start(config, *at) => {
                        refused.insert(None);
                        may_decline = true;
                    }
                    Answer::Accept => taken.push(self.take(config, index, *at, *trigger, sample)),
                    Answer::Ignore | Answer::Handle => (ignored, may_decline) = (true, true),
                    // Of what is refused for a reason of the host, the table does not say the class.
                    Answer::Refuse(because) => {
                        let refusal = || Refusal::of(self.table, *at, state, *trigger);
                        refused.insert((!because.is_empty()).then(refusal));
                        may_decline = true;
                    }
                }
            }
            all_may_decline &= may_decline;
        }
        if all_may_decline {
            taken.extend(ignored.then(|| config.with_phase(index, Phase::Ignored)));
            taken.extend(refused.into_iter().map(|refusal| config.with_phase(index, Phase::Refused(refusal))));
        }
        taken
    }

    fn may_start(&self, config: &Config, at: usize) -> bool {
        !self.one_at_a_time || self.is_alone(config, at)
    }

    /// Whether a machine is at work, or none is.
    fn is_alone(&self, config: &Config, at: usize) -> bool {
        let is_idle = |(machine, place): (&Machine, &Place)| machine.state(place.state).kind == Kind::Idle;
        let mut places = self.table.machines.iter().zip(&config.places);
        let starts = is_idle((&self.table.machines[at], &config.places[at]));
        !starts || places.all(is_idle)
    }

    fn take(&self, config: &Config, index: usize, at: usize, trigger: FactId, sample: Guards) -> Config {
        let place = self.triggered(config, at, trigger, sample);
        config.with_place(at, place).with_phase(index, Phase::Accepted { machine: at, went_wrong: false })
    }

    fn triggered(&self, config: &Config, at: usize, trigger: FactId, sample: Guards) -> Place {
        let place = config.places[at];
        let facts = step::accepted(&self.table.machines[at], place.facts, sample.hold, trigger);
        Place { facts, open: sample.open, is_due: true, ..place }
    }

    /// A machine that an event has come to. One that is idle asks its fixed guards then, since an attempt begins.
    fn reported(&self, config: &Config, at: usize, event: FactId) -> Place {
        let (machine, place) = (&self.table.machines[at], config.places[at]);
        let guards = self.cache.guards(self.table, &self.names, at, config.settings);
        let hold = step::sampled(machine, place.state, place.facts, guards.hold);
        let open = step::sampled(machine, place.state, place.open, guards.open);
        Place { facts: step::accepted(machine, place.facts, hold, event), open, is_due: true, ..place }
    }

    /// What a machine may say to a trigger, with the fixed guards that hold then: one for each value of open guards.
    /// Without a command, what it would say to some command that is this trigger.
    pub(super) fn answers(
        &self,
        config: &Config,
        at: usize,
        trigger: FactId,
        command: Option<&Command>,
    ) -> Vec<(Answer, Guards)> {
        let (machine, place) = (&self.table.machines[at], config.places[at]);
        let guards = self.cache.guards(self.table, &self.names, at, config.settings);
        let hold = step::sampled(machine, place.state, place.facts, guards.hold);
        let open = step::sampled(machine, place.state, place.open, guards.open);
        let mentioned = self.cache.mentioned(at, place.state);
        let rest = open - mentioned;
        let samples = (open & mentioned).subsets().map(|some| Guards { hold: hold | some, open: rest });
        let admitted = self.is_admitted(config, at, trigger, command);
        let mut answers = Vec::new();
        if admitted != Some(true) {
            answers.push((Answer::Refuse(String::new()), Guards { hold, open }));
        }
        if admitted != Some(false) {
            let answer =
                |sample: Guards| (self.cache.answer(self.table, at, place.state, trigger, sample.hold), sample);
            answers.extend(samples.map(answer));
        }
        answers
    }

    /// Whether the command becomes a trigger at all; none if that is not known.
    fn is_admitted(&self, config: &Config, at: usize, trigger: FactId, command: Option<&Command>) -> Option<bool> {
        let machine = &self.table.machines[at];
        let FactKind::Trigger { admission, .. } = &machine.fact(trigger).kind else { return Some(true) };
        if let (Some(argument), Some(command)) = (&admission.expects, command) {
            let shown = &self.table.statuses[machine.state(config.places[at].state).shows.index()].name;
            let named = command.arguments.iter().find(|(name, _)| name == argument);
            if named.is_none_or(|(_, value)| value != shown) && !command.human {
                return Some(false);
            }
        }
        let guards = self.cache.guards(self.table, &self.names, at, config.settings);
        step::admits(step::needed_by(machine, admission), guards.hold, guards.open)
    }
}
