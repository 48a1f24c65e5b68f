//! T0420 `cleanup-undecided`: how an attempt ends is still open while it is being cleaned up.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, StateId, StatusId, Table};
use crate::search;

pub(super) const CHECK: Check = Check {
    code: Code("T0420"),
    name: "cleanup-undecided",
    severity: Severity::Warning,
    explain: "Different events lead from one `cleanup` state to ends that show different things. The user's cancel \
              was accepted, or the failure was noticed, and then something that happens during clean-up decides \
              otherwise: an attempt ends as completed, or as failed, after its cancel was accepted. The \
              first cause is to win; each end has a clean-up of its own, which only `cleaned_up` leaves. Rows that \
              wait for the same events and ask different guards are not reported. Silence it where the clean-up \
              itself finds out how the attempt ended.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let rows = ways::by_state(machine);
    let deciding = machine.triggers() | machine.events();
    for id in machine.state_ids().filter(|id| machine.state(*id).kind == Kind::Cleanup) {
        let mut targets: BTreeMap<StateId, &Row> = BTreeMap::new();
        let mut decided_by = BTreeSet::new();
        for row in rows[id.index()].iter().copied().filter(|row| row.to != id && !row.cubes.is_empty()) {
            let first = targets.entry(row.to).or_insert(row);
            if row.span < first.span {
                *first = row;
            }
            decided_by.insert(row.mentions & deciding);
        }
        let mut shown = BTreeSet::new();
        targets.keys().for_each(|target| shown.extend(ends(machine, &rows, *target)));
        if targets.len() < 2 || shown.len() < 2 || decided_by.len() < 2 {
            continue;
        }
        let mut names: Vec<&str> = shown.iter().map(|id| table.statuses[id.index()].name.as_str()).collect();
        names.sort_unstable();
        let state = machine.state(id);
        let message = format!("the clean-up in `{}` may still end as {}", state.name, wording::list(&names));
        let mut finding =
            Finding::warning(CHECK.code, state.span, message, "what was decided before is overruled here");
        for row in targets.into_values() {
            finding = finding.with_place(row.span, format!("leads to `{}`", machine.state(row.to).name));
        }
        out.push(finding.with_help("decide before: give each end a `cleanup` state of its own"));
    }
}

/// What the ends show to which clean-up leads from here, without any further work.
fn ends(machine: &Machine, rows: &[Vec<&Row>], from: StateId) -> BTreeSet<StatusId> {
    let is = |id: StateId, kind: Kind| machine.state(id).kind == kind;
    let reached = search::reachable([from], |id| {
        let rows: &[&Row] = if is(*id, Kind::Cleanup) { &rows[id.index()] } else { &[] };
        rows.iter().map(|row| row.to)
    });
    reached.into_iter().filter(|id| is(*id, Kind::Idle)).map(|id| machine.state(id).shows).collect()
}
