//! T0424 `timeout-elsewhere`: a state waits for a timeout that it does not have.

use std::collections::BTreeMap;

use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, Kind, Machine, StateId, Table};
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0424"),
    name: "timeout-elsewhere",
    severity: Severity::Warning,
    explain: "The row needs an event that timeouts of other states report, and a state that it leaves has no such \
              timeout, so nothing measures the time there. Asked only where the state hears of other failures by \
              another event: one event for everything may be reported by the work as well. The state looks as if it were left in bounded time, and is \
              not. Often a group was named that contains a state too many. Silence it where the work of the state \
              measures the time itself, and reports the same event.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let mut bounded: BTreeMap<FactId, StateId> = BTreeMap::new();
    for id in machine.state_ids() {
        for bound in machine.state(id).bounds() {
            bounded.entry(bound.event).or_insert(id);
        }
    }
    let rows = ways::by_state(machine);
    for (event, example) in bounded {
        let others: Vec<FactId> =
            machine.fact_ids().filter(|id| *id != event && ways::is_failure(machine.fact(*id))).collect();
        let is_one_of_several =
            |id: &StateId| rows[id.index()].iter().any(|row| others.iter().any(|other| ways::hears(row, *other)));
        for row in machine.rows.iter().filter(|row| step::needs(row, event)) {
            let unbounded = |id: &StateId| {
                let state = machine.state(*id);
                state.kind != Kind::Idle && state.bounds().all(|bound| bound.event != event)
            };
            let states: Vec<StateId> = row.from.iter().copied().filter(unbounded).filter(is_one_of_several).collect();
            if states.is_empty() {
                continue;
            }
            let (name, states) = (&machine.fact(event).name, wording::states(machine, &states));
            let message = format!("transition waits for `{name}` in {states}, without a timeout that reports it");
            let finding = Finding::warning(CHECK.code, row.when_span, message, "nothing measures the time there");
            let finding = finding.with_place(machine.state(example).span, "has such a timeout");
            out.push(finding.with_help(format!(
                "give the state a `timeout:` or a `timer:` that reports `{name}`, or leave it out of `from:`"
            )));
        }
    }
}
