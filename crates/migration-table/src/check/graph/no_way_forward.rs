//! T0309 `no-way-forward`: an attempt that gets here can only be given up.

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0309"),
    name: "no-way-forward",
    severity: Severity::Warning,
    explain: "The state waits, and every row that leaves it leads to clean-up or to an idle state because of a failure, \
              or because a user gives up, which is a trigger alone. The attempt can never go on from here, and if \
              nobody asks it may not end either; often the row for what is really awaited was forgotten, or goes to \
              the wrong state. States of kind `work` are not asked: to work until a user says stop is a purpose. Nor is \
              the end of the happy path, nor a state that leads to the happy path, nor, in a machine that has none, a \
              state that no failure leaves: there, what a user asks for is the way forward. \
              Silence it where a user must see a failure and confirm it.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for (id, rows) in machine.state_ids().zip(ways::by_state(machine)) {
        let state = machine.state(id);
        if machine.happy_path.last() == Some(&id) {
            continue;
        }
        let is_wanted =
            |row: &Row| !ways::fails(machine, row) && machine.happy_path.iter().skip(1).any(|id| *id == row.to);
        let gives_up = |row: &Row| ways::gives_up(machine, row) && !is_wanted(row);
        let leaves = rows.iter().any(|row| row.to != id && !row.cubes.is_empty());
        if state.kind != Kind::Wait || !leaves || !rows.iter().all(|row| row.to == id || gives_up(row)) {
            continue;
        }
        if machine.happy_path.is_empty() && !rows.iter().any(|row| row.to != id && ways::fails(machine, row)) {
            continue;
        }
        let message = format!("an attempt that gets to `{}` can only fail or be given up", state.name);
        let mut finding = Finding::warning(CHECK.code, state.span, message, "no transition leads on");
        let why = |row: &Row| if ways::fails(machine, row) { "a failure" } else { "a user gives up" };
        let mut ways_out: Vec<_> = rows.into_iter().filter(|row| row.to != id).collect();
        ways_out.sort_by_key(|row| (why(row), row.span));
        for row in ways_out {
            finding = finding.with_place(row.when_span, why(row));
        }
        let help = "add the transition that is awaited here, or lead to clean-up at once";
        out.push(finding.with_help(if machine.happy_path.is_empty() {
            format!(
                "{help}; if what a user asks for is the good end, write `happy_path:` with the states on the way there"
            )
        } else {
            help.to_owned()
        }));
    }
}
