//! T0421 `unfixed-capability`: a setting that a client may change decides in the middle of an attempt.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Fact, FactKind, Kind, Machine, Row, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0421"),
    name: "unfixed-capability",
    severity: Severity::Warning,
    explain: "The guard is a capability or a parameter that clients set, rows of states that are not idle ask it, and \
              it is not `fixed: true`. So it is asked at every step, and a client that changes it half way changes an \
              attempt that began under other terms: the other side, and the work that is done already, do not know. \
              Silence it where the command that sets it is refused during an attempt, and for a parameter that is \
              meant to be turned while memory moves, such as a limit.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    // No attempt begins in a machine that does not start in an idle state, which is reported, so nothing would be fixed.
    if machine.state(machine.initial).kind != Kind::Idle {
        return;
    }
    for id in machine.fact_ids() {
        let fact = machine.fact(id);
        let Some(setting) = setting(fact) else { continue };
        let asks = |row: &&Row| {
            row.mentions.contains(id) && row.from.iter().any(|state| machine.state(*state).kind != Kind::Idle)
        };
        let Some(row) = machine.rows.iter().filter(asks).min_by_key(|row| row.span) else { continue };
        let message = format!("{setting} decides during an attempt, and may be changed during it");
        let finding = Finding::warning(CHECK.code, fact.span, message, "is not `fixed: true`");
        let finding = finding.with_place(row.when_span, "asked here, whatever it was at the beginning");
        out.push(finding.with_help("write `fixed: true`: then it keeps the value that it had when the attempt began"));
    }
}

/// What clients set, for a guard that is not fixed.
fn setting(fact: &Fact) -> Option<String> {
    match &fact.kind {
        FactKind::Guard { capability: Some(name), fixed: false, .. } => Some(format!("capability `{name}`")),
        FactKind::Guard { parameter: Some(parameter), fixed: false, .. } => {
            Some(format!("parameter `{}`", parameter.name))
        }
        FactKind::Guard { .. } | FactKind::Trigger { .. } | FactKind::Event | FactKind::Message(_) => None,
    }
}
