//! T0425 `cleanup-forgets`: a clean-up that does not know of what it should release.

use std::collections::BTreeMap;

use super::never_released::released;
use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, ResourceId, StateId, Table};

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
    for row in machine.rows.iter().filter(|row| machine.state(row.to).kind == Kind::Cleanup) {
        let to = machine.state(row.to);
        let mut forgotten: BTreeMap<ResourceId, Vec<StateId>> = BTreeMap::new();
        for from in &row.from {
            for resource in &machine.state(*from).holds {
                if !to.holds.contains(resource) && released.contains(resource) {
                    forgotten.entry(*resource).or_default().push(*from);
                }
            }
        }
        for (resource, from) in forgotten {
            let name = &table.resources[resource.index()].name;
            let states = wording::states(machine, &from);
            let message = format!("the clean-up in `{}` does not release `{name}`, which is held in {states}", to.name);
            let finding = Finding::warning(CHECK.code, row.to_span, message, format!("does not hold `{name}`"));
            let finding = finding.with_place(machine.state(from[0]).span, format!("holds `{name}`"));
            out.push(finding.with_help(format!("add `{name}` to `holds:` of `{}`", to.name)));
        }
    }
}
