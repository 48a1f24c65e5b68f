//! T0305 `no-way-to-idle`: an attempt that gets here never ends.

use std::collections::BTreeSet;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::{components, ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Cube, FactSet, Kind, StateId};
use crate::search;

pub(super) const CHECK: Check = Check {
    code: Code("T0305"),
    name: "no-way-to-idle",
    severity: Severity::Error,
    explain: "Whatever is reported and asked from here on, no idle state is reached: the attempt hangs, holds what it \
              holds, and no other can start. Decided over everything that can happen, so a state that has a way out, \
              but not under one value of a fixed guard, is found too; the message then says under which. Of states \
              that lead to each other and nowhere else, the first is reported. Never to be silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    // A machine without idle states does not start in one, which is reported.
    if subject.machine.states.iter().all(|state| state.kind != Kind::Idle) {
        return Ok(());
    }
    let ends = can_end(subject)?;
    let mut stuck = vec![Bdd::NEVER; ends.len()];
    for state in subject.machine.state_ids() {
        let anything = subject.reached.present(state);
        stuck[state.index()] = subject.space.diagrams.minus(anything, ends[state.index()])?;
    }
    let states: Vec<StateId> = subject.machine.state_ids().filter(|id| !stuck[id.index()].is_never()).collect();
    let mut next = vec![Vec::new(); ends.len()];
    for state in &states {
        for step in subject.moves(*state) {
            if !subject.space.diagrams.and(stuck[state.index()], step.fires)?.is_never() {
                next[state.index()].push(subject.space.row(&step).to);
            }
        }
    }
    for group in components::ends(&states, |state| next[state.index()].clone()) {
        // That the machine goes round there without anything coming in is reported, and so is a formula that contradicts
        // itself.
        let mut never = subject.machine.rows.iter().filter(|row| row.cubes.is_empty());
        let is_told_better = never.any(|row| row.from.iter().any(|from| group.contains(from)));
        if is_told_better || group.iter().all(|state| subject.round.contains(state)) {
            continue;
        }
        report(subject, &group, &stuck, out)?;
    }
    Ok(())
}

fn report(subject: &mut Subject<'_>, group: &[StateId], stuck: &[Bdd], out: &mut Findings) -> Result<(), TooLarge> {
    let (machine, first) = (subject.machine, group[0]);
    let state = machine.state(first);
    let anything = subject.reached.present(first);
    let mut message = format!("no idle state can be reached from `{}`", state.name);
    if stuck[first.index()] != anything {
        message.push_str(&circumstances(subject, stuck[first.index()], anything)?);
    }
    let moves = subject.moves(first);
    let label = if moves.is_empty() { "no transition leaves it" } else { "an attempt that gets here never ends" };
    let mut finding = Finding::error(CHECK.code, state.span, message, label);
    if group.len() > 1 {
        let others = wording::states(machine, &group[1..]);
        finding = finding.with_note(format!("from here it can only go round through {others}"));
    }
    let own = subject.space.diagrams.and(stuck[first.index()], subject.reached.arrived(first))?;
    if own.is_never() {
        finding = finding.with_note("only where a caller sets facts before it looks: our own machine looks after each");
    }
    let help = "add a transition for this case that leads on to clean-up or to an idle state";
    let rests = group.iter().find(|state| ways::could_be_idle(machine, **state));
    out.push(finding.with_help(match rests.map(|state| &machine.state(*state).name) {
        Some(rest) => format!("{help}; or, if an attempt is over in `{rest}`, write `kind: idle` there"),
        None => help.to_owned(),
    }));
    Ok(())
}

/// Says when no idle state can be reached, where that is not always so: the smallest facts of those that are stuck.
fn circumstances(subject: &mut Subject<'_>, stuck: Bdd, anything: Bdd) -> Result<String, TooLarge> {
    let facts = subject.space.smallest(stuck)?.unwrap_or_default();
    if !facts.is_empty() {
        return Ok(format!(" with {}", wording::facts(subject.machine, facts)));
    }
    let guards = Cube { set: FactSet::EMPTY, clear: subject.machine.fixed_guards() };
    let no_guard = subject.space.diagrams.case(guards)?;
    let without = subject.space.diagrams.and(anything, no_guard)?;
    let is_by_guards = subject.space.diagrams.minus(without, stuck)?.is_never();
    Ok(if is_by_guards { " when no fixed guard holds" } else { " when no trigger is pending" }.to_owned())
}

/// For every state the configurations from which some run reaches an idle state: the least sets such that an idle
/// state is one, and so is whatever can fire or wait its way into one.
fn can_end(subject: &mut Subject<'_>) -> Result<Vec<Bdd>, TooLarge> {
    let machine = subject.machine;
    let mut ends = vec![Bdd::NEVER; machine.states.len()];
    let mut before = vec![BTreeSet::new(); machine.states.len()];
    for row in &machine.rows {
        before[row.to.index()].extend(row.from.iter().copied());
    }
    // Where a state leads is settled before the state is looked at, as far as that goes: a long way is walked once.
    let order = components::last_first(machine);
    let placed = |id: StateId| (order[id.index()], id);
    let idle: Vec<StateId> = machine.state_ids().filter(|state| subject.space.is_idle(*state)).collect();
    search::fixpoint(idle.into_iter().map(placed), |(_, state), todo| {
        let better = one_step(subject, state, &ends)?;
        if better != ends[state.index()] {
            ends[state.index()] = better;
            todo.extend(before[state.index()].iter().copied().chain([state]).map(placed));
        }
        Ok(())
    })?;
    Ok(ends)
}

fn one_step(subject: &mut Subject<'_>, state: StateId, ends: &[Bdd]) -> Result<Bdd, TooLarge> {
    if subject.space.is_idle(state) {
        return Ok(Bdd::ALWAYS);
    }
    let (mut waits, mut all) = (Bdd::NEVER, ends[state.index()]);
    for (fact, when) in subject.space.incoming(state) {
        let with = subject.space.diagrams.restrict(ends[state.index()], fact, true)?;
        let with = subject.space.diagrams.and(with, when)?;
        waits = subject.space.diagrams.or(waits, with)?;
    }
    let rests = subject.space.place_of(state).rests;
    let waits = subject.space.diagrams.and(waits, rests)?;
    all = subject.space.diagrams.or(all, waits)?;
    for step in subject.moves(state) {
        let row = subject.space.row(&step);
        let here = subject.space.before(&step, ends[row.to.index()])?;
        let here = subject.space.diagrams.and(here, step.fires)?;
        all = subject.space.diagrams.or(all, here)?;
    }
    Ok(all)
}
