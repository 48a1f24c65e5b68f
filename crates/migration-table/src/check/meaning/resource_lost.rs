//! T0433 `resource-lost`: what a state holds is gone in the next one, and nothing has released it.

use std::collections::{BTreeMap, BTreeSet};

use super::never_released::released;
use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, ResourceId, StateId, Table};
use crate::search;

pub(super) const CHECK: Check = Check {
    code: Code("T0433"),
    name: "resource-lost",
    severity: Severity::Warning,
    explain: "The transition leads from a state that holds something to a state that works or waits and does not hold \
              it, and from there to the end of the attempt no state does, so nobody releases it. What one state alone \
              holds is not asked for, since its own work can acquire and release it. Silence it where the work of the \
              state that is left releases it before it reports, or hands it over to somebody else.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let (released, rows) = (released(machine), ways::by_state(machine));
    let is_idle = |state: StateId| machine.state(state).kind == Kind::Idle;
    let followers = |state: StateId| -> Vec<StateId> {
        let rows = rows[state.index()].iter().filter(|row| !row.cubes.is_empty());
        if is_idle(state) { Vec::new() } else { rows.map(|row| row.to).collect() }
    };
    let holds = |state: StateId, held: ResourceId| machine.state(state).holds.contains(&held);
    let passed_on = |held: ResourceId| {
        let works = |state: &StateId| !matches!(machine.state(*state).kind, Kind::Idle | Kind::Cleanup);
        machine.state_ids().filter(works).filter(|state| holds(*state, held)).count() > 1
    };
    for row in machine.rows.iter().filter(|row| !row.cubes.is_empty()) {
        let to = machine.state(row.to);
        if !matches!(to.kind, Kind::Work | Kind::Wait) {
            continue;
        }
        let later: BTreeSet<StateId> = search::reachable([row.to], |state| followers(*state)).into_iter().collect();
        let is_gone = |held: ResourceId| released.contains(&held) && !later.iter().any(|state| holds(*state, held));
        let mut lost: BTreeMap<ResourceId, Vec<StateId>> = BTreeMap::new();
        for from in row.from.iter().filter(|from| machine.state(**from).kind != Kind::Cleanup) {
            let gone = machine.state(*from).holds.iter().filter(|held| is_gone(**held) && passed_on(**held));
            gone.for_each(|held| lost.entry(*held).or_default().push(*from));
        }
        for (resource, from) in lost {
            let name = &table.resources[resource.index()].name;
            let states = wording::states(machine, &from);
            let message = format!("`{name}`, which is held in {states}, is lost on the way to `{}`", to.name);
            let finding = Finding::warning(CHECK.code, row.to_span, message, format!("does not hold `{name}`"));
            let finding = finding.with_place(machine.state(from[0]).span, format!("holds `{name}`"));
            let keep: Vec<StateId> = later.iter().copied().filter(|state| !is_idle(*state)).collect();
            let keep = wording::states(machine, &keep);
            out.push(finding.with_help(format!("add `{name}` to `holds:` of {keep}, or lead through a clean-up")));
        }
    }
}
