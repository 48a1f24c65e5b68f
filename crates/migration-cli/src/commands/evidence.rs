//! From evidence to a run of a table that shows it.
//!
//! Evidence is what a client does and sees, as a recording is, so it is followed as one: under the settings of which
//! the finding speaks, in the one machine that it is about. One side can show it and the other cannot; in a table that
//! cannot, the run ends where that table does otherwise.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use migration_contract::compare::Change;
use migration_contract::public::{AFTER_A_CHANGE, Label, Reply};
use migration_draw::{Step as Shown, Trace};
use migration_replay::{self as replay, Command, Observation, Replay, Run, Start};
use migration_table::model::{FactKind, Table};
use serde::Deserialize;

/// The kind of a step after which nothing more comes.
const REST: &str = "rest";

/// The kind of a step in which the client changes settings.
const SETTINGS: &str = "settings";

/// What a finding says that a client can do and see.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Evidence {
    /// The name of the finding, by which it can be chosen.
    #[serde(default)]
    pub(super) key: String,
    /// The machine, or `None` if the finding is about names alone.
    pub(super) machine: Option<String>,
    /// Under which settings.
    #[serde(default)]
    pub(super) when: String,
    /// The classes of observers that can tell.
    #[serde(default)]
    pub(super) seen_by: Vec<String>,
    /// What is done and seen.
    #[serde(default, rename = "evidence")]
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Step {
    kind: String,
    name: Option<String>,
    error: Option<String>,
}

/// How a client comes to know statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// It is told every event.
    Told,
    /// It asks from time to time.
    Asks,
}

/// A run, and which part of the evidence is not on it.
pub(super) struct Followed<'t> {
    pub(super) trace: Trace<'t>,
    /// How many steps are.
    steps: usize,
    /// Why the next one is not.
    pub(super) why: Option<String>,
}

/// Those among the findings of a report that have evidence, with their numbers in it, from 1; only the one that is meant, by its number or by
/// the beginning of its name, if one is.
pub(super) fn meant_in<'e>(
    findings: impl Iterator<Item = &'e Evidence>,
    meant: Option<&str>,
) -> Vec<(usize, &'e Evidence)> {
    let is_meant = |number: usize, finding: &Evidence| {
        meant.is_none_or(|meant| match meant.parse::<usize>() {
            Ok(other) => number == other,
            Err(_) => finding.key.starts_with(meant),
        })
    };
    let numbered = findings.enumerate().map(|(at, finding)| (at + 1, finding));
    numbered.filter(|(number, it)| !it.steps.is_empty() && is_meant(*number, it)).collect()
}

/// Numbers and names of findings, a line each, to choose from.
pub(super) fn list(findings: &[(usize, &Evidence)]) -> String {
    findings.iter().map(|(number, it)| format!("\n  {number}  {}", it.key)).collect()
}

impl Evidence {
    /// The evidence of a change of the public API.
    pub(super) fn of(change: &Change) -> Evidence {
        let step = |step: &migration_contract::compare::Step| {
            let kind = if step.set.is_empty() { REST } else { SETTINGS };
            let other = || Step { kind: kind.to_owned(), name: step.changes(), error: None };
            step.label.as_ref().map_or_else(other, Step::of)
        };
        Evidence {
            key: change.key().to_string(),
            machine: change.machine.clone(),
            when: change.condition.clone(),
            seen_by: change.seen_by.iter().cloned().collect(),
            steps: change.evidence.iter().map(step).collect(),
        }
    }

    /// Follows the evidence for as long as the table shows it: under the first of the settings under which it does to
    /// the end, or else under those under which it does longest.
    ///
    /// # Errors
    ///
    /// The table has no such machine, or the evidence is not one of a run.
    pub(super) fn follow<'t>(&self, table: &'t Table) -> Result<Followed<'t>> {
        let name = self.machine.as_deref().context("the finding is about names alone: there is no run of it")?;
        let machine = table.machine(name).with_context(|| format!("the table has no machine `{name}`"))?;
        let client = self.client()?;
        let alone = Table { machines: vec![machine.clone()], ..table.clone() };
        let mut best: Option<Followed<'t>> = None;
        for settings in self.starts() {
            let (run, steps, why) = self.follow_under(&alone, settings, client)?;
            let taken = run.steps.iter();
            let shown = |taken: &replay::Taken| Shown {
                machine: &machine.name,
                from: taken.from,
                row: taken.row,
                is_certain: taken.is_certain,
            };
            let ends = run.ends.iter().map(|end| (machine.name.as_str(), *end)).collect();
            let trace = Trace { steps: taken.map(shown).collect(), ends, notes: Vec::new() };
            let is_better = |best: &Followed<'_>| best.why.is_some() && steps > best.steps;
            if best.as_ref().is_none_or(is_better) {
                best = Some(Followed { trace, steps, why });
            }
        }
        let mut best = best.context("the finding names no settings")?;
        if let Some(why) = &mut best.why {
            let (step, all) = (best.steps + 1, self.steps.len());
            *why = format!("the table does not show step {step} of {all} of the evidence: {why}");
        }
        Ok(best)
    }

    /// The settings under which the evidence may begin, each with what it wants on and off. Where a client changes some,
    /// these are off at first.
    pub(super) fn starts(&self) -> Vec<Vec<(String, bool)>> {
        if !self.when.ends_with(AFTER_A_CHANGE) {
            return cases(&self.when);
        }
        let changed: BTreeSet<String> =
            self.steps.iter().flat_map(Step::settings).map(|(name, _)| name.to_owned()).collect();
        vec![changed.into_iter().map(|name| (name, false)).collect()]
    }

    fn client(&self) -> Result<Client> {
        let sees = |name: &str| self.seen_by.iter().any(|other| other == name);
        if sees("E!") {
            Ok(Client::Told)
        } else if sees("P!") && !sees("E") && !sees("El") {
            Ok(Client::Asks)
        } else {
            bail!("its evidence leaves out statuses that the client passes over: there is no one run of it")
        }
    }

    /// The run, how many steps of the evidence are on it, and why the next one is not.
    fn follow_under(
        &self,
        table: &Table,
        mut settings: Vec<(String, bool)>,
        client: Client,
    ) -> Result<(Run, usize, Option<String>)> {
        settings.push(("events".to_owned(), client == Client::Told));
        let mut replay = Replay::new(table).tracing();
        let mut stopped = replay.observe("", &Observation::Started(Start::Set(settings))).err();
        let (mut id, mut steps, mut shown) = (0, 0, None);
        for step in &self.steps {
            if stopped.is_some() {
                break;
            }
            id += 1;
            let observations = step.observations(table, id, client, shown)?;
            // Only all of a step is a step.
            let before = replay.clone();
            stopped = observations.iter().find_map(|observation| replay.observe("", observation).err());
            match stopped {
                Some(_) => replay = before,
                None => steps += 1,
            }
            if step.kind == "event" {
                shown = step.name.as_deref();
            }
        }
        let run = replay.runs().pop().context("the process has a run")?;
        Ok((run, steps, stopped.map(|error| error.to_string())))
    }
}

impl Step {
    pub(super) fn of(label: &Label) -> Step {
        let (kind, error) = match label {
            Label::Event(_) => ("event", None),
            Label::Reply(_, Reply::Success) => ("command", None),
            Label::Reply(_, Reply::Error(class)) => ("command", Some(class.clone())),
        };
        Step { kind: kind.to_owned(), name: Some(label.text().to_owned()), error }
    }

    /// The settings that the client changes, each with whether it is on now.
    pub(super) fn settings(&self) -> impl Iterator<Item = (&str, bool)> {
        let words = self.name.as_deref().filter(|_| self.kind == SETTINGS).unwrap_or_default();
        let setting = |word: &'_ str| word.rsplit_once(' ').map(|(name, state)| (name.len(), state == "on"));
        words.split(", ").filter_map(move |word| setting(word).map(|(length, is_on)| (&word[..length], is_on)))
    }

    /// The command that changes these settings, as far as one does.
    fn setting_commands(&self, id: u64) -> Vec<Observation> {
        let (parameters, capabilities): (Vec<_>, Vec<_>) = self.settings().partition(|(name, _)| name.contains('='));
        let capabilities = capabilities.into_iter().map(|(name, is_on)| (name.to_owned(), is_on)).collect();
        let value = |(name, is_on): (&str, bool)| {
            let (name, value) = name.split_once('=')?;
            // A parameter that no longer has the value has some other one.
            Some((name.to_owned(), if is_on { value.to_owned() } else { String::new() }))
        };
        let arguments: Vec<(String, String)> = parameters.into_iter().filter_map(value).collect();
        let name = if arguments.is_empty() { "migrate-set-capabilities" } else { "migrate-set-parameters" };
        let command = Command { id, name: name.to_owned(), arguments, capabilities, ..Command::default() };
        vec![Observation::Command(command), Observation::Decided { id, reply: replay::Reply::Done }]
    }

    /// Whether nothing more comes.
    pub(super) fn is_rest(&self) -> bool {
        self.kind == REST
    }

    /// Whether it is the event of this status.
    pub(super) fn is_event(&self, status: &str) -> bool {
        self.kind == "event" && self.name.as_deref() == Some(status)
    }

    pub(super) fn is_command(&self, command: Option<&str>) -> bool {
        self.kind == "command" && self.name.as_deref() == command
    }

    /// Whether the command is answered with an error.
    pub(super) fn is_error(&self) -> bool {
        self.error.is_some()
    }

    /// What is seen of the step; `shown` is the status that was seen last.
    fn observations(&self, table: &Table, id: u64, client: Client, shown: Option<&str>) -> Result<Vec<Observation>> {
        let command = |name: &str, arguments: Vec<(String, String)>| {
            Observation::Command(Command { id, name: name.to_owned(), arguments, ..Command::default() })
        };
        Ok(match (self.kind.as_str(), self.name.as_deref(), client) {
            ("event", Some(status), Client::Told) => vec![Observation::Published(status.to_owned())],
            ("event", Some(status), Client::Asks) => {
                let reply = replay::Reply::Status(Some(status.to_owned()));
                vec![command("query-migrate", Vec::new()), Observation::Reply { id, reply }]
            }
            ("command", Some(words), _) => {
                let mut words = words.split(' ');
                let name = words.next().unwrap_or_default();
                let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
                let mut arguments: Vec<(String, String)> = words.filter_map(pair).collect();
                // Who gives such a command names the status that is shown.
                arguments.extend(expected(table, name).zip(shown).map(|(name, status)| (name, status.to_owned())));
                // Evidence has the answer first, and then the events that come of the command.
                let reply = if self.error.is_some() { replay::Reply::Refused(None) } else { replay::Reply::Done };
                vec![command(name, arguments), Observation::Decided { id, reply }]
            }
            (SETTINGS, ..) => self.setting_commands(id),
            // That nothing more comes is nothing that happens.
            (REST, ..) => Vec::new(),
            (kind, ..) => bail!("the report has evidence of an unknown kind `{kind}`"),
        })
    }
}

/// The argument in which a command names the status that is shown, if it has one.
fn expected(table: &Table, command: &str) -> Option<String> {
    let mut facts = table.machines.iter().flat_map(|machine| &machine.facts);
    facts.find_map(|fact| {
        let FactKind::Trigger { command: name, admission, .. } = &fact.kind else { return None };
        admission.expects.clone().filter(|_| name == command)
    })
}

/// The cases of a condition over settings, each with what it wants on and off.
pub(super) fn cases(when: &str) -> Vec<Vec<(String, bool)>> {
    let literal = |word: &str| match word.strip_prefix("not ") {
        Some(name) => (name.to_owned(), false),
        None => (word.to_owned(), true),
    };
    if when == "always" {
        return vec![Vec::new()];
    }
    when.split(" or ").map(|case| case.split(" and ").map(literal).collect()).collect()
}
