//! T0440 `reason-too-late`: whenever the row fires, the attempt has been given a reason before.

use std::collections::{BTreeMap, BTreeSet};

use super::reason_too_early::back;
use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, StateId};
use crate::search;
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0440"),
    name: "reason-too-late",
    severity: Severity::Warning,
    explain: "The first reason that an attempt is given is the one that is kept, and on every way to this transition \
              another one was given before. So clients are never told this one, and a reader believes that they are. \
              Give it on the transition that decides, which is most often the one into the clean-up. Silence it in \
              rows that a program has written.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    if machine.rows.iter().all(|row| row.reason.is_none()) {
        return Ok(());
    }
    let mut fired: Vec<(StateId, usize)> = Vec::new();
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            if !subject.firing(state, &step)?.is_never() {
                fired.push((state, step.row));
            }
        }
    }
    let is_idle = |state: StateId| machine.state(state).kind == Kind::Idle;
    let is_early: Vec<bool> = machine.rows.iter().map(|row| !back(machine, row).is_empty()).collect();
    // States in which an attempt may be that was given no reason yet. What leaves an idle state begins an attempt; that it
    // gives a reason then is reported as that, once, and so is one that the attempt can come back from.
    let open = search::reachable(machine.state_ids().filter(|state| is_idle(*state)), |state| {
        let is_silent = |row: &usize| is_idle(*state) || is_early[*row] || machine.rows[*row].reason.is_none();
        let silent = fired.iter().filter(|(from, row)| from == state && is_silent(row));
        silent.map(|(_, row)| machine.rows[*row].to).collect::<Vec<_>>()
    });
    let open: BTreeSet<StateId> = open.into_iter().collect();
    let mut lines: BTreeMap<Span, (usize, bool)> = BTreeMap::new();
    for (state, row) in fired.iter().filter(|(_, row)| machine.rows[*row].reason.is_some()) {
        let line = lines.entry(machine.rows[*row].span).or_insert((*row, false));
        line.1 |= open.contains(state);
    }
    for (row, _) in lines.into_values().filter(|(_, is_first)| !is_first) {
        let row = &machine.rows[row];
        let reason = row.reason.map_or("", |reason| subject.table.reasons[reason.index()].key.as_str());
        let message =
            format!("transition `{}` gives the reason `{reason}`, and another one was always given before", row.when);
        let finding = Finding::warning(CHECK.code, row.span, message, "the first reason is the one that is kept");
        out.push(finding.with_help("remove `reason` here, or give it where the end is decided"));
    }
    Ok(())
}
