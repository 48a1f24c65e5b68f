//! The same question answered without the follower: plain enumeration of what the reference interpreter can do.
//!
//! Slow and simple on purpose, and for recordings that show everything that matters: processes that begin fresh,
//! statuses that are switched on by a command, no parameters, no human monitor.

use std::collections::BTreeSet;

use migration_replay::log::Seen;
use migration_replay::{Command, Observation, Reply};
use migration_table::interpret::Run;
use migration_table::model::{Answer, FactId, FactKind, FactSet, Machine, Table};

/// Whether some run of the interpreter shows exactly this of the process.
pub(super) fn explains(table: &Table, process: &str, seen: &[Seen]) -> bool {
    let observations: Vec<&Observation> =
        seen.iter().filter(|seen| seen.process == process).map(|seen| &seen.observation).collect();
    let world =
        World { table, runs: table.machines.iter().map(Run::new).collect(), on: BTreeSet::new(), sent: Vec::new() };
    let mut todo = vec![(0, world)];
    let mut known = BTreeSet::new();
    while let Some((at, world)) = todo.pop() {
        let Some(observation) = observations.get(at) else { return true };
        if !known.insert((at, world.key())) {
            continue;
        }
        let mut next = Vec::new();
        world.clone().consume(observation, &mut |world| next.push((at + 1, world)));
        world.act(&mut |world, published| {
            let silent = !world.on.contains("events") || published.is_empty();
            let wanted = observations[at..].iter().take(published.len());
            let fits = wanted.len() == published.len()
                && wanted.zip(&published).all(|(seen, status)| **seen == Observation::Published(status.clone()));
            if silent || fits {
                next.push((at + if silent { 0 } else { published.len() }, world));
            }
        });
        todo.extend(next);
    }
    false
}

#[derive(Clone)]
struct World<'t> {
    table: &'t Table,
    runs: Vec<Run<'t>>,
    on: BTreeSet<String>,
    sent: Vec<(Command, Outcome)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Waiting,
    Fine,
    /// Taken by a machine, when so many of its rows had fired.
    Taken(usize, usize),
    Refused,
    Shown(Option<String>),
}

type Key = (Vec<(u16, FactSet, bool)>, BTreeSet<String>, Vec<(u64, Outcome)>);

impl<'t> World<'t> {
    /// What tells it from others. How many rows have fired matters only as far as something went wrong since a command.
    fn key(&self) -> Key {
        let wrong = |index: usize| self.sent.iter().any(|(_, outcome)| self.went_wrong(outcome, index));
        let place = |(index, run): (usize, &Run<'_>)| (run.state().0, run.facts(), wrong(index));
        let sent = self.sent.iter().map(|(command, outcome)| match outcome {
            Outcome::Taken(machine, _) => (command.id, Outcome::Taken(*machine, 0)),
            Outcome::Waiting | Outcome::Fine | Outcome::Refused | Outcome::Shown(_) => (command.id, outcome.clone()),
        });
        (self.runs.iter().enumerate().map(place).collect(), self.on.clone(), sent.collect())
    }

    /// Whether a row that consumes evidence with a cause has fired since the command was taken.
    fn went_wrong(&self, outcome: &Outcome, index: usize) -> bool {
        let Outcome::Taken(machine, since) = outcome else { return false };
        let machine_of = &self.table.machines[index];
        let carries = |id: FactId| machine_of.fact(id).carries_cause;
        let bad =
            |row: &usize| machine_of.fact_ids().any(|id| carries(id) && machine_of.rows[*row].mentions.contains(id));
        *machine == index && self.runs[index].fired()[*since..].iter().any(bad)
    }

    fn act(&self, out: &mut impl FnMut(World<'t>, Vec<String>)) {
        for index in 0..self.runs.len() {
            let (run, machine) = (&self.runs[index], &self.table.machines[index]);
            let rows = machine.rows_of(run.state());
            let mentions = rows.iter().fold(FactSet::EMPTY, |all, row| all | row.mentions) - run.facts();
            let reports = |id: &FactId| {
                let fact = machine.fact(*id);
                mentions.contains(*id) && fact.is_event() && !fact.is_rare
            };
            for event in machine.fact_ids().filter(reports) {
                for guards in self.guards(machine) {
                    self.with(index, guards, out, |run| {
                        run.report(run.visit(), event);
                    });
                }
            }
        }
        let waiting = |(_, outcome): &(Command, Outcome)| *outcome == Outcome::Waiting;
        let first = self.sent.iter().position(|(command, _)| !command.out_of_band);
        for index in 0..self.sent.len() {
            if waiting(&self.sent[index]) && (self.sent[index].0.out_of_band || first == Some(index)) {
                self.carry_out(index, out);
            }
        }
    }

    /// Every set of guards that agrees with the capabilities.
    fn guards(&self, machine: &Machine) -> Vec<FactSet> {
        let mut all = vec![FactSet::EMPTY];
        for id in machine.fact_ids() {
            let FactKind::Guard { capability, parameter, .. } = &machine.fact(id).kind else { continue };
            match (capability, parameter) {
                (Some(name), _) if self.on.contains(name) => all.iter_mut().for_each(|guards| *guards |= id),
                (Some(_), _) | (None, Some(_)) => {}
                (None, None) => all.extend(all.clone().iter().map(|guards| *guards | id)),
            }
        }
        all
    }

    /// The world after something was done to one machine, and what that published.
    fn with(
        &self,
        index: usize,
        guards: FactSet,
        out: &mut impl FnMut(World<'t>, Vec<String>),
        act: impl FnOnce(&mut Run<'t>),
    ) {
        let mut world = self.clone();
        let run = &mut world.runs[index];
        let before = run.published().len();
        run.set_guards(guards);
        act(run);
        let published = run.published().skip(before);
        let published = published.map(|id| self.table.statuses[id.index()].name.clone()).collect();
        out(world, published);
    }

    fn carry_out(&self, index: usize, out: &mut impl FnMut(World<'t>, Vec<String>)) {
        let command = &self.sent[index].0;
        let mut becomes = |outcome: Outcome| {
            let mut world = self.clone();
            if outcome == Outcome::Fine {
                for (name, on) in &command.capabilities {
                    let _ = if *on { world.on.insert(name.clone()) } else { world.on.remove(name) };
                }
            }
            world.sent[index].1 = outcome;
            out(world, Vec::new());
        };
        if command.name == "query-migrate" {
            return becomes(Outcome::Shown(self.shown()));
        }
        let asked: Vec<(usize, FactId)> =
            (0..self.runs.len()).filter_map(|at| Some((at, self.trigger(at, command)?))).collect();
        if asked.is_empty() {
            return becomes(Outcome::Fine);
        }
        let (mut ignored, mut taken) = (false, None);
        let mut vetoed = false;
        for (at, trigger) in asked {
            let machine = &self.table.machines[at];
            let FactKind::Trigger { admission, .. } = &machine.fact(trigger).kind else {
                unreachable!("it is a trigger")
            };
            vetoed |= admission.veto.is_some();
            if !self.admits(at, trigger, command) {
                continue;
            }
            let mut run = self.runs[at].clone();
            run.set_guards(self.guards(machine)[0]);
            match run.raise(trigger) {
                Answer::Accept => taken = taken.or(Some((at, trigger))),
                Answer::Ignore | Answer::Handle => ignored = true,
                Answer::Refuse(_) => {}
            }
        }
        if vetoed {
            becomes(Outcome::Refused);
        }
        match taken {
            None => becomes(if ignored { Outcome::Fine } else { Outcome::Refused }),
            Some((at, trigger)) => {
                let mut world = self.clone();
                world.sent[index].1 = Outcome::Taken(at, self.runs[at].fired().len());
                for guards in self.guards(&self.table.machines[at]) {
                    world.with(at, guards, out, |run| {
                        run.raise(trigger);
                    });
                }
            }
        }
    }

    fn trigger(&self, at: usize, command: &Command) -> Option<FactId> {
        let machine = &self.table.machines[at];
        let fits = machine.fact_ids().filter_map(|id| match &machine.fact(id).kind {
            FactKind::Trigger { command: name, with, .. } if *name == command.name => {
                with.iter().all(|pair| command.arguments.contains(pair)).then_some((with.len(), id))
            }
            FactKind::Trigger { .. } | FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => None,
        });
        fits.max_by_key(|(count, _)| *count).map(|(_, id)| id)
    }

    fn admits(&self, at: usize, trigger: FactId, command: &Command) -> bool {
        let machine = &self.table.machines[at];
        let FactKind::Trigger { admission, .. } = &machine.fact(trigger).kind else { return true };
        let shown = &self.table.statuses[machine.state(self.runs[at].state()).shows.index()].name;
        let agrees = |name: &String| command.arguments.contains(&(name.clone(), shown.clone()));
        let has = |name: &String| {
            machine.fact_ids().any(|id| match &machine.fact(id).kind {
                FactKind::Guard { capability: Some(capability), .. } => {
                    machine.fact(id).name == *name && self.on.contains(capability)
                }
                FactKind::Trigger { .. } | FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => false,
            })
        };
        admission.expects.as_ref().is_none_or(agrees) && (admission.needs.is_empty() || admission.needs.iter().any(has))
    }

    fn shown(&self) -> Option<String> {
        let shown = self.runs.iter().zip(&self.table.machines).find_map(|(run, machine)| {
            let status = machine.state(run.state()).shows;
            (status != machine.state(machine.initial).shows).then_some(status)
        });
        shown.map(|id| self.table.statuses[id.index()].name.clone())
    }

    fn consume(mut self, observation: &Observation, out: &mut impl FnMut(World<'t>)) {
        match observation {
            Observation::Command(command) => self.sent.push((command.clone(), Outcome::Waiting)),
            Observation::Reply { id, reply } => {
                let Some(index) = self.sent.iter().position(|(command, _)| command.id == *id) else { return };
                let outcome = self.sent[index].1.clone();
                let wrong = (0..self.runs.len()).any(|at| self.went_wrong(&outcome, at));
                let fits = match (&outcome, reply) {
                    (Outcome::Shown(shown), Reply::Status(status)) => shown == status,
                    (Outcome::Fine | Outcome::Taken(..), Reply::Done | Reply::Capabilities(_)) => true,
                    (Outcome::Taken(..), Reply::Refused(_)) => wrong,
                    // Commands of which the table knows nothing may be answered as they like.
                    (Outcome::Fine, Reply::Refused(_)) => {
                        (0..self.runs.len()).all(|at| self.trigger(at, &self.sent[index].0).is_none())
                    }
                    (Outcome::Refused, Reply::Refused(_)) => true,
                    _ => false,
                };
                if !fits {
                    return;
                }
                self.sent.remove(index);
            }
            Observation::Published(_) | Observation::Changed(_) => return,
            Observation::Ending => {
                let command =
                    Command { id: u64::MAX, name: "quit".to_owned(), out_of_band: true, ..Command::default() };
                self.sent.push((command, Outcome::Waiting));
            }
            Observation::Decided { .. } => panic!("no recording says what was decided"),
            Observation::Started(_) | Observation::Exited => {}
        }
        out(self);
    }
}
