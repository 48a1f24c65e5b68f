//! Mutants of a table: one small mistake each. A mistake that nothing notices shows what is not checked.

use std::collections::BTreeSet;

use migration_table::model::{Condition, Cube, FactId, FactSet, Machine, Marker, Row, StateId, Table};
use migration_table::{Findings, Span};

use crate::names::Invalid;
use crate::report::{Report, results};
use crate::system::System;

/// Checks a table and adds what it finds.
pub type Check = fn(&Table, &mut Findings);

/// A table with one mistake.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The mistake.
    pub what: String,
    /// The line of the table that is changed.
    pub line: usize,
    /// The table with the mistake.
    pub table: Table,
}

/// Makes every mutant of a table, in the order of its lines: each row dropped, doubled, led to another state, with each guard
/// turned round, with each message left out or sent twice, without its reason or with that of another row; each timeout,
/// timer and answer dropped; each marker without the states that set it.
#[must_use]
pub fn mutants(table: &Table) -> Vec<Mutant> {
    let mut found = Vec::new();
    for (number, machine) in table.machines.iter().enumerate() {
        let mut add = |what: String, line: usize, change: &dyn Fn(&mut Machine)| {
            let mut mutant = table.clone();
            change(&mut mutant.machines[number]);
            found.push(Mutant { what: format!("{}: {what}", machine.name), line, table: mutant });
        };
        for (row, of_row) in machine.rows.iter().enumerate() {
            mutate_row(machine, row, of_row, &mut add);
        }
        for (state, of_state) in machine.states.iter().enumerate().filter(|(_, state)| state.timeout.is_some()) {
            let what = format!("`{}` has no timeout", of_state.name);
            add(what, of_state.span.line, &|machine| machine.states[state].timeout = None);
        }
        for (state, of_state) in machine.states.iter().enumerate().filter(|(_, state)| state.timer.is_some()) {
            let what = format!("`{}` has no timer", of_state.name);
            add(what, of_state.span.line, &|machine| machine.states[state].timer = None);
        }
        for (answer, of_answer) in machine.answers.iter().enumerate() {
            let what = format!("the answer to `{}` is left out", machine.fact(of_answer.trigger).name);
            add(what, of_answer.span.line, &|machine| drop(machine.answers.remove(answer)));
        }
    }
    for (number, marker) in table.markers.iter().enumerate().filter(|(_, marker)| !marker.set_in.is_empty()) {
        let mut mutant = table.clone();
        mutant.markers[number].set_in.clear();
        let what = format!("{}: no state sets `{}`", marker.machine, marker.name);
        found.push(Mutant { what, line: marker.span.line, table: mutant });
    }
    found.sort_by_key(|mutant| mutant.line);
    found
}

type Add<'a> = dyn FnMut(String, usize, &dyn Fn(&mut Machine)) + 'a;

fn mutate_row(machine: &Machine, row: usize, of_row: &Row, add: &mut Add<'_>) {
    let (line, when) = (of_row.span.line, &of_row.case);
    add(format!("the row `{when}` is left out"), line, &|machine| drop(machine.rows.remove(row)));
    add(format!("the row `{when}` is there twice"), line, &|machine| machine.rows.push(once_more(of_row)));
    if let Some(other) = other_state(machine, of_row) {
        let what = format!("the row `{when}` leads to `{}`", machine.state(other).name);
        add(what, line, &|machine| machine.rows[row].to = other);
    }
    for guard in of_row.mentions & machine.guards() {
        let what = format!("the row `{when}` has `{}` turned round", machine.fact(guard).name);
        add(what, line, &|machine| turn_round(&mut machine.rows[row], guard));
    }
    for sent in 0..of_row.sends.len() {
        add(format!("the row `{when}` does not send its message {}", sent + 1), line, &|machine| {
            machine.rows[row].sends.remove(sent);
        });
        add(format!("the row `{when}` sends its message {} twice", sent + 1), line, &|machine| {
            let message = machine.rows[row].sends[sent];
            machine.rows[row].sends.insert(sent, message);
        });
    }
    if of_row.reason.is_some() {
        add(format!("the row `{when}` gives no reason"), line, &|machine| machine.rows[row].reason = None);
        let others = machine.rows.iter().filter_map(|other| other.reason).filter(|other| of_row.reason != Some(*other));
        if let Some(other) = others.min() {
            let what = format!("the row `{when}` gives the reason of another row");
            add(what, line, &|machine| machine.rows[row].reason = Some(other));
        }
    }
}

/// The row as a line of its own, behind the first: two rows of one place are cases of one line.
fn once_more(row: &Row) -> Row {
    Row { span: Span { start: row.span.end, ..row.span }, ..row.clone() }
}

/// The next state of the same kind that the row neither leaves nor enters.
fn other_state(machine: &Machine, row: &Row) -> Option<StateId> {
    let kind = machine.state(row.to).kind;
    let mut later = machine.state_ids().skip(row.to.index() + 1).chain(machine.state_ids());
    later.find(|state| *state != row.to && machine.state(*state).kind == kind && !row.from.contains(state))
}

fn turn_round(row: &mut Row, guard: FactId) {
    turn_condition(&mut row.condition, guard);
    let bit: FactSet = guard.into();
    for cube in &mut row.cubes {
        *cube = Cube { set: (cube.set - bit) | (cube.clear & bit), clear: (cube.clear - bit) | (cube.set & bit) };
    }
    row.cubes.sort_unstable();
}

fn turn_condition(condition: &mut Condition, guard: FactId) {
    match condition {
        Condition::Fact(fact) if *fact == guard => *condition = Condition::Not(Box::new(Condition::Fact(guard))),
        Condition::Fact(_) => {}
        Condition::Not(inner) if **inner == Condition::Fact(guard) => *condition = Condition::Fact(guard),
        Condition::Not(inner) => turn_condition(inner, guard),
        Condition::And(parts) | Condition::Or(parts) => parts.iter_mut().for_each(|part| turn_condition(part, guard)),
    }
}

/// What is known of a table without mistakes, beside which mutants are judged.
#[derive(Debug)]
pub struct Original {
    findings: BTreeSet<(String, String)>,
    report: Report,
    system: System,
    /// The markers that the table declares.
    markers: Vec<Marker>,
    check: Check,
}

impl Original {
    /// Checks and verifies a table. `check` is the judgement that mutants have to get past as well.
    ///
    /// # Errors
    ///
    /// When the table cannot be verified.
    pub fn new(table: &Table, system: System, check: Check) -> Result<Original, Invalid> {
        let report = results(table, &system, &table.properties)?;
        Ok(Original { findings: findings(table, check), report, system, markers: table.markers.clone(), check })
    }

    /// Whether the checks have a finding on a mutant that they do not have on the table without the mistake.
    #[must_use]
    pub fn noticed_by_checks(&self, mutant: &Mutant) -> bool {
        !findings(&mutant.table, self.check).is_subset(&self.findings)
    }

    /// Whether the machines together do not do what they did: a property fails or is vacuous, or something is not
    /// reached.
    #[must_use]
    pub fn noticed_together(&self, mutant: &Mutant) -> bool {
        let markers = if mutant.table.markers == self.markers { &self.system.markers } else { &mutant.table.markers };
        let system = System { markers: markers.clone(), ..self.system.clone() };
        let report = results(&mutant.table, &system, &mutant.table.properties);
        !report.is_ok_and(|report| report.says_the_same(&self.report))
    }
}

/// The findings on a table by code and message, since a mutant has the lines of another table.
pub(crate) fn findings(table: &Table, check: Check) -> BTreeSet<(String, String)> {
    let mut found = Findings::default();
    check(table, &mut found);
    found.iter().map(|finding| (finding.code.to_string(), finding.message.clone())).collect()
}
