//! T0419 `wait-without-timeout`: a peer that says nothing can hold the machine for ever.

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactKind, Machine, Table};
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0419"),
    name: "wait-without-timeout",
    severity: Severity::Warning,
    explain: "Only a message of the peer leads on from this state, or, in a state of kind `wait`, only an event, and \
              there is no timeout. A peer that hangs, a network that swallows packets, or work that never \
              reports, holds the machine for ever. What leads on is a transition that neither \
              needs an event that carries a cause, which is how failures are told, nor is a trigger's way to \
              clean-up or to an idle state, which is how attempts are given up. A state in which a user may take as long \
              as they like is left by a trigger to another state, or to the one where the awaited fact leads too, or \
              comes back to itself by one, and not reported; nor is \
              one that an event with `outside: true` leads on from, or one that waits for work which a command starts \
              that is handled there. Silence it where the transport bounds the wait.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for (id, rows) in machine.state_ids().zip(ways::by_state(machine)) {
        let state = machine.state(id);
        let Some(ways::Held { fact, rows: awaited }) = ways::held(machine, id, &rows) else { continue };
        let is_message = matches!(machine.fact(fact).kind, FactKind::Message(_));
        let is_outside = awaited.iter().any(|row| ways::waits_for_outside(machine, row));
        if state.is_bounded() || is_outside || !is_message && ways::is_handled_in(machine, id) {
            continue;
        }
        let name = &machine.fact(fact).name;
        let what = if is_message { "message" } else { "event" };
        let message = format!("state `{}` waits for {what} `{name}` without a bound", state.name);
        let mut finding = Finding::warning(CHECK.code, state.span, message, "has no timeout and no timer");
        if let Some(row) = awaited.iter().filter(|row| step::needs(row, fact)).min_by_key(|row| row.span) {
            finding = finding.with_place(
                row.when_span,
                if is_message { "only the peer can make this fire" } else { "nothing else leads on" },
            );
        }
        let bound = "add `timeout: { event: ..., after_ms: ... }` and a transition for that event";
        out.push(finding.with_help(if is_message {
            bound.to_owned()
        } else {
            format!("{bound}; or, if nobody can bound the wait, say `outside: true` at event `{name}`")
        }));
    }
}
