//! T0414 `sent-into-idle`: a message is sent by work, and there is no work where nothing runs.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0414"),
    name: "sent-into-idle",
    severity: Severity::Error,
    explain: "Messages are sent by the work of the state that the transition enters. An idle state has no work and \
              holds no connection, so this message would never leave. Send it on the way into the state before, for \
              example into the `cleanup` state. Never to be silenced.",
    run: Run::Machine(run),
};

/// How many rows are shown besides the first.
const SHOWN_MAX: usize = 4;

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    for (id, state) in machine.state_ids().zip(&machine.states).filter(|(_, state)| state.kind == Kind::Idle) {
        let mut rows: Vec<&Row> = machine.rows.iter().filter(|row| row.to == id && !row.sends.is_empty()).collect();
        rows.sort_by_key(|row| row.span);
        rows.dedup_by_key(|row| row.span);
        let Some((first, others)) = rows.split_first() else { continue };
        let sent = rows.iter().flat_map(|row| &row.sends).map(|id| table.messages[id.index()].name.as_str());
        let names: Vec<&str> = sent.collect::<BTreeSet<_>>().into_iter().collect();
        let what = wording::plural(names.len(), "message", "messages");
        let (names, to) = (wording::list(&names), &state.name);
        let text = format!("{what} {names} would never leave: nothing works in idle state `{to}`");
        let finding = Finding::error(CHECK.code, first.span, text, "sent on the way into an idle state");
        let finding = others.iter().take(SHOWN_MAX).fold(finding, |it, row| it.with_place(row.span, "here too"));
        out.push(finding.with_help("send it on the way into a state before this one"));
    }
}
