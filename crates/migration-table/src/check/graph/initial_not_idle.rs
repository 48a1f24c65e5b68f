//! T0306 `initial-not-idle`: a machine starts where nothing runs.

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0306"),
    name: "initial-not-idle",
    severity: Severity::Error,
    explain: "A machine begins before the first attempt, and an attempt begins when a trigger is accepted in an idle \
              state: that is when fixed guards are asked and when somebody starts to drive the work. In an initial \
              state of another kind there would be work to do that nobody has started. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let initial = machine.state(machine.initial);
    if initial.kind != Kind::Idle {
        let message = format!("machine `{}` starts in `{}`, which is not idle", machine.name, initial.name);
        let label = format!("its kind is `{}`", initial.kind.name());
        let finding = Finding::error(CHECK.code, initial.span, message, label);
        let help = "start in an idle state, and lead here with a trigger or an event that has `outside: true`";
        out.push(finding.with_help(match ways::could_be_idle(machine, machine.initial) {
            true => format!("write `kind: idle` if nothing is under way in `{}`; otherwise {help}", initial.name),
            false => help.to_owned(),
        }));
    }
}
