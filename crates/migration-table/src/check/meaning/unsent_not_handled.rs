//! T0413 `unsent-not-handled`: the message cannot be sent, and nobody is there to hear of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Message, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0413"),
    name: "unsent-not-handled",
    severity: Severity::Error,
    explain: "Messages are sent by the work of the state that the transition enters. If the connection is broken by \
              then the event of `unsent:` is reported there, and no row of that state mentions it: the machine goes \
              on as if the peer had been told. In a `cleanup` state nothing more can be done, so rows that lead there \
              are not reported. Never to be silenced: without `unsent:` a message is sent if it can be, which says \
              the same.",
    run: Run::Machine(run),
};

/// How many places of each sort are shown.
const SHOWN_MAX: usize = 4;

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    // By the event: one transition that hears of it was forgotten, often, for several states.
    let mut unheard: BTreeMap<&str, Vec<(&Row, &Message)>> = BTreeMap::new();
    for row in &machine.rows {
        if matches!(machine.state(row.to).kind, Kind::Cleanup | Kind::Idle) {
            continue;
        }
        for message in row.sends.iter().map(|id| &table.messages[id.index()]) {
            let Some(event) = &message.unsent else { continue };
            let is_heard = machine.fact_id(event).is_some_and(|event| machine.mentioned_in(row.to).contains(event));
            if !is_heard {
                unheard.entry(event).or_default().push((row, message));
            }
        }
    }
    for (event, mut sent) in unheard {
        sent.sort_by_key(|(row, message)| (row.span, message.span));
        sent.dedup_by_key(|(row, message)| (row.span, message.span));
        out.push(finding(machine, event, &sent));
    }
}

/// The finding that messages are sent in states in which no row hears of an event.
fn finding(machine: &Machine, event: &str, sent: &[(&Row, &Message)]) -> Finding {
    let states: BTreeSet<StateId> = sent.iter().map(|(row, _)| row.to).collect();
    let states = wording::states(machine, &states.into_iter().collect::<Vec<_>>());
    let messages: BTreeMap<&str, &Message> = sent.iter().map(|(_, it)| (it.name.as_str(), *it)).collect();
    let names = wording::list(&messages.keys().copied().collect::<Vec<_>>());
    let text = format!("no row of {states} hears of it if {names} cannot be sent");
    let label =
        |row: &Row, message: &Message| format!("`{}` is sent in `{}`", message.name, machine.state(row.to).name);
    let [(row, message), others @ ..] = sent else { unreachable!("at least one is sent") };
    let mut finding = Finding::error(CHECK.code, row.span, text, label(row, message));
    for (row, message) in others.iter().take(SHOWN_MAX) {
        finding = finding.with_place(row.span, label(row, message));
    }
    for message in messages.values().take(SHOWN_MAX) {
        finding = finding.with_place(message.span, format!("reports `{event}` when it cannot be sent"));
    }
    finding.with_help(format!("add a transition from {states} that needs `{event}`"))
}
