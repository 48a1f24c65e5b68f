//! T0311 `happy-path-gap`: the happy path goes where no transition goes.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, StateId, Table};
use crate::search::BreadthFirst;

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
    if let Some(order) = ordered(machine) {
        if order != machine.happy_path {
            out.push(out_of_order(machine, &order));
        }
        return;
    }
    for (pair, span) in machine.happy_path.windows(2).zip(machine.path_spans.iter().skip(1)) {
        let [from, to] = pair else { continue };
        // A state that is listed twice is reported as that.
        let is_listed_twice = machine.happy_path.iter().filter(|state| *state == to).count() > 1;
        if is_listed_twice || leads(machine, *from, *to) || is_told_better(machine, *from, *to) {
            continue;
        }
        let (first, second) = (&machine.state(*from).name, &machine.state(*to).name);
        let message = format!("no transition leads from `{first}` to `{second}`, its successor in `happy_path:`");
        let finding = Finding::warning(CHECK.code, *span, message, format!("not entered from `{first}`"));
        let finding = finding.with_place(machine.state(*from).span, "the state before it");
        out.push(finding.with_help(help(machine, *from, *to)));
    }
}

/// Whether another check says better why no transition leads from one state to the other: the formula of the one that
/// does contradicts itself, or nothing enters the other state at all.
fn is_told_better(machine: &Machine, from: StateId, to: StateId) -> bool {
    let mut entering = machine.rows.iter().filter(|row| row.to == to);
    let is_entered = to == machine.initial || entering.clone().any(|row| !row.cubes.is_empty());
    !is_entered || entering.any(|row| row.from.contains(&from))
}

/// The same states in an order in which an attempt enters them, if there is one: the given one if it is. A path that
/// names a state twice has none.
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
    finding.with_help(format!("write `happy_path: [{}]`", names.join(", ")))
}

fn leads(machine: &Machine, from: StateId, to: StateId) -> bool {
    machine.rows.iter().any(|row| row.to == to && row.from.contains(&from) && !row.cubes.is_empty())
}

/// Whether a transition that is no failure leads from one state to another.
fn succeeds(machine: &Machine, from: StateId, to: StateId) -> bool {
    let leads = |row: &Row| row.to == to && row.from.contains(&from) && !row.cubes.is_empty();
    machine.rows.iter().any(|row| leads(row) && !ways::fails(machine, row))
}

/// What to do: name the states between the two, where there is a way; otherwise add a transition or mend the order.
fn help(machine: &Machine, from: StateId, to: StateId) -> String {
    let (first, second) = (&machine.state(from).name, &machine.state(to).name);
    match between(machine, from, to) {
        Some(states) if states.iter().all(|state| !machine.happy_path.contains(state)) => {
            let names = wording::states(machine, &states);
            format!("put {names} between `{first}` and `{second}`")
        }
        Some(_) => "name every state once, in the order in which an attempt enters them".to_owned(),
        None if succeeds(machine, to, from) && machine.state(from).kind != Kind::Idle => {
            format!("put `{second}` before `{first}`, or add a transition from `{first}` to `{second}`")
        }
        None => format!("add a transition from `{first}` to `{second}`, or take `{second}` out of `happy_path:`"),
    }
}

/// The states on the shortest way forward from one state to another, both left out.
fn between(machine: &Machine, from: StateId, to: StateId) -> Option<Vec<StateId>> {
    let rows = ways::by_state(machine);
    let mut search = BreadthFirst::new([from]);
    while let Some((number, state)) = search.next_node() {
        let leading = rows[state.index()].iter();
        let leading = leading.filter(|row| !row.cubes.is_empty() && ways::leads_on(machine, row, state));
        let next: BTreeSet<StateId> = leading.map(|row| row.to).collect();
        for after in next {
            search.reach(number, after, after);
        }
    }
    let number = search.nodes().iter().position(|state| *state == to)?;
    let (_, way) = search.path_to(number).split_last().map(|(last, way)| (**last, way.to_vec()))?;
    Some(way.into_iter().copied().collect())
}
