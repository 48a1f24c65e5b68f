//! T0419 `wait-without-timeout`: a peer that says nothing can hold the machine for ever.

use super::super::{Check, Run};
use crate::finding::{Code, Finding, Findings};
use crate::interpret;
use crate::model::{FactId, FactKind, Kind, Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0419"),
    name: "wait-without-timeout",
    explain: "Only a message of the peer leads on from this state, and there is no timeout. A peer that hangs, or a \
              network that swallows packets, holds the machine for ever. What leads on is a transition that neither \
              needs an event that carries a cause, which is how failures are told, nor is a trigger's way to \
              clean-up, which is how attempts are given up. A state in which a user may take as long as they like is \
              left by a trigger to a state that is no clean-up, and not reported. Silence it where the transport \
              bounds the wait.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let mut rows: Vec<Vec<&Row>> = vec![Vec::new(); machine.states.len()];
    for row in &machine.rows {
        row.from.iter().for_each(|state| rows[state.index()].push(row));
    }
    for id in machine.state_ids() {
        let state = machine.state(id);
        let waits = matches!(state.kind, Kind::Work | Kind::Wait) && state.timeout.is_none();
        if !waits {
            continue;
        }
        let onward = rows[id.index()].iter().copied().filter(|row| leads_on(machine, row, id));
        let (awaited, own): (Vec<&Row>, Vec<&Row>) = onward.partition(|row| message_of(machine, row).is_some());
        let Some(fact) = awaited.iter().filter_map(|row| message_of(machine, row)).min().filter(|_| own.is_empty())
        else {
            continue;
        };
        let name = &machine.fact(fact).name;
        let message = format!("state `{}` waits for message `{name}` without a bound", state.name);
        let mut finding = Finding::warning(CHECK.code, state.span, message, "has no timeout");
        if let Some(row) = awaited.iter().filter(|row| interpret::needs(row, fact)).min_by_key(|row| row.span) {
            finding = finding.with_place(row.when_span, "only the peer can make this fire");
        }
        out.push(finding.with_help("add `timeout: { event: ..., after_ms: ... }` and a transition for that event"));
    }
}

/// The message that the row cannot fire without.
fn message_of(machine: &Machine, row: &Row) -> Option<FactId> {
    let is_message = |id: &FactId| matches!(machine.fact(*id).kind, FactKind::Message(_));
    machine.fact_ids().filter(is_message).find(|id| interpret::needs(row, *id))
}

/// Whether the row is a way forward: no failure, and no user giving up.
fn leads_on(machine: &Machine, row: &Row, from: StateId) -> bool {
    let needed = || machine.fact_ids().filter(|id| interpret::needs(row, *id)).map(|id| machine.fact(id));
    let fails = needed().any(|fact| fact.is_event() && fact.carries_cause);
    let ends = matches!(machine.state(row.to).kind, Kind::Cleanup | Kind::Idle);
    row.to != from && !fails && !(ends && needed().any(|fact| fact.is_trigger()))
}
