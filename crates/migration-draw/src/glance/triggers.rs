//! States by triggers: what is said to every command in every state, and what it leads to.

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::explore::Space;
use migration_table::model::{Answer, FactId, FactKind, StateId};

use super::grid::{Cell, Fit, Grid};
use super::page::{Page, Part};
use super::{alternatives, words};

const LEGEND: &str = "go S: accepted, and a transition leads to S; with: once these facts are there too; waits: \
                      accepted and kept; ignore: success, and nothing happens; refuse: \
                      an error, for the reason of that number.";

/// Adds the table of answers, its legend and the reasons of refusals.
pub(super) fn add(space: &mut Space<'_>, page: &mut Page) -> Result<(), TooLarge> {
    let machine = space.machine;
    let triggers: Vec<FactId> = machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()).collect();
    if triggers.is_empty() {
        return Ok(());
    }
    let mut reasons = Vec::new();
    let mut rows = Vec::new();
    for state in machine.state_ids() {
        let mut row = vec![vec![words::state(machine, state).to_owned()]];
        for trigger in &triggers {
            row.push(cell(space, state, *trigger, &mut reasons)?);
        }
        rows.push(row);
    }
    let names = triggers.iter().map(|id| machine.fact(*id).name.clone());
    let columns = ["state".to_owned()].into_iter().chain(names).collect();
    page.heading(format!("{}: states by triggers", machine.name));
    page.parts.push(Part::Grid(Grid { columns, rows, fit: Fit::Split }));
    if !reasons.is_empty() {
        page.parts.push(Part::Footnotes(reasons));
    }
    page.paragraph(LEGEND);
    for trigger in triggers {
        let fact = machine.fact(trigger);
        let FactKind::Trigger { admission, .. } = &fact.kind else { continue };
        if let Some(guards) = words::needs(machine, admission) {
            let name = &fact.name;
            page.paragraph(format!(
                "{name} needs {guards}: without it, the command is refused before the machine is asked."
            ));
        }
    }
    Ok(())
}

pub(super) fn cell(
    space: &mut Space<'_>,
    state: StateId,
    trigger: FactId,
    reasons: &mut Vec<String>,
) -> Result<Cell, TooLarge> {
    let takes = space.place_of(state).takes.iter().find(|(fact, _)| *fact == trigger).map(|(_, when)| *when);
    let taken = takes.unwrap_or(Bdd::NEVER);
    let mut lines = Cell::new();
    if !taken.is_never() {
        lines = alternatives::lines(space, state, trigger, taken)?;
        if lines.is_empty() {
            lines.push("waits".to_owned());
        }
    }
    let not_taken = space.diagrams.not(taken)?;
    if !not_taken.is_never() {
        let condition = words::condition(space, not_taken, Bdd::ALWAYS)?;
        let if_ = if condition.is_empty() { String::new() } else { format!(" if {condition}") };
        lines.push(format!("{}{if_}", listed(space, state, trigger, reasons)));
    }
    Ok(lines)
}

/// What the answers of the table say, with the number of the reason.
fn listed(space: &Space<'_>, state: StateId, trigger: FactId, reasons: &mut Vec<String>) -> String {
    let mut rows = space.machine.answers.iter();
    let Some(row) = rows.find(|row| row.trigger == trigger && row.states.contains(&state)) else {
        return "refuse".to_owned();
    };
    let reason = match &row.answer {
        Answer::Ignore => return "ignore".to_owned(),
        Answer::Handle => return "handle".to_owned(),
        Answer::Accept => return "refuse".to_owned(),
        Answer::Refuse(reason) => reason.as_str(),
    };
    let said: Vec<&str> = row.class.as_deref().into_iter().chain([reason]).filter(|text| !text.is_empty()).collect();
    if said.is_empty() {
        return "refuse".to_owned();
    }
    let reason = said.join(": ");
    let known = reasons.iter().position(|known| *known == reason);
    let number = known.unwrap_or_else(|| {
        reasons.push(reason);
        reasons.len() - 1
    });
    format!("refuse [{}]", number + 1)
}
