//! T0302 `endless-advance`: rows that can fire one after the other for ever, without anything coming in.

use std::collections::BTreeSet;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactSet, Row, StateId};
use crate::{search, step};

pub(super) const CHECK: Check = Check {
    code: Code("T0302"),
    name: "endless-advance",
    severity: Severity::Error,
    explain: "A machine fires transitions while one is enabled. If rows lead round in a circle and none of them uses \
              up a fact, that never ends, and the machine hangs with its lock held. Events are forgotten on leaving a \
              state and triggers are used up by the row that mentions them, so a circle consists of rows that need \
              nothing, or only guards, or the absence of something. Guards that are not fixed may say something else \
              at every step, so `busy` and `not busy` on the way round do not break it. Decided over everything that \
              can happen. Never to be silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let endless = endless(subject)?;
    let mut told = BTreeSet::new();
    for state in subject.machine.state_ids() {
        let start = subject.space.diagrams.and(subject.reached.present(state), endless[state.index()])?;
        if start.is_never() || told.contains(&state) {
            continue;
        }
        let Some(facts) = subject.space.smallest(start)? else { continue };
        let path = follow(subject, state, facts, &endless)?;
        let is_new = path.iter().all(|(state, ..)| !told.contains(state));
        told.extend(path.iter().map(|(state, ..)| *state));
        if is_new {
            subject.round.extend(path.iter().map(|(state, ..)| *state));
            report(subject, &path, out);
        }
    }
    Ok(())
}

/// A state, what is remembered in it, and the row that fires there.
type Leg<'t> = (StateId, FactSet, &'t Row);

/// Follows an endless chain until it closes, and returns its legs; the last one leads to the state of an earlier one.
fn follow<'t>(
    subject: &mut Subject<'t>,
    mut state: StateId,
    mut facts: FactSet,
    endless: &[Bdd],
) -> Result<Vec<Leg<'t>>, TooLarge> {
    let mut path: Vec<Leg<'t>> = Vec::new();
    loop {
        if let Some(start) = path.iter().position(|leg| (leg.0, leg.1) == (state, facts)) {
            return Ok(path.split_off(start));
        }
        let mut next = None;
        for step in subject.moves(state) {
            let row = subject.space.row(&step);
            let on = subject.space.before(&step, endless[row.to.index()])?;
            let on = subject.space.diagrams.and(on, step.fires)?;
            if subject.space.diagrams.eval(on, facts) {
                next = Some(row);
                break;
            }
        }
        // Every configuration of these sets has a successor in them.
        let Some(row) = next else { return Ok(path) };
        path.push((state, facts, row));
        facts -= step::gone(subject.machine, row);
        state = row.to;
    }
}

fn report(subject: &Subject<'_>, circle: &[Leg<'_>], out: &mut Findings) {
    // The circle begins with the state that is declared first, wherever it was entered.
    let first = (0..circle.len()).min_by_key(|index| circle[*index].0).unwrap_or_default();
    let legs: Vec<&Leg<'_>> = circle[first..].iter().chain(&circle[..first]).collect();
    let Some((state, facts, row)) = legs.first() else { return };
    let machine = subject.machine;
    let name = |state: StateId| format!("`{}`", machine.state(state).name);
    let way: Vec<String> = legs.iter().map(|leg| name(leg.0)).chain([name(*state)]).collect();
    let message = format!("the machine may go round for ever: {}", way.join(" -> "));
    let mut finding = Finding::error(CHECK.code, row.span, message, "needs nothing that is used up on the way");
    for (_, _, other) in &legs[1..] {
        finding = finding.with_place(other.span, "and this one fires on the way round");
    }
    let known: Vec<FactId> = facts.iter().collect();
    if !known.is_empty() {
        finding = finding.with_note(format!("it happens with {}", wording::facts(machine, *facts)));
    }
    out.push(finding.with_help("let one transition of the circle need an event or a trigger"));
}

/// For every state the configurations from which rows can fire for ever without a fact coming in: the greatest sets
/// such that from each configuration some row may fire and lead into one again.
fn endless(subject: &mut Subject<'_>) -> Result<Vec<Bdd>, TooLarge> {
    let machine = subject.machine;
    let mut endless = vec![Bdd::ALWAYS; machine.states.len()];
    let mut before = vec![BTreeSet::new(); machine.states.len()];
    for row in &machine.rows {
        before[row.to.index()].extend(row.from.iter().copied());
    }
    search::fixpoint(machine.state_ids(), |state, todo| {
        let mut all = Bdd::NEVER;
        for step in subject.moves(state) {
            let row = subject.space.row(&step);
            let here = subject.space.before(&step, endless[row.to.index()])?;
            let here = subject.space.diagrams.and(here, step.fires)?;
            all = subject.space.diagrams.or(all, here)?;
        }
        if all != endless[state.index()] {
            endless[state.index()] = all;
            todo.extend(&before[state.index()]);
        }
        Ok(())
    })?;
    Ok(endless)
}
