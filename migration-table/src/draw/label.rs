//! The words of a picture: what makes a row fire, what it does, and where it holds.

use super::figure::{Arrow, Course, Figure, States, Tail};
use crate::condition::Cube;
use crate::model::{Fact, Kind, Machine, Row, State, StateId, Table};

/// Lines are wrapped at this many characters where there is a space to wrap at.
const WIDTH: usize = 26;

/// The lines beside an arrow: `trigger [guard] / what it does`, with the states where that holds only in part of
/// the frame that the arrow leaves.
pub(super) fn lines(table: &Table, machine: &Machine, figure: &Figure<'_>, arrow: &Arrow<'_>) -> Vec<String> {
    let mut entries: Vec<(String, Vec<String>)> = Vec::new();
    for (row, states) in &arrow.rows {
        let end = format!("{}{}", actions(table, machine, row), scope(machine, figure, arrow.tail, states));
        match entries.iter_mut().find(|(known, _)| *known == end) {
            Some((_, conditions)) => conditions.push(condition(machine, row)),
            None => entries.push((end, vec![condition(machine, row)])),
        }
    }
    let entry = |(end, conditions): (String, Vec<String>)| wrap(&format!("{}{end}", conditions.join(" or ")));
    entries.into_iter().flat_map(entry).collect()
}

/// What the tooltip of an arrow says: where it leaves, and the meaning of the facts that it names.
pub(super) fn arrow_tooltip(machine: &Machine, arrow: &Arrow<'_>) -> String {
    let from: States = arrow.rows.iter().flat_map(|(_, states)| states.iter().copied()).collect();
    let mentions = arrow.rows.iter().fold(0, |mask, (row, _)| mask | row.mentions);
    let facts = machine.fact_ids().filter(|id| mentions & id.bit() != 0).map(|id| machine.fact(id));
    let mut text = format!("from {} to {}", names(machine, &from), machine.state(arrow.to).name);
    for fact in facts {
        text.push_str(&format!("\n{}: {}", fact.name, fact.doc));
    }
    text
}

/// What the tooltip of a state says: its meaning, its kind, what it holds and how long it waits.
pub(super) fn state_tooltip(table: &Table, machine: &Machine, state: &State) -> String {
    let mut text = format!("{}\n{}", state.doc, state.kind.name());
    if !state.holds.is_empty() {
        let held: Vec<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        text.push_str(&format!(", holds {}", held.join(", ")));
    }
    if let Some(timeout) = state.timeout {
        text.push_str(&format!(", {} after {} ms", machine.fact(timeout.event).name, timeout.after_ms));
    }
    text
}

/// What a client is shown in a state, as the wire names it.
pub(super) fn status<'t>(table: &'t Table, state: &State) -> &'t str {
    &table.statuses[state.shows.index()].name
}

/// Whether a state is called like the status that it shows, up to the spelling of the wire.
pub(super) fn is_named_like_status(table: &Table, state: &State) -> bool {
    state.name.replace('_', "-") == status(table, state).replace('_', "-")
}

/// A few sentences on what the pictures of a machine show.
pub(super) fn caption(table: &Table, machine: &Machine) -> String {
    let figure = Figure::new(machine);
    let mut text = format!("the {} of `{}` ({}): {} states", machine.name, table.name, machine.doc, figure.nodes.len());
    if let [first, .., last] = machine.happy_path.as_slice() {
        let (first, last) = (&machine.state(*first).name, &machine.state(*last).name);
        let steps = machine.happy_path.len();
        text.push_str(&format!("; the heavy line is the happy path, {steps} states from `{first}` to `{last}`"));
    }
    for sentence in legend(machine, &figure) {
        text.push_str("; ");
        text.push_str(sentence);
    }
    text
}

/// One sentence for each kind of line that occurs in the figure.
pub(super) fn legend(machine: &Machine, figure: &Figure<'_>) -> Vec<&'static str> {
    let mut sentences = Vec::new();
    if machine.states.iter().any(|state| state.kind == Kind::Idle) {
        sentences.push("double border: idle");
    }
    if figure.nodes.iter().any(|node| !node.public) {
        sentences.push("dashed border: entered without an event to the client");
    }
    if figure.arrows.iter().any(|arrow| arrow.course == Course::Aside) {
        sentences.push("dashed edge: failure or cancel");
    }
    if figure.arrows.iter().any(|arrow| matches!(arrow.tail, Tail::Cluster(_))) {
        sentences.push("edge from a frame: from every state in it, or those it names");
    }
    sentences
}

/// When a row fires: `trigger [guard]`, for each of the cases in which it does.
fn condition(machine: &Machine, row: &Row) -> String {
    let cases: Vec<String> = row.cubes.iter().map(|cube| case(machine, *cube)).collect();
    cases.join(" or ")
}

fn case(machine: &Machine, cube: Cube) -> String {
    let having = |mask: u64, wanted: fn(&Fact) -> bool| {
        machine
            .fact_ids()
            .map(move |id| (id, machine.fact(id)))
            .filter(move |(id, _)| mask & id.bit() != 0)
            .filter(move |(_, fact)| wanted(fact))
            .map(|(_, fact)| fact.name.as_str())
    };
    let causes: Vec<&str> = having(cube.set, |fact| !fact.is_guard()).collect();
    let asked = having(cube.set, Fact::is_guard).map(str::to_owned);
    let absent = having(cube.clear, |_| true).map(|name| format!("not {name}"));
    let guards: Vec<String> = asked.chain(absent).collect();
    let mut text = causes.join(" and ");
    if !guards.is_empty() {
        let space = if text.is_empty() { "" } else { " " };
        text.push_str(&format!("{space}[{}]", guards.join(" and ")));
    }
    text
}

/// What a row does besides changing the state.
fn actions(table: &Table, machine: &Machine, row: &Row) -> String {
    let mut text = String::new();
    if !row.sends.is_empty() {
        let sent: Vec<&str> = row.sends.iter().map(|id| table.messages[id.index()].name.as_str()).collect();
        text.push_str(&format!(" / sends {}", sent.join(", ")));
    }
    if row.drops != 0 {
        let dropped = machine.fact_ids().filter(|id| row.drops & id.bit() != 0);
        let dropped: Vec<&str> = dropped.map(|id| machine.fact(id).name.as_str()).collect();
        text.push_str(&format!(" / drops {}", dropped.join(", ")));
    }
    text
}

/// The part of a frame in which a row holds, said the shorter way; nothing where it holds in all of it.
fn scope(machine: &Machine, figure: &Figure<'_>, tail: Tail, states: &States) -> String {
    let all = match tail {
        Tail::State(_) => return String::new(),
        Tail::Cluster(index) => &figure.clusters[index].states,
    };
    let others = all - states;
    if others.is_empty() {
        String::new()
    } else if others.len() < states.len() {
        format!(" (not in {})", names(machine, &others))
    } else {
        format!(" (only in {})", names(machine, states))
    }
}

fn names(machine: &Machine, states: &States) -> String {
    let names: Vec<&str> = states.iter().map(|state: &StateId| machine.state(*state).name.as_str()).collect();
    names.join(", ")
}

/// Breaks a text at spaces so that lines have at most [`WIDTH`] characters; a longer word keeps its own line.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}
