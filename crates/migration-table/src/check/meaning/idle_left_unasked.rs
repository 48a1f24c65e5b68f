//! T0416 `idle-left-unasked`: a machine would start by itself.

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0416"),
    name: "idle-left-unasked",
    severity: Severity::Error,
    explain: "The row can fire in an idle state without a trigger. Nobody asks an idle machine whether a guard has \
              changed, nobody would drive the attempt, and the fixed guards of it were never asked. An attempt starts \
              with a trigger, or with an event that something outside reports. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for row in &machine.rows {
        let is_idle = |id: &StateId| machine.state(*id).kind == Kind::Idle;
        let idle: Vec<StateId> = row.from.iter().copied().filter(is_idle).collect();
        let started = machine.triggers() | machine.events();
        if idle.is_empty() || row.cubes.iter().all(|cube| cube.set.intersects(started)) {
            continue;
        }
        let what = wording::plural(idle.len(), "idle state", "idle states");
        let message = format!("transition may leave {what} {} without a trigger", wording::states(machine, &idle));
        let finding = Finding::error(CHECK.code, row.when_span, message, "nobody would have asked for it");
        out.push(finding.with_help("let the formula need a trigger"));
    }
}
