//! T0433 `resource-lost`: what a state holds is gone in the next one, and nothing has released it.

use std::collections::{BTreeMap, BTreeSet};

use super::never_released::released;
use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, ResourceId, State, StateId, Table};
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
    let kept: BTreeMap<ResourceId, BTreeSet<StateId>> = released
        .iter()
        .copied()
        .filter(|held| is_passed_on(machine, *held))
        .map(|held| (held, keeping(machine, held)))
        .collect();
    for row in machine.rows.iter().filter(|row| !row.cubes.is_empty()) {
        let to = machine.state(row.to);
        if !matches!(to.kind, Kind::Work | Kind::Wait) {
            continue;
        }
        let is_gone = |held: ResourceId| kept.get(&held).is_some_and(|states| !states.contains(&row.to));
        let mut lost: BTreeMap<ResourceId, Vec<StateId>> = BTreeMap::new();
        for from in row.from.iter().filter(|from| machine.state(**from).kind != Kind::Cleanup) {
            let gone = machine.state(*from).holds.iter().filter(|held| is_gone(**held));
            gone.for_each(|held| lost.entry(*held).or_default().push(*from));
        }
        for (resource, from) in lost {
            let name = &table.resources[resource.index()].name;
            let states = wording::states(machine, &from);
            let message = format!("`{name}`, which is held in {states}, is lost on the way to `{}`", to.name);
            let finding = Finding::warning(CHECK.code, row.to_span, message, format!("does not hold `{name}`"));
            let finding = finding.with_place(machine.state(from[0]).span, format!("holds `{name}`"));
            let mut keep = search::reachable([row.to], |state| followers(*state));
            keep.retain(|state| !is_idle(*state));
            keep.sort_unstable();
            let keep = wording::states(machine, &keep);
            out.push(finding.with_help(format!("add `{name}` to `holds:` of {keep}, or lead through a clean-up")));
        }
    }
}

/// Whether more than one state that works or waits holds a resource.
fn is_passed_on(machine: &Machine, held: ResourceId) -> bool {
    let works = |state: &&State| !matches!(state.kind, Kind::Idle | Kind::Cleanup);
    machine.states.iter().filter(works).filter(|state| state.holds.contains(&held)).count() > 1
}

/// The states that hold a resource, and those from which an attempt can come to one that does.
fn keeping(machine: &Machine, held: ResourceId) -> BTreeSet<StateId> {
    let mut before: Vec<Vec<StateId>> = vec![Vec::new(); machine.states.len()];
    for row in machine.rows.iter().filter(|row| !row.cubes.is_empty()) {
        let working = row.from.iter().filter(|from| machine.state(**from).kind != Kind::Idle);
        before[row.to.index()].extend(working);
    }
    let holders = machine.state_ids().filter(|state| machine.state(*state).holds.contains(&held));
    search::reachable(holders, |state| before[state.index()].iter().copied()).into_iter().collect()
}
