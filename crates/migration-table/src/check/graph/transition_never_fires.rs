//! T0304 `transition-never-fires`: the formula can hold, but never where the row stands.

use std::collections::BTreeMap;

use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::explore::Move;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Cube, Machine, Row, StateId};
use crate::span::Span;
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0304"),
    name: "transition-never-fires",
    severity: Severity::Error,
    explain: "The formula, or one of the cases that it is the sum of, can hold, but the row never fires: whenever it is enabled a row of higher \
              precedence is too, or the facts that it needs are never there together in the states that it leaves: \
              a trigger is not pending where no row needs it, and an idle state looks at one trigger at a time. \
              Decided over everything that can happen, several facts at one look among it. Rows that leave only \
              unreachable states are not reported: the states are. Never to be silenced: correct or remove the row.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let mut fires = vec![false; subject.machine.rows.len()];
    let mut beaten = vec![false; subject.machine.rows.len()];
    let mut at: Vec<Vec<(StateId, Move)>> = vec![Vec::new(); subject.machine.rows.len()];
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            fires[step.row] |= subject.can_fire(state, &step)?;
            beaten[step.row] |= subject.is_enabled(state, &step)?;
            at[step.row].push((state, step));
        }
    }
    join_cases(subject.machine, &mut fires, &mut beaten, &mut at);
    for (index, row) in subject.machine.rows.iter().enumerate() {
        if row.cubes.is_empty() {
            subject.dead.insert(index);
        }
        if fires[index] || at[index].is_empty() || row.cubes.is_empty() || is_told_better(subject, row) {
            continue;
        }
        let is_part = |other: &Row| other.span == row.span && other.cubes == row.cubes;
        subject.dead.extend((0..).zip(&subject.machine.rows).filter(|(_, other)| is_part(other)).map(|(at, _)| at));
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

/// A case of a line is two rows where it publishes in some of its states only; it fires where one of them does. What is
/// known of both is left to the first of them.
fn join_cases(machine: &Machine, fires: &mut [bool], beaten: &mut [bool], at: &mut [Vec<(StateId, Move)>]) {
    let mut first: BTreeMap<(Span, &[Cube]), usize> = BTreeMap::new();
    for (index, row) in machine.rows.iter().enumerate() {
        let known = *first.entry((row.span, &row.cubes)).or_insert(index);
        if known != index {
            fires[known] |= fires[index];
            beaten[known] |= beaten[index];
            let mut states = std::mem::take(&mut at[index]);
            at[known].append(&mut states);
            at[known].sort_by_key(|(state, _)| *state);
        }
    }
}

/// Whether another check says better what is wrong: in idle states the row waits for an event, or for nothing at all; or no
/// attempt begins in which the guards that the row needs could be asked, since the machine does not start in an idle state.
fn is_told_better(subject: &Subject<'_>, row: &Row) -> bool {
    let machine = subject.machine;
    let idle = row.from.iter().all(|state| subject.space.is_idle(*state) || !subject.reached.is_reached(*state));
    let within = machine.events() - machine.outside_events();
    let waits = within.iter().any(|id| step::needs(row, id));
    let asks_nothing = row.cubes.iter().any(|cube| machine.guards().includes(cube.set));
    let asks_fixed = machine.fixed_guards().iter().any(|id| step::needs(row, id));
    idle && (waits || asks_nothing) || asks_fixed && !subject.space.is_idle(machine.initial)
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
