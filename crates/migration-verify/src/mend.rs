//! Changes of one rule with which a property holds that fails: found by trying them.
//!
//! What is tried comes from the run that shows the failure: a command on it is refused, a message that has arrived is
//! awaited in the state that it finds, a row sends what the other side waits for, a row beside the happy path leads to
//! another state of the same kind. A change counts if the property then holds, no other property stops holding, and
//! nothing becomes unreachable.

use std::collections::BTreeSet;

use migration_table::model::{FactKind, FactSet, Machine, Row, StateId, Table};

use crate::builtin::{Unreached, UnreachedKind, builtin, unreached};
use crate::composition::Composition;
use crate::counterexample::{Counterexample, FiredRow, Told, What};
use crate::decide::decide;
use crate::graph::Graph;
use crate::mutate::{Check, findings};
use crate::names::Invalid;
use crate::property::{Mend, Outcome, Verdict};
use crate::report::Report;
use crate::system::{Bounds, Clock, System};
use crate::timing::{MARGIN_MS, has_bad_end};

/// Configurations that all trials together may cost.
const CONFIGURATIONS_MAX: usize = 3_000_000;
/// Changes that are named for a property.
const NAMED_MAX: usize = 3;
/// States in which one command is refused.
const REFUSED_MAX: usize = 6;

/// A change and the table with it.
struct Trial {
    mend: Mend,
    table: Table,
}

/// What came of a trial.
enum Judged {
    /// The property holds, no other stops holding, and nothing becomes unreachable.
    Kept,
    /// The property still fails.
    Fails(Box<Counterexample>),
    /// Something else is lost.
    Lost,
}

/// What a change of one rule leaves to be written, and is no objection to it: the answer to a command that is refused,
/// and whether a row is public.
const LEFT_TO_WRITE: [&str; 2] = ["T0404", "T0409"];

/// Looks for changes with which the failing properties of a report hold, and notes them in its verdicts. A change that
/// `check` refuses is none. A large system is left as it is: there, every trial takes long.
///
/// # Errors
///
/// When the system or a property names something that the table does not have.
pub fn add_mends(table: &Table, system: &System, check: Check, report: &mut Report) -> Result<(), Invalid> {
    if !report.has_failures() {
        return Ok(());
    }
    let clock = Clock::Numbers { margin_ms: MARGIN_MS };
    let shallow = System { clock, ..system.clone() };
    let system = System { bounds: Bounds { depth: report.depth, ..system.bounds }, ..shallow.clone() };
    let holds = |verdict: &&Verdict| matches!(verdict.result, Outcome::Holds { .. });
    let mut judge = Judge {
        system: &system,
        shallow: (report.depth > shallow.bounds.depth).then_some(&shallow),
        objections: objections(table, check),
        holding: report.verdicts.iter().filter(holds).map(|verdict| verdict.property.clone()).collect(),
        unreached: report.unreached.iter().map(|missing| (missing.machine.clone(), missing.what.clone())).collect(),
        size: report.figures.configurations,
        left: CONFIGURATIONS_MAX,
    };
    for verdict in report.verdicts.iter_mut().filter(|verdict| verdict.is_new_failure()) {
        let Outcome::Fails(run) = &verdict.result else { continue };
        verdict.mends = judge.refusals(table, run, &verdict.property)?;
        for trial in trials(table, run, &system) {
            if !judge.may_try() || verdict.mends.len() == NAMED_MAX {
                break;
            }
            let is_refused = !objections(&trial.table, check).is_subset(&judge.objections);
            if !is_refused && matches!(judge.judge(&trial.table, &verdict.property)?, Judged::Kept) {
                verdict.mends.push(trial.mend);
            }
        }
    }
    Ok(())
}

/// Judges tables with a change.
struct Judge<'s> {
    system: &'s System,
    /// The same with less room for messages, where that was not enough.
    shallow: Option<&'s System>,
    /// What `check` finds without the change.
    objections: BTreeSet<(String, String)>,
    /// What holds without the change.
    holding: BTreeSet<String>,
    /// What is not reached without the change.
    unreached: Vec<(String, UnreachedKind)>,
    /// How many configurations the table without the change has.
    size: usize,
    /// How many more configurations may be found.
    left: usize,
}

/// What `check` finds on a table, as far as it speaks against a change of one rule.
fn objections(table: &Table, check: Check) -> BTreeSet<(String, String)> {
    let is_one = |(code, _): &(String, String)| !LEFT_TO_WRITE.contains(&code.as_str());
    findings(table, check).into_iter().filter(is_one).collect()
}

impl Judge<'_> {
    /// Explores a table with the numbers that it gives for timeouts, and says whether it keeps the wanted property.
    fn judge(&mut self, table: &Table, wanted: &str) -> Result<Judged, Invalid> {
        // What can happen with less room can happen with more, and takes a fraction of the time to find.
        if let Some(run) = self.fails_with_less_room(table, wanted)? {
            return Ok(Judged::Fails(run));
        }
        let composition = match Composition::new(table, self.system) {
            Err(Invalid::TooLarge(_)) => return Ok(Judged::Lost),
            composed => composed?,
        };
        let graph = Graph::explore(&composition, &mut |_| {});
        // Deciding takes as long as the search, also where the change makes less possible.
        self.left = self.left.saturating_sub(self.size.max(1));
        let mut verdicts = builtin(&graph);
        for property in &table.properties {
            verdicts.push(decide(&graph, property)?);
        }
        let holds = |verdict: &&Verdict| matches!(verdict.result, Outcome::Holds { .. });
        let keeps = |name: &String| verdicts.iter().filter(|verdict| verdict.property == *name).all(|it| holds(&it));
        let is_known =
            |machine: &String, what: &UnreachedKind| self.unreached.contains(&(machine.clone(), what.clone()));
        let is_new = |missing: &Unreached| match &missing.what {
            // A row that never fires anywhere does not fire in this state.
            UnreachedKind::RowFrom(row, _) if is_known(&missing.machine, &UnreachedKind::Row(row.clone())) => false,
            what @ (UnreachedKind::State(_) | UnreachedKind::Row(_) | UnreachedKind::RowFrom(..)) => {
                !is_known(&missing.machine, what)
            }
        };
        let is_lost = !self.holding.iter().all(keeps) || unreached(&graph).iter().any(is_new);
        let of_wanted = verdicts.into_iter().filter(|verdict| verdict.property == wanted);
        let mut results =
            of_wanted.map(|verdict| verdict.result).filter(|result| !matches!(result, Outcome::Holds { .. }));
        Ok(match results.next() {
            Some(Outcome::Fails(run)) => Judged::Fails(run),
            None if !is_lost => Judged::Kept,
            Some(_) | None => Judged::Lost,
        })
    }

    fn may_try(&self) -> bool {
        self.left >= self.size
    }

    /// Returns a run that breaks the wanted property with less room for messages, if one bad moment breaks it.
    fn fails_with_less_room(&mut self, table: &Table, wanted: &str) -> Result<Option<Box<Counterexample>>, Invalid> {
        let property = table.properties.iter().find(|property| property.name == wanted && has_bad_end(property));
        let (Some(shallow), Some(property)) = (self.shallow, property) else { return Ok(None) };
        let composition = Composition::new(table, shallow)?;
        let graph = Graph::explore(&composition, &mut |_| {});
        self.left = self.left.saturating_sub(graph.figures().configurations);
        match decide(&graph, property)?.result {
            Outcome::Fails(run) => Ok(Some(run)),
            Outcome::Holds { .. } | Outcome::Vacuous { .. } | Outcome::NotExhausted => Ok(None),
        }
    }

    /// Tries for each command on a run to refuse it where it is last given, and again on the run that then shows the
    /// failure, until there is none.
    fn refusals(&mut self, table: &Table, run: &Counterexample, wanted: &str) -> Result<Vec<Mend>, Invalid> {
        let commands: BTreeSet<(usize, &String)> = run.steps.iter().filter_map(|step| command(step)).collect();
        let mut found = Vec::new();
        for (host, trigger) in commands {
            let Some(machine) =
                place(table, &run.machines[host]).filter(|_| !self.system.is_foreign(&run.machines[host]))
            else {
                continue;
            };
            let (mut refused, mut run) = (Refused { table: table.clone(), states: Vec::new(), line: 0 }, run.clone());
            while refused.states.len() < REFUSED_MAX && self.may_try() {
                let last = run.steps.iter().rfind(|step| command(step) == Some((host, trigger)));
                let Some(fired) = last.and_then(|step| step.rows.first()) else { break };
                refused.add(machine, fired);
                match self.judge(&refused.table, wanted)? {
                    Judged::Kept => {
                        found.push(refused.mend(trigger, &table.machines[machine].name));
                        break;
                    }
                    Judged::Fails(next) => run = *next,
                    Judged::Lost => break,
                }
            }
        }
        Ok(found)
    }
}

/// The host and the trigger of a step that is a command.
fn command(step: &Told) -> Option<(usize, &String)> {
    match (&step.what, step.host) {
        (What::Raise { trigger, .. }, Some(host)) => Some((host, trigger)),
        _ => None,
    }
}

/// A table that refuses a command in some states.
struct Refused {
    table: Table,
    states: Vec<String>,
    line: usize,
}

impl Refused {
    fn add(&mut self, machine: usize, fired: &FiredRow) {
        self.line = fired.line;
        self.states.push(format!("`{}`", fired.from));
        if let Some((row, from)) = row(&self.table.machines[machine], fired) {
            let rows = &mut self.table.machines[machine].rows;
            rows[row].from.retain(|state| *state != from);
            if rows[row].from.is_empty() {
                rows.remove(row);
            }
        }
    }

    fn mend(&self, trigger: &str, machine: &str) -> Mend {
        let what = format!("`{trigger}` is refused in {} of {machine}", self.states.join(" and "));
        Mend { what, line: self.line }
    }
}

/// The row of a machine that fired, and the state that it left.
fn row(machine: &Machine, fired: &FiredRow) -> Option<(usize, StateId)> {
    let (from, to) = (machine.state_id(&fired.from)?, machine.state_id(&fired.to)?);
    let is_it = |row: &Row| row.when == fired.when && row.to == to && row.from.contains(&from);
    Some((machine.rows.iter().position(is_it)?, from))
}

/// Everything else that is tried, nothing twice.
fn trials(table: &Table, run: &Counterexample, system: &System) -> Vec<Trial> {
    let mut found = Trials { table, system, found: Vec::new() };
    for (host, end) in run.at_the_end.iter().enumerate() {
        let Some(machine) = place(table, &run.machines[host]) else { continue };
        let messages = run.steps.iter().flat_map(|step| &step.messages).filter(|passing| passing.to == host);
        messages.for_each(|passing| found.await_message(machine, &end.state, &passing.message));
        end.waits_for.iter().for_each(|awaited| found.send(machine, run, awaited));
    }
    for step in &run.steps {
        let Some(machine) = step.host.and_then(|host| place(table, &run.machines[host])) else { continue };
        step.rows.iter().for_each(|row| found.redirect(machine, row));
    }
    found.found
}

fn place(table: &Table, machine: &str) -> Option<usize> {
    table.machines.iter().position(|known| known.name == machine)
}

struct Trials<'t> {
    table: &'t Table,
    system: &'t System,
    found: Vec<Trial>,
}

impl Trials<'_> {
    fn add(&mut self, machine: usize, what: String, line: usize, change: impl FnOnce(&mut Machine)) {
        let is_known = self.found.iter().any(|trial| trial.mend.what == what && trial.mend.line == line);
        // What was released stays as it is.
        if is_known || self.system.is_foreign(&self.table.machines[machine].name) {
            return;
        }
        let mut table = self.table.clone();
        change(&mut table.machines[machine]);
        self.found.push(Trial { mend: Mend { what, line }, table });
    }

    fn machine(&self, machine: usize) -> &Machine {
        &self.table.machines[machine]
    }

    /// In the state, the row leads to another state of the same kind.
    fn redirect(&mut self, machine: usize, fired: &FiredRow) {
        let of = self.machine(machine);
        let Some((row, from)) = row(of, fired) else { return };
        if of.happy_path.windows(2).any(|pair| pair == [from, of.rows[row].to]) {
            return;
        }
        let (to, name) = (of.rows[row].to, of.name.clone());
        let same_kind = |state: &StateId| *state != to && *state != from && of.state(*state).kind == of.state(to).kind;
        let targets: Vec<(StateId, String)> =
            of.state_ids().filter(same_kind).map(|state| (state, of.state(state).name.clone())).collect();
        for (target, target_name) in targets {
            let what = format!("`{}` leads from `{}` of {name} to `{target_name}`", fired.when, fired.from);
            self.add(machine, what, fired.line, |machine| {
                let old = &mut machine.rows[row];
                old.from.retain(|state| *state != from);
                let new = Row { from: vec![from], to: target, ..old.clone() };
                if old.from.is_empty() {
                    machine.rows[row] = new;
                } else {
                    machine.rows.push(new);
                }
            });
        }
    }

    /// A state awaits a message, and goes where another state goes with it.
    fn await_message(&mut self, machine: usize, state: &str, message: &str) {
        let of = self.machine(machine);
        let (Some(from), Some(fact)) = (of.state_id(state), of.fact_id(message)) else { return };
        if of.mentioned_in(from).contains(fact) {
            return;
        }
        let known = of.rows.iter().filter(|row| row.mentions == FactSet::from(fact) && row.to != from);
        let rows: Vec<Row> = known.map(|row| Row { from: vec![from], ..row.clone() }).collect();
        let (name, line) = (of.name.clone(), of.state(from).span.line);
        for row in rows {
            let to = &self.machine(machine).state(row.to).name;
            let what = format!("`{message}` leads from `{state}` of {name} to `{to}`");
            self.add(machine, what, line, |machine| machine.rows.push(row));
        }
    }

    /// A row of the peer that fires on the run sends what a host waits for.
    fn send(&mut self, waiting: usize, run: &Counterexample, awaited: &str) {
        let of = self.machine(waiting);
        let Some(FactKind::Message(message)) = of.fact_id(awaited).map(|fact| of.fact(fact).kind.clone()) else {
            return;
        };
        let from = &self.table.messages[message.index()].from;
        let Some(machine) = place(self.table, from) else { return };
        for step in &run.steps {
            if step.host.is_none_or(|host| run.machines[host] != *from) {
                continue;
            }
            for fired in &step.rows {
                let Some((row, _)) = row(self.machine(machine), fired) else { continue };
                if self.machine(machine).rows[row].sends.contains(&message) {
                    continue;
                }
                let what = format!("`{}` of {from} sends `{awaited}` when it enters `{}`", fired.when, fired.to);
                self.add(machine, what, fired.line, |machine| machine.rows[row].sends.push(message));
            }
        }
    }
}
