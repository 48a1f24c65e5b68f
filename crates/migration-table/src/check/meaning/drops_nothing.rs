//! T0403 `drops-nothing`: a row says that it gives up a trigger that it could not keep anyway.

use std::collections::BTreeMap;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactSet, Kind, Row};
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0403"),
    name: "drops-nothing",
    severity: Severity::Warning,
    explain: "`drops:` names a trigger that is never pending when the row fires, or that is gone after it in any \
              case: because the row's own formula mentions it, or because the row ends the attempt. A reader would \
              look for the race that it speaks of, and there is none. Decided over everything that can happen, also \
              for a caller that sets several flags before it looks. \
              Silence it where the race is about to be introduced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    let mut pending = vec![FactSet::EMPTY; machine.rows.len()];
    let mut fires = vec![false; machine.rows.len()];
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            let firing = subject.firing(state, &step)?;
            fires[step.row] |= !firing.is_never();
            let drops = subject.space.row(&step).drops;
            for trigger in drops.iter() {
                if !subject.space.diagrams.branch(trigger, Bdd::NEVER, firing)?.is_never() {
                    pending[step.row] |= trigger;
                }
            }
        }
    }
    // One case of a formula may need the trigger that another one drops.
    let mut lines: BTreeMap<Span, Vec<usize>> = BTreeMap::new();
    for (index, row) in machine.rows.iter().enumerate().filter(|(index, _)| fires[*index]) {
        lines.entry(row.span).or_default().push(index);
    }
    for (span, rows) in lines {
        for trigger in machine.rows[rows[0]].drops.iter() {
            let reasons = rows.iter().map(|index| {
                let row = &machine.rows[*index];
                reason(row, trigger, machine.state(row.to).kind == Kind::Idle, pending[*index])
            });
            if let Some(reasons) = reasons.collect::<Option<Vec<_>>>() {
                let message =
                    format!("`drops:` names `{}`, which would be gone without it", machine.fact(trigger).name);
                let finding = Finding::warning(CHECK.code, span, message, reasons[0]);
                out.push(finding.with_help("remove it from `drops:`"));
            }
        }
    }
    Ok(())
}

fn reason(row: &Row, trigger: FactId, ends: bool, pending: FactSet) -> Option<&'static str> {
    if ends {
        Some("an idle state ends the attempt, and every trigger with it")
    } else if row.mentions.contains(trigger) {
        Some("its formula mentions it, so it is used up")
    } else if !pending.contains(trigger) {
        Some("it is never pending when this fires")
    } else {
        None
    }
}
