//! T0304 `transition-never-fires`: the formula can hold, but never where the row stands.

use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::explore::Move;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Row, StateId};
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0304"),
    name: "transition-never-fires",
    severity: Severity::Error,
    explain: "The formula, or one of the cases that it is the sum of, can hold, but in no run does the row fire: whenever it is enabled a row of higher \
              precedence is too, or the facts that it needs are never there together in the states that it leaves. A \
              fact that makes another row fire at once is not there any more when the next one comes; a trigger is \
              not pending where no row needs it. Decided over everything that can happen. Rows that leave only \
              unreachable states are not reported: the states are. Never to be silenced: correct or remove the row.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let mut fires = vec![false; subject.machine.rows.len()];
    let mut beaten = vec![false; subject.machine.rows.len()];
    let mut at: Vec<Vec<(StateId, Move)>> = vec![Vec::new(); subject.machine.rows.len()];
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            fires[step.row] |= !subject.firing(state, &step)?.is_never();
            beaten[step.row] |= subject.is_enabled(state, &step)?;
            at[step.row].push((state, step));
        }
    }
    for (index, row) in subject.machine.rows.iter().enumerate() {
        if fires[index] || at[index].is_empty() || row.cubes.is_empty() || is_told_better(subject, row) {
            continue;
        }
        let states: Vec<StateId> = at[index].iter().map(|(state, _)| *state).collect();
        let message =
            format!("{} never fires in {}", wording::transition(row), wording::states(subject.machine, &states));
        let label = if beaten[index] { "always beaten by stronger rows" } else { "its facts are never there together" };
        let mut finding = Finding::error(CHECK.code, row.when_span, message, label);
        if !subject.reached.is_reached(row.to) {
            finding = finding.with_note(format!("so no run enters `{}`", subject.machine.state(row.to).name));
        }
        if beaten[index] {
            for stronger in stronger(subject, &at[index])? {
                finding = finding.with_place(stronger.span, "this one is stronger, and fires in its place");
            }
            finding = finding.with_help("change the formula or the precedence, or remove the row");
        } else {
            finding = finding.with_help("change the formula, or remove the row");
        }
        out.push(finding);
    }
    Ok(())
}

/// Whether another check says better what is wrong: in idle states the row waits for an event, or for nothing at all.
fn is_told_better(subject: &Subject<'_>, row: &Row) -> bool {
    let machine = subject.machine;
    let idle = row.from.iter().all(|state| subject.space.is_idle(*state) || !subject.reached.is_reached(*state));
    let waits = machine.fact_ids().any(|id| machine.fact(id).is_event() && step::needs(row, id));
    let asks_nothing = row.cubes.iter().any(|cube| machine.guards().includes(cube.set));
    idle && (waits || asks_nothing)
}

/// The stronger rows that overlap with a row in the first of its states.
fn stronger<'t>(subject: &mut Subject<'t>, at: &[(StateId, Move)]) -> Result<Vec<&'t Row>, TooLarge> {
    let Some((state, step)) = at.first() else { return Ok(Vec::new()) };
    let rank = subject.space.row(step).rank;
    let mut rows = Vec::new();
    for other in subject.moves(*state) {
        let row = subject.space.row(&other);
        if row.rank < rank && !subject.space.diagrams.and(other.enabled, step.enabled)?.is_never() {
            rows.push(row);
        }
    }
    Ok(rows)
}
