//! T0433 `resource-lost`: what a state holds is gone in the next one, and nothing has released it.

use std::collections::BTreeMap;

use super::never_released::released;
use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, ResourceId, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0433"),
    name: "resource-lost",
    severity: Severity::Warning,
    explain: "The transition leads from a state that holds something to a state that works or waits and does not hold \
              it. Only a `cleanup` state releases anything, so it is still there and no state knows of it, and the \
              clean-up at the end passes it by. Silence it where the work of the state that is left releases it before \
              it reports, or hands it over to somebody else.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let released = released(machine);
    for row in machine.rows.iter().filter(|row| !row.cubes.is_empty()) {
        let to = machine.state(row.to);
        if !matches!(to.kind, Kind::Work | Kind::Wait) {
            continue;
        }
        let mut lost: BTreeMap<ResourceId, Vec<StateId>> = BTreeMap::new();
        for from in row.from.iter().filter(|from| machine.state(**from).kind != Kind::Cleanup) {
            let gone = machine.state(*from).holds.iter().filter(|held| !to.holds.contains(held) && released.contains(held));
            gone.for_each(|held| lost.entry(*held).or_default().push(*from));
        }
        for (resource, from) in lost {
            let name = &table.resources[resource.index()].name;
            let states = wording::states(machine, &from);
            let message = format!("`{name}`, which is held in {states}, is lost on the way to `{}`", to.name);
            let finding = Finding::warning(CHECK.code, row.to_span, message, format!("does not hold `{name}`"));
            let finding = finding.with_place(machine.state(from[0]).span, format!("holds `{name}`"));
            out.push(finding.with_help(format!("add `{name}` to `holds:` of `{}`, or lead through a clean-up", to.name)));
        }
    }
}
