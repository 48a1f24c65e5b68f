//! From a finding of a report to a run of the table that shows its evidence.
//!
//! Findings on the public API have their evidence in the report. Of those on a table, that a promise is not kept has
//! one: it is found again, by the place of the promise.
//!
//! Evidence is what a client does and sees, as a recording is, so it is followed as one: under the settings of which
//! the finding speaks, in the one machine that it is about. One side can show it and the other cannot; drawn over a
//! table that cannot, the run ends where that table does otherwise.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use migration_table::draw::{Step as Shown, Trace};
use migration_table::model::{FactKind, Guarantee, Machine, Table};
use migration_table::public::promise::broken;
use migration_table::public::{Label, Reply, project};
use migration_table::replay::{self, Command, Observation, Replay, Run, Start};
use serde::Deserialize;

use super::Found;
use crate::outcome::Outcome;

/// The check that says that a promise is not kept.
const NOT_KEPT: &str = "T0430";

/// What a report says, as far as a run is concerned.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    findings: Vec<Finding>,
}

/// A finding. Those on a table alone have a code and a place.
#[derive(Debug, Deserialize)]
struct Finding {
    code: Option<String>,
    place: Option<Place>,
    #[serde(default)]
    key: String,
    machine: Option<String>,
    #[serde(default)]
    when: String,
    #[serde(default)]
    seen_by: Vec<String>,
    #[serde(default)]
    evidence: Vec<Step>,
}

/// Where the text is that a finding means.
#[derive(Debug, Deserialize)]
struct Place {
    start_byte: Option<usize>,
}

/// A step of evidence.
#[derive(Debug, Deserialize)]
struct Step {
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

/// A run, and what of the evidence is not on it.
struct Followed {
    run: Run,
    /// How many steps are.
    steps: usize,
    /// Why the next one is not.
    why: Option<String>,
}

impl Report {
    /// Reads a file if it is a report: one JSON object that has findings.
    pub(super) fn read(path: &Path) -> Result<Option<Report>> {
        let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        // A recording has more than one object, or no such member.
        Ok(serde_json::from_reader(BufReader::new(file)).ok())
    }

    /// The run of a finding.
    pub(super) fn run<'t>(mut self, table: &'t Table, path: &Path, meant: Option<&str>) -> Result<Found<'t>> {
        for finding in &mut self.findings {
            finding.look_up(table);
        }
        let finding = self.finding(path, meant)?;
        let name = finding.machine.as_deref().context("the finding is about names alone: there is no run of it")?;
        let machine = table.machine(name).with_context(|| format!("the table has no machine `{name}`"))?;
        let followed = finding.follow(table, machine)?;
        let mut notes = vec![format!("the evidence of {}", finding.key)];
        if let Some(why) = &followed.why {
            let (step, all) = (followed.steps + 1, finding.evidence.len());
            let stop = format!("the table does not show step {step} of {all} of the evidence: {why}");
            eprintln!("{}: {stop}", path.display());
            notes.push(stop);
        }
        let taken = followed.run.steps.iter();
        let steps = taken.map(|taken| Shown {
            machine: &machine.name,
            from: taken.from,
            row: taken.row,
            is_certain: taken.is_certain,
        });
        let ends = followed.run.ends.iter().map(|end| (machine.name.as_str(), *end)).collect();
        let trace = Trace { steps: steps.collect(), ends, notes };
        Ok(Found { trace, outcome: if followed.why.is_some() { Outcome::Findings } else { Outcome::Clean } })
    }

    /// The finding that is meant: the only one that has evidence, or the one that is named.
    fn finding(&self, path: &Path, meant: Option<&str>) -> Result<&Finding> {
        let numbered = self.findings.iter().enumerate();
        let with_evidence: Vec<(usize, &Finding)> = numbered.filter(|(_, it)| !it.evidence.is_empty()).collect();
        let is_meant = |at: usize, finding: &Finding| {
            meant.is_none_or(|meant| match meant.parse::<usize>() {
                Ok(number) => at + 1 == number,
                Err(_) => finding.key.starts_with(meant),
            })
        };
        let found: Vec<&(usize, &Finding)> = with_evidence.iter().filter(|(at, it)| is_meant(*at, it)).collect();
        match (&found[..], meant) {
            ([(_, finding)], _) => Ok(finding),
            ([], None) => bail!("no finding of `{}` has evidence that could be drawn", path.display()),
            ([], Some(meant)) => bail!("`{}` has no finding `{meant}` with evidence", path.display()),
            ([..], _) => {
                let list: String = found.iter().map(|(at, it)| format!("\n  {}  {}", at + 1, it.key)).collect();
                bail!("`{}` has several: choose one with `--finding`{list}", path.display())
            }
        }
    }
}

impl Finding {
    /// Finds out how a promise of the table is broken, if that is what the finding says.
    fn look_up(&mut self, table: &Table) {
        let is_meant = |guarantee: &&Guarantee| {
            let place = self.place.as_ref().and_then(|place| place.start_byte);
            self.code.as_deref() == Some(NOT_KEPT) && place == Some(guarantee.span.start)
        };
        let Some(guarantee) = table.guarantees.iter().find(is_meant) else { return };
        let Ok(side) = project(table) else { return };
        let Some(broken) = side.guarantees.get(&guarantee.name).and_then(|promised| broken(promised, &side)) else {
            return;
        };
        self.key = format!("{NOT_KEPT}: {}", guarantee.name);
        self.machine = Some(broken.machine.name.clone());
        self.seen_by = vec!["E!".to_owned()];
        self.when = broken.under.0.first().map_or("always".to_owned(), |cube| {
            let settings = broken.machine.settings.iter().enumerate();
            let literal = |(bit, name): (usize, &String)| match (cube.set >> bit & 1, cube.clear >> bit & 1) {
                (1, _) => Some(name.clone()),
                (_, 1) => Some(format!("not {name}")),
                (_, _) => None,
            };
            let literals: Vec<String> = settings.filter_map(literal).collect();
            if literals.is_empty() { "always".to_owned() } else { literals.join(" and ") }
        });
        self.evidence = broken.trace.iter().map(|label| Step::of(label)).collect();
    }

    /// Follows the evidence for as long as the machine shows it: under the first of the settings under which it does to
    /// the end, or else under those under which it does longest.
    fn follow(&self, table: &Table, machine: &Machine) -> Result<Followed> {
        let client = self.client()?;
        let alone = Table { machines: vec![machine.clone()], ..table.clone() };
        let mut best: Option<Followed> = None;
        for settings in cases(&self.when) {
            let followed = self.follow_under(&alone, settings, client)?;
            let is_better = |best: &Followed| best.why.is_some() && followed.steps > best.steps;
            if best.as_ref().is_none_or(is_better) {
                best = Some(followed);
            }
        }
        best.context("the finding names no settings")
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

    fn follow_under(&self, table: &Table, mut settings: Vec<(String, bool)>, client: Client) -> Result<Followed> {
        settings.push(("events".to_owned(), client == Client::Told));
        let mut replay = Replay::new(table).tracing();
        let mut stopped = replay.observe("", &Observation::Started(Start::Set(settings))).err();
        let (mut id, mut steps, mut shown) = (0, 0, None);
        for step in &self.evidence {
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
        Ok(Followed { run, steps, why: stopped.map(|error| error.to_string()) })
    }
}

impl Step {
    fn of(label: &Label) -> Step {
        let (kind, error) = match label {
            Label::Event(_) => ("event", None),
            Label::Reply(_, Reply::Success) => ("command", None),
            Label::Reply(_, Reply::Error(class)) => ("command", Some(class.clone())),
        };
        Step { kind: kind.to_owned(), name: Some(label.text().to_owned()), error }
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
                let reply = if self.error.is_some() { replay::Reply::Refused } else { replay::Reply::Done };
                vec![command(name, arguments), Observation::Decided { id, reply }]
            }
            // That nothing more comes is nothing that happens.
            ("rest", ..) => Vec::new(),
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
fn cases(when: &str) -> Vec<Vec<(String, bool)>> {
    let literal = |word: &str| match word.strip_prefix("not ") {
        Some(name) => (name.to_owned(), false),
        None => (word.to_owned(), true),
    };
    if when == "always" {
        return vec![Vec::new()];
    }
    when.split(" or ").map(|case| case.split(" and ").map(literal).collect()).collect()
}
