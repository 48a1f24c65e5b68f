//! T0311 `happy-path-gap`: the happy path goes where no transition goes.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, StateId, Table};
use crate::search::BreadthFirst;
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0311"),
    name: "happy-path-gap",
    severity: Severity::Warning,
    explain: "Two neighbours of `happy_path:` have no transition from the first to the second: a state between them is \
              left out, their order is wrong, or a transition is missing. Pictures, pages and the manual show the \
              happy path as the course of an attempt that succeeds, so they would show a course that no attempt takes. \
              Silence it in a draft whose transitions are still to be written.",
    run: Run::Machine(run),
};

/// How many steps the search for the right order may take.
const STEPS_MAX: usize = 10_000;

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let path = &machine.happy_path;
    if let (Some(back), [first, .., last]) = (machine.path_spans.get(path.len()), path.as_slice())
        && !leads(machine, *last, *first)
    {
        out.push(gap(machine, (*last, *first), *back));
    }
    if let Some(order) = ordered(machine) {
        if order != machine.happy_path {
            out.push(out_of_order(machine, &order));
        }
        return;
    }
    for (pair, span) in machine.happy_path.windows(2).zip(machine.path_spans.iter().skip(1)) {
        let [from, to] = pair else { continue };
        if leads(machine, *from, *to) || is_told_better(machine, *from, *to) {
            continue;
        }
        out.push(gap(machine, (*from, *to), *span));
    }
}

/// The finding that no transition leads from one state to its successor.
fn gap(machine: &Machine, (from, to): (StateId, StateId), span: Span) -> Finding {
    let (first, second) = (&machine.state(from).name, &machine.state(to).name);
    let message = format!("no transition leads from `{first}` to `{second}`, its successor in `happy_path:`");
    let finding = Finding::warning(CHECK.code, span, message, format!("not entered from `{first}`"));
    let finding = finding.with_place(machine.state(from).span, "the state before it");
    // What leads to an idle state ends an attempt, and is hardly one that leads the wrong way.
    let is_turned = |row: &&Row| is_way(machine, row, (to, from)) && row.from.len() == 1;
    let back = machine.rows.iter().find(is_turned).filter(|_| machine.state(from).kind != Kind::Idle);
    let (back, past) = match back {
        Some(row) => (Some(row), None),
        None => (None, past(machine, from, to)),
    };
    let finding = match (back, past) {
        (Some(row), _) => finding.with_place(row.span, "leads the other way"),
        (None, Some(row)) => {
            finding.with_place(row.span, format!("leads past it, to `{}`", machine.state(row.to).name))
        }
        (None, None) => finding,
    };
    let exchange = back.map(|_| "exchange `from:` and `to:` of the transition that leads the other way".to_owned());
    let past = past.map(|_| format!("let the transition that leads past it lead to `{second}`"));
    let ways = exchange.into_iter().chain(past).chain([help(machine, from, to)]);
    finding.with_help(ways.collect::<Vec<_>>().join(", or "))
}

/// A transition from a state of the happy path that leads past its successor, to a state later on it.
fn past(machine: &Machine, from: StateId, to: StateId) -> Option<&Row> {
    let at = machine.happy_path.iter().position(|state| *state == to).filter(|at| *at > 0)?;
    let later = &machine.happy_path[at + 1..];
    machine.rows.iter().find(|row| later.contains(&row.to) && is_way(machine, row, (from, row.to)))
}

/// Whether another check says better why no transition leads from one state to the other: the formula of the one that
/// does contradicts itself, or nothing enters the other state at all.
fn is_told_better(machine: &Machine, from: StateId, to: StateId) -> bool {
    let mut entering = machine.rows.iter().filter(|row| row.to == to);
    let is_entered = to == machine.initial || entering.clone().any(|row| !row.cubes.is_empty());
    !is_entered || entering.any(|row| row.from.contains(&from))
}

/// The same states in an order in which an attempt enters them, if there is one: the given one if it is.
fn ordered(machine: &Machine) -> Option<Vec<StateId>> {
    let path = &machine.happy_path;
    if path.windows(2).all(|pair| leads(machine, pair[0], pair[1])) {
        return Some(path.clone());
    }
    let states: BTreeSet<StateId> = path.iter().copied().collect();
    let first = if states.contains(&machine.initial) { machine.initial } else { *path.first()? };
    let (mut ways, mut steps) = (vec![vec![first]], 0);
    while let Some(way) = ways.pop() {
        if way.len() == path.len() {
            return Some(way);
        }
        steps += 1;
        if steps > STEPS_MAX {
            return None;
        }
        let last = way[way.len() - 1];
        // The last one that is pushed is tried first: what the table names first.
        // An attempt that is over, or failed, is not on the way to its end.
        if way.len() > 1 && machine.state(last).kind == Kind::Idle {
            continue;
        }
        for state in path.iter().rev().filter(|state| !way.contains(state) && succeeds(machine, last, **state)) {
            ways.push([&way[..], &[*state]].concat());
        }
    }
    None
}

fn out_of_order(machine: &Machine, order: &[StateId]) -> Finding {
    let wrong = machine.happy_path.iter().zip(order).position(|(is, should)| is != should).unwrap_or(0);
    let names: Vec<&str> = order.iter().map(|state| machine.state(*state).name.as_str()).collect();
    let message = "`happy_path:` is not in the order in which an attempt enters its states";
    let label = format!("`{}` comes before it", names[wrong]);
    let finding = Finding::warning(CHECK.code, machine.path_spans[wrong], message, label);
    finding.with_help(format!("write `happy_path: [{}]`", wording::line(names)))
}

fn leads(machine: &Machine, from: StateId, to: StateId) -> bool {
    machine.rows.iter().any(|row| row.to == to && row.from.contains(&from) && !row.cubes.is_empty())
}

/// Whether a transition that is no failure leads from one state to another.
fn succeeds(machine: &Machine, from: StateId, to: StateId) -> bool {
    machine.rows.iter().any(|row| is_way(machine, row, (from, to)))
}

/// Whether a row leads from one state to another, and is no failure.
fn is_way(machine: &Machine, row: &Row, (from, to): (StateId, StateId)) -> bool {
    row.to == to && row.from.contains(&from) && !row.cubes.is_empty() && !ways::fails(machine, row)
}

/// What to do: name the states between the two, where there is a way; otherwise add a transition.
fn help(machine: &Machine, from: StateId, to: StateId) -> String {
    let (first, second) = (&machine.state(from).name, &machine.state(to).name);
    match between(machine, from, to) {
        Some(states) if states.iter().all(|state| !machine.happy_path.contains(state)) => {
            let names = wording::states(machine, &states);
            format!("put {names} between `{first}` and `{second}`")
        }
        Some(_) => "name every state once, in the order in which an attempt enters them".to_owned(),
        None => format!("add a transition from `{first}` to `{second}`, or take `{second}` out of `happy_path:`"),
    }
}

/// The states on the shortest way forward from one state to another, both left out. No attempt goes on after an idle
/// state, and one that comes back to a state before goes no way forward.
fn between(machine: &Machine, from: StateId, to: StateId) -> Option<Vec<StateId>> {
    let rows = ways::by_state(machine);
    let before = machine.happy_path.iter().take_while(|state| **state != from);
    let before: BTreeSet<StateId> = before.copied().collect();
    let mut search = BreadthFirst::new([from]);
    while let Some((number, state)) = search.next_node() {
        if state != from && machine.state(state).kind == Kind::Idle {
            continue;
        }
        let leading = rows[state.index()].iter();
        let leading = leading.filter(|row| !row.cubes.is_empty() && ways::leads_on(machine, row, state));
        let next: BTreeSet<StateId> = leading.map(|row| row.to).filter(|to| !before.contains(to)).collect();
        for after in next {
            search.reach(number, after, after);
        }
    }
    let number = search.nodes().iter().position(|state| *state == to)?;
    let (_, way) = search.path_to(number).split_last().map(|(last, way)| (**last, way.to_vec()))?;
    Some(way.into_iter().copied().collect())
}
