//! T0427 `never-released`: something is acquired, and no clean-up knows of it.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, ResourceId, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0427"),
    name: "never-released",
    severity: Severity::Warning,
    explain: "States of the machine hold the resource, and none of its `cleanup` states does, so no state is there to \
              release it. Silence it where it is used up on every way out, by work that releases it before it reports.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let released = released(machine);
    for (id, resource) in (0..).map(ResourceId).zip(&table.resources) {
        let holds = |state: &StateId| machine.state(*state).holds.contains(&id);
        let holding: Vec<StateId> = machine.state_ids().filter(holds).collect();
        let Some(first) = holding.first().filter(|_| !released.contains(&id)) else { continue };
        let states = wording::states(machine, &holding);
        let message =
            format!("`{}` is held in {states}, and no clean-up of `{}` releases it", resource.name, machine.name);
        let finding = Finding::warning(CHECK.code, resource.span, message, "never released");
        let finding = finding.with_place(machine.state(*first).span, "held here");
        out.push(finding.with_help("let a `cleanup` state hold it, and lead there"));
    }
}

/// What the clean-ups of the machine release.
pub(super) fn released(machine: &Machine) -> BTreeSet<ResourceId> {
    let cleanups = machine.states.iter().filter(|state| state.kind == Kind::Cleanup);
    cleanups.flat_map(|state| state.holds.iter().copied()).collect()
}
