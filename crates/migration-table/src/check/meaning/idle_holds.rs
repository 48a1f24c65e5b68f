//! T0407 `idle-holds`: where nothing runs, nothing may be held.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0407"),
    name: "idle-holds",
    severity: Severity::Error,
    explain: "An idle state means that an attempt is over, or that none has begun. What it holds nobody would \
              release, and the next attempt would find it in its way. Never to be silenced: release it in a `cleanup` \
              state before.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for state in machine.states.iter().filter(|state| state.kind == Kind::Idle && !state.holds.is_empty()) {
        let held: Vec<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        let message = format!("idle state `{}` holds {}", state.name, crate::check::wording::list(&held));
        let finding = Finding::error(CHECK.code, state.span, message, "nobody would release it");
        out.push(finding.with_help("release it in a `cleanup` state that leads here, and remove `holds:`"));
    }
}
