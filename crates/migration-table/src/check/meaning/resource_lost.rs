//! T0433 `resource-lost`: what a state holds is gone in the next one, and nothing has released it.

use std::collections::BTreeMap;

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
              it, so nobody releases it: more than one state passes it on, and from there to the end of the attempt no \
              state has it; or one clean-up that may come has it, and the attempt can also end through another one that \
              does not; or a clean-up has it to which no state leads that does. What a state lets go that leads to \
              clean-ups which others lead to as well, with it, is not reported: its work may have released it. What else one state alone holds is not asked for, since its own work can acquire and release it. \
              Silence it where the work of the state that is left releases it before it reports, or hands it over to \
              somebody else.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let (released, mut ways) = (released(machine), Ways { machine, onward: onward(machine), known: BTreeMap::new() });
    for row in machine.rows.iter().filter(|row| !row.cubes.is_empty()) {
        let to = machine.state(row.to);
        if !matches!(to.kind, Kind::Work | Kind::Wait) {
            continue;
        }
        let mut lost: BTreeMap<ResourceId, Vec<StateId>> = BTreeMap::new();
        for from in row.from.iter().filter(|from| machine.state(**from).kind != Kind::Cleanup) {
            let gone = machine.state(*from).holds.iter().filter(|held| released.contains(held));
            gone.filter(|held| ways.lose(row.to, **held)).for_each(|held| lost.entry(*held).or_default().push(*from));
        }
        for (resource, from) in lost {
            let name = &table.resources[resource.index()].name;
            let states = wording::states(machine, &from);
            let message = format!("`{name}`, which is held in {states}, is lost on the way to `{}`", to.name);
            let finding = Finding::warning(CHECK.code, row.to_span, message, format!("does not hold `{name}`"));
            let finding = finding.with_place(machine.state(from[0]).span, format!("holds `{name}`"));
            let mut keep = ways.without(row.to, |state| state.holds.contains(&resource));
            keep.retain(|state| !is_over(machine, *state) && !machine.state(*state).holds.contains(&resource));
            keep.sort_unstable();
            let keep = wording::every_state(machine, &keep);
            out.push(finding.with_help(format!("add `{name}` to `holds:` of {keep}, or lead through a clean-up")));
        }
    }
}

fn is_over(machine: &Machine, state: StateId) -> bool {
    machine.state(state).kind == Kind::Idle
}

/// By state, where an attempt goes on from there.
fn onward(machine: &Machine) -> Vec<Vec<StateId>> {
    let rows = machine.state_ids().zip(ways::by_state(machine));
    let followers = rows.map(|(state, rows)| match is_over(machine, state) {
        true => Vec::new(),
        false => rows.into_iter().filter(|row| !row.cubes.is_empty()).map(|row| row.to).collect(),
    });
    followers.collect()
}

/// The ways of an attempt to its end.
struct Ways<'m> {
    machine: &'m Machine,
    onward: Vec<Vec<StateId>>,
    /// What [`Ways::lose`] has said.
    known: BTreeMap<(StateId, ResourceId), bool>,
}

impl Ways<'_> {
    /// The states to which an attempt may come from a state without leaving one of those; the state itself is one.
    fn without(&self, from: StateId, stops: impl Fn(&State) -> bool) -> Vec<StateId> {
        let follow = |state: &StateId| match stops(self.machine.state(*state)) {
            true => Vec::new(),
            false => self.onward[state.index()].clone(),
        };
        search::reachable([from], follow).into_iter().collect()
    }

    /// Whether a resource is lost where the attempt goes on in a state that works or waits.
    fn lose(&mut self, to: StateId, held: ResourceId) -> bool {
        if let Some(known) = self.known.get(&(to, held)) {
            return *known;
        }
        let machine = self.machine;
        let holds = |state: &StateId| machine.state(*state).holds.contains(&held);
        let is_cleanup = |state: &StateId| machine.state(*state).kind == Kind::Cleanup;
        let is_lost = !holds(&to) && {
            let before = self.without(to, |state| state.holds.contains(&held));
            let is_released_later = before.iter().any(|state| holds(state) && is_cleanup(state));
            let is_held_later = before.iter().any(holds);
            let is_passed_on = machine.state_ids().filter(|state| holds(state) && !is_cleanup(state)).count() > 1;
            // A clean-up that comes in the place of that one, and through which the attempt ends.
            let forgets = |state: &StateId| {
                let after = self.without(*state, |state| state.holds.contains(&held));
                is_cleanup(state) && !holds(state) && after.iter().any(|state| is_over(machine, *state))
            };
            // A clean-up acquires nothing, so what it releases is held in some state that leads there.
            let is_led_to = |state: &StateId| {
                let mut rows = machine.rows.iter().filter(|row| row.to == *state && !row.cubes.is_empty());
                rows.any(|row| row.from.iter().any(|from| from != state && holds(from)))
            };
            let is_skipped = before.iter().any(|state| holds(state) && is_cleanup(state) && !is_led_to(state));
            is_skipped || is_passed_on && !is_held_later || is_released_later && before.iter().any(forgets)
        };
        self.known.insert((to, held), is_lost);
        is_lost
    }
}
