//! One step of a machine: which row fires, what is gone then, which triggers are accepted, and what they are told.
//!
//! Whoever asks what a machine does next asks here: the interpreter and replay about one set of facts, exploration and
//! the projection about many sets at once, as diagrams ([`Precedence`] takes either), charts and checks about the cases
//! of a row.
//!
//! All of it supposes a table without errors: the checks prove that rows of one rank that can be enabled together have
//! the same effect, and that advancing ends.
//!
//! Decisions that the words of the format leave open:
//!
//! - Fixed guards are asked when a trigger is raised in an idle state, or an event comes there from outside, and keep
//!   that value until the attempt ends, in an idle state again; they are among the facts of the attempt. Other guards are asked at every single step.
//! - A guard that changes is no event: nothing advances until a trigger is raised or evidence is reported.
//! - A formula is the sum of its cases, and each case is a row of its own: `a or b` means what two rows mean. A row
//!   gives up, when it fires, the pending triggers that its case mentions, and those that it drops.
//! - Nothing works in an idle state, so evidence that is reported there is stale, whatever its visit, unless the table
//!   says that the event comes from outside the work.

mod precedence;

use std::convert::Infallible;

use crate::model::{
    Admission, Answer, AnswerRow, Cube, FactId, FactSet, GENERIC_ERROR, Kind, Machine, ReasonId, Row, StateId,
};
use crate::search;

pub use precedence::{Plain, Precedence, Truth};

/// Returns the row that fires in `state` when exactly these facts are there, guards among them, as an index into
/// [`Machine::rows`]; `None` if no row is enabled. Of several enabled rows the strongest fires.
#[must_use]
pub fn advance(machine: &Machine, state: StateId, facts: FactSet) -> Option<usize> {
    let mut precedence = Precedence::new(Plain::NEVER);
    machine.row_numbers_of(state).into_iter().find(|number| {
        let row = &machine.rows[*number];
        precedence.enter(row.rank);
        let Ok(fires) = precedence.wins(&mut Plain, row.condition.eval(facts));
        fires
    })
}

/// Returns the facts that are gone once the row has fired: all events, what it consumes, what it drops, and everything
/// at the end of an attempt.
#[must_use]
pub fn gone(machine: &Machine, row: &Row) -> FactSet {
    match machine.state(row.to).kind {
        Kind::Idle => machine.all_facts(),
        Kind::Work | Kind::Wait | Kind::Cleanup => machine.events() | machine.triggers() & row.mentions | row.drops,
    }
}

/// Returns, by state, the triggers that make a difference when they are pending there: a row of the state mentions them,
/// or of one to which the attempt may go on.
#[must_use]
pub fn heard_from(machine: &Machine) -> Vec<FactSet> {
    let mentioned = |state: StateId| machine.mentioned_in(state) & machine.triggers();
    let mut heard: Vec<FactSet> = machine.state_ids().map(mentioned).collect();
    let mut before: Vec<Vec<StateId>> = vec![Vec::new(); machine.states.len()];
    for row in machine.rows.iter().filter(|row| machine.state(row.to).kind != Kind::Idle) {
        before[row.to.index()].extend(&row.from);
    }
    let Ok(()) = search::fixpoint(machine.state_ids(), |state, todo| {
        for from in &before[state.index()] {
            let more = heard[from.index()] | heard[state.index()];
            if more != heard[from.index()] {
                heard[from.index()] = more;
                todo.insert(*from);
            }
        }
        Ok::<(), Infallible>(())
    });
    heard
}

/// Returns the reason that is kept once the row has fired in `state`, where `kept` was kept before: the first one that
/// an attempt was given. A row that leaves an idle state begins an attempt, and the reason of the last one is gone.
#[must_use]
pub fn reason(machine: &Machine, state: StateId, row: &Row, kept: Option<ReasonId>) -> Option<ReasonId> {
    match machine.state(state).kind {
        Kind::Idle => row.reason,
        Kind::Work | Kind::Wait | Kind::Cleanup => kept.or(row.reason),
    }
}

/// Returns the events that mean something in `state`: those that its rows mention; where nothing works, those of them
/// that come from outside.
#[must_use]
pub fn awaited(machine: &Machine, state: StateId) -> FactSet {
    awaited_among(machine, state, machine.mentioned_in(state))
}

/// The same, where it is known which facts the rows of the state mention.
pub(crate) fn awaited_among(machine: &Machine, state: StateId, mentioned: FactSet) -> FactSet {
    match machine.state(state).kind {
        Kind::Idle => mentioned & machine.outside_events(),
        Kind::Work | Kind::Wait | Kind::Cleanup => mentioned & machine.events(),
    }
}

/// Returns the fixed guards that are asked when a trigger is raised or an event reported in `state`: all of them at the
/// beginning of an attempt, and none during one, where they keep their value.
#[must_use]
pub fn asked_anew(machine: &Machine, state: StateId) -> FactSet {
    match machine.state(state).kind {
        Kind::Idle => machine.fixed_guards(),
        Kind::Work | Kind::Wait | Kind::Cleanup => FactSet::EMPTY,
    }
}

/// Returns the fixed guards that hold when a trigger is raised or an event reported in `state`, where `facts` are remembered and `guards`
/// hold now.
#[must_use]
pub fn sampled(machine: &Machine, state: StateId, facts: FactSet, guards: FactSet) -> FactSet {
    let anew = asked_anew(machine, state);
    (facts & (machine.fixed_guards() - anew)) | (guards & anew)
}

/// Returns what is remembered once a trigger is accepted, or an event reported, while just these fixed guards held.
#[must_use]
pub fn accepted(machine: &Machine, facts: FactSet, sample: FactSet, fact: FactId) -> FactSet {
    (facts - machine.fixed_guards()) | sample | fact
}

/// Returns what is said to a trigger in `state` when, of the guards that are fixed, exactly these hold.
///
/// It is accepted if some row of the state needs it and can still be enabled; otherwise `answers:` decides, and where
/// that says nothing the trigger is refused without a reason.
#[must_use]
pub fn answer(machine: &Machine, state: StateId, trigger: FactId, fixed_guards: FactSet) -> Answer {
    let fixed_guards = fixed_guards & machine.fixed_guards();
    if accepting(machine, state, trigger).iter().any(|case| case.holds(fixed_guards)) {
        return Answer::Accept;
    }
    listed(machine, state, trigger).map_or(Answer::Refuse(String::new()), |row| row.answer.clone())
}

/// Returns the cases of fixed guards in which a trigger is accepted in `state`, sorted.
#[must_use]
pub fn accepting(machine: &Machine, state: StateId, trigger: FactId) -> Vec<Cube> {
    accepting_among(machine, machine.rows.iter().filter(|row| row.from.contains(&state)), trigger)
}

/// The same, where the rows of the state are known.
pub fn accepting_among<'m>(machine: &Machine, rows: impl Iterator<Item = &'m Row>, trigger: FactId) -> Vec<Cube> {
    let mut cases: Vec<Cube> = rows.flat_map(|row| taking(machine, row, trigger)).collect();
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// Returns the cases of fixed guards in which a row is a reason to accept a trigger: it needs the trigger and can still
/// be enabled.
pub fn taking(machine: &Machine, row: &Row, trigger: FactId) -> impl Iterator<Item = Cube> {
    let (fixed, is_needed) = (machine.fixed_guards(), needs(row, trigger));
    row.cubes.iter().filter(move |_| is_needed).map(move |cube| cube.among(fixed))
}

/// Returns whether the row, which is one case of a formula, can be enabled only with the fact there.
#[must_use]
pub fn needs(row: &Row, fact: FactId) -> bool {
    !row.cubes.is_empty() && row.cubes.iter().all(|cube| cube.set.contains(fact))
}

/// Returns the answer that the table lists for a trigger that no row of `state` takes.
#[must_use]
pub fn listed(machine: &Machine, state: StateId, trigger: FactId) -> Option<&AnswerRow> {
    machine.answers.iter().find(|row| row.trigger == trigger && row.states.contains(&state))
}

/// Returns the class of the error that a client is told where `trigger` is refused in `state`: `GenericError` where the
/// table says nothing else.
#[must_use]
pub fn refusal_class(machine: &Machine, state: StateId, trigger: FactId) -> &str {
    listed(machine, state, trigger).map_or(GENERIC_ERROR, AnswerRow::refusal_class)
}

/// Returns whether a command passes as far as guards decide that: it needs none, or one of those that it needs holds.
/// Some guards may be `open`: they hold or not. Returns `None` where that matters.
#[must_use]
pub fn admits(needed: FactSet, holding: FactSet, open: FactSet) -> Option<bool> {
    if needed.is_empty() || needed.intersects(holding) {
        Some(true)
    } else if needed.intersects(open) {
        None
    } else {
        Some(false)
    }
}

/// Returns the guards one of which a command needs.
#[must_use]
pub fn needed_by(machine: &Machine, admission: &Admission) -> FactSet {
    admission.needs.iter().filter_map(|name| machine.fact_id(name)).collect()
}
