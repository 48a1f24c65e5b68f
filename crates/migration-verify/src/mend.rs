//! Changes of one rule with which a property holds that fails: found by trying them.
//!
//! What is tried comes from the run that shows the failure: a command on it is refused in that state, a row on it leads
//! to another state of the same kind, a message that has arrived is awaited in the state that it finds, a row sends what
//! the other side waits for. A change counts if the property then holds and no other property stops holding.

use std::collections::BTreeSet;

use migration_table::model::{FactKind, FactSet, Machine, Row, StateId, Table};

use crate::builtin::builtin;
use crate::composition::Composition;
use crate::counterexample::{Counterexample, Fate, FiredRow, What};
use crate::decide::decide;
use crate::graph::Graph;
use crate::names::Invalid;
use crate::property::{Mend, Outcome, Verdict};
use crate::report::Report;
use crate::system::{Bounds, Clock, System};
use crate::timing::MARGIN_MS;

/// Configurations that all trials together may cost.
const CONFIGURATIONS_MAX: usize = 3_000_000;
/// Changes that are named for a property.
const NAMED_MAX: usize = 3;

/// A change and the table with it.
struct Trial {
    mend: Mend,
    table: Table,
}

/// Looks for changes with which the failing properties of a report hold, and notes them in its verdicts. A large system
/// is left as it is: there, every trial takes long.
///
/// # Errors
///
/// When the system or a property names something that the table does not have.
pub fn add_mends(table: &Table, system: &System, report: &mut Report) -> Result<(), Invalid> {
    let holding = names_of(&report.verdicts, |outcome| matches!(outcome, Outcome::Holds { .. }));
    let mut left = CONFIGURATIONS_MAX / report.figures.configurations.max(1);
    let system = with_depth(system, report.depth);
    for verdict in report.verdicts.iter_mut().filter(|verdict| verdict.is_new_failure()) {
        let Outcome::Fails(run) = &verdict.result else { continue };
        for trial in trials(table, run) {
            if left == 0 || verdict.mends.len() == NAMED_MAX {
                break;
            }
            left -= 1;
            if keeps(&trial.table, &system, &verdict.property, &holding)? {
                verdict.mends.push(trial.mend);
            }
        }
    }
    Ok(())
}

fn with_depth(system: &System, depth: usize) -> System {
    let clock = Clock::Numbers { margin_ms: MARGIN_MS };
    System { bounds: Bounds { depth, ..system.bounds }, clock, ..system.clone() }
}

fn names_of(verdicts: &[Verdict], is_meant: impl Fn(&Outcome) -> bool) -> BTreeSet<String> {
    let meant = verdicts.iter().filter(|verdict| is_meant(&verdict.result));
    meant.map(|verdict| verdict.property.clone()).collect()
}

/// Whether a table keeps the wanted property and those that held before, with the numbers that it gives for timeouts.
fn keeps(table: &Table, system: &System, wanted: &str, holding: &BTreeSet<String>) -> Result<bool, Invalid> {
    let composition = match Composition::new(table, system) {
        Err(Invalid::TooLarge(_)) => return Ok(false),
        composed => composed?,
    };
    let graph = Graph::explore(&composition, &mut |_| {});
    let mut verdicts = builtin(&graph);
    for property in &table.properties {
        verdicts.push(decide(&graph, property)?);
    }
    let not_kept = names_of(&verdicts, |outcome| !matches!(outcome, Outcome::Holds { .. }));
    Ok(!not_kept.contains(wanted) && not_kept.is_disjoint(holding))
}

/// Everything that is tried, the smallest changes of behaviour first, nothing twice.
fn trials(table: &Table, run: &Counterexample) -> Vec<Trial> {
    let mut found = Trials { table, found: Vec::new() };
    for step in &run.steps {
        let Some(machine) = step.host.and_then(|host| place(table, &run.machines[host])) else { continue };
        if let (What::Raise { trigger, .. }, Some(row)) = (&step.what, step.rows.first()) {
            found.refuse(machine, row, trigger);
        }
    }
    for step in &run.steps {
        let Some(machine) = step.host.and_then(|host| place(table, &run.machines[host])) else { continue };
        step.rows.iter().for_each(|row| found.redirect(machine, row));
    }
    for (host, end) in run.at_the_end.iter().enumerate() {
        let Some(machine) = place(table, &run.machines[host]) else { continue };
        let arrived = run.steps.iter().flat_map(|step| &step.messages).filter(|passing| passing.to == host);
        for passing in arrived.filter(|passing| passing.fate != Fate::Arrives) {
            found.await_message(machine, &end.state, &passing.message);
        }
        for awaited in &end.waits_for {
            found.send(machine, run, awaited);
        }
    }
    found.found
}

fn place(table: &Table, machine: &str) -> Option<usize> {
    table.machines.iter().position(|known| known.name == machine)
}

struct Trials<'t> {
    table: &'t Table,
    found: Vec<Trial>,
}

impl Trials<'_> {
    fn add(&mut self, machine: usize, what: String, line: usize, change: impl FnOnce(&mut Machine)) {
        if self.found.iter().any(|trial| trial.mend.what == what && trial.mend.line == line) {
            return;
        }
        let mut table = self.table.clone();
        change(&mut table.machines[machine]);
        self.found.push(Trial { mend: Mend { what, line }, table });
    }

    fn machine(&self, machine: usize) -> &Machine {
        &self.table.machines[machine]
    }

    /// The row that fired, and the state that it left.
    fn row(&self, machine: usize, fired: &FiredRow) -> Option<(usize, StateId)> {
        let machine = self.machine(machine);
        let (from, to) = (machine.state_id(&fired.from)?, machine.state_id(&fired.to)?);
        let is_it = |row: &Row| row.when == fired.when && row.to == to && row.from.contains(&from);
        Some((machine.rows.iter().position(is_it)?, from))
    }

    /// The command is refused in the state.
    fn refuse(&mut self, machine: usize, fired: &FiredRow, trigger: &str) {
        let Some((row, from)) = self.row(machine, fired) else { return };
        let what = format!("`{trigger}` is refused in `{}` of {}", fired.from, self.machine(machine).name);
        self.add(machine, what, fired.line, |machine| {
            machine.rows[row].from.retain(|state| *state != from);
            if machine.rows[row].from.is_empty() {
                machine.rows.remove(row);
            }
        });
    }

    /// In the state, the row leads to another state of the same kind.
    fn redirect(&mut self, machine: usize, fired: &FiredRow) {
        let Some((row, from)) = self.row(machine, fired) else { return };
        let of = self.machine(machine);
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
                let Some((row, _)) = self.row(machine, fired) else { continue };
                let what = format!("`{}` of {from} sends `{awaited}` when it enters `{}`", fired.when, fired.to);
                self.add(machine, what, fired.line, |machine| machine.rows[row].sends.push(message));
            }
        }
    }
}
