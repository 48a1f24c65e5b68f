//! T0425 `cleanup-forgets`: a clean-up that does not know of what it should release.

use std::collections::{BTreeMap, BTreeSet};

use super::never_released::released;
use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, ResourceId, StateId, Table};
use crate::search;
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0425"),
    name: "cleanup-forgets",
    severity: Severity::Warning,
    explain: "The row leads from a state that holds something into a `cleanup` state that does not: a clean-up \
              releases what it holds, so this is passed by and still there when the attempt is over. Most often a \
              state was added, or came to hold more, and the clean-up did not follow. What no clean-up of the machine \
              holds is reported as such. Silence it where the work of the state that is left releases it before it \
              reports.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let released = released(machine);
    let mut forgotten: BTreeMap<(StateId, ResourceId), Vec<Way>> = BTreeMap::new();
    for line in machine.lines().into_iter().filter(|row| machine.state(row.to).kind == Kind::Cleanup) {
        for resource in released.iter().filter(|resource| !machine.state(line.to).holds.contains(resource)) {
            let holds = |from: &StateId| machine.state(*from).holds.contains(resource);
            let from: Vec<StateId> = line.from.iter().copied().filter(holds).collect();
            if !from.is_empty() {
                let way = Way { span: line.to_span, from };
                forgotten.entry((line.to, *resource)).or_default().push(way);
            }
        }
    }
    for ((to, resource), mut ways) in forgotten {
        ways.sort_by_key(|way| way.span);
        // Who silences it for one row has not looked at the others.
        let is_silenced = |way: &Way| {
            let mut allowances = table.allowances.iter();
            allowances.any(|known| known.code == CHECK.code.0 && known.covers(way.span))
        };
        let (silenced, ways): (Vec<Way>, Vec<Way>) = ways.into_iter().partition(is_silenced);
        let groups = silenced.into_iter().map(|way| vec![way]).chain([ways]);
        groups.for_each(|ways| {
            finding(table, machine, (to, resource), &ways).into_iter().for_each(|finding| out.push(finding))
        });
    }
}

/// A line that leads into a clean-up.
struct Way {
    /// Where it names the clean-up.
    span: Span,
    /// The states that it leaves and that hold the resource.
    from: Vec<StateId>,
}

fn finding(table: &Table, machine: &Machine, (to, resource): (StateId, ResourceId), ways: &[Way]) -> Option<Finding> {
    let (first, others) = ways.split_first()?;
    let (id, to, name) = (to, machine.state(to), &table.resources[resource.index()].name);
    let from: BTreeSet<StateId> = ways.iter().flat_map(|way| way.from.iter().copied()).collect();
    let from: Vec<StateId> = from.into_iter().collect();
    let message = format!("the clean-up in `{}` does not release `{name}`, which is held before it", to.name);
    let finding = Finding::warning(CHECK.code, first.span, message, format!("does not hold `{name}`"));
    let finding = finding.with_place(machine.state(from[0]).span, format!("holds `{name}`"));
    let finding = others.iter().fold(finding, |finding, way| finding.with_place(way.span, "leads there as well"));
    let finding = match from.len() {
        1 => finding,
        _ => finding.with_note(format!("it is held in {}", wording::states(machine, &from))),
    };
    let states = wording::every_state(machine, &forgetting(machine, id, resource));
    Some(finding.with_help(format!("add `{name}` to `holds:` of {states}")))
}

/// The clean-up, and those to which it leads that would forget the resource as well.
fn forgetting(machine: &Machine, to: StateId, resource: ResourceId) -> Vec<StateId> {
    let forgets = |state: StateId| {
        let state = machine.state(state);
        state.kind == Kind::Cleanup && !state.holds.contains(&resource)
    };
    let onward = |state: &StateId| {
        let state = *state;
        let rows = machine.rows.iter().filter(move |row| row.from.contains(&state) && !row.cubes.is_empty());
        rows.map(|row| row.to).filter(move |to| forgets(*to)).collect::<Vec<_>>()
    };
    let mut states: Vec<StateId> = search::reachable([to], onward).into_iter().collect();
    states.sort_unstable();
    states
}
