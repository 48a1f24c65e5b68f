//! The picture of a machine for Mermaid (`stateDiagram-v2`).
//!
//! Code hosts render it without a program of their own, but it can be told less than Graphviz: the layout is its own,
//! and a label cannot hold every character. A frame is a composite state, so that its edge starts at its border.

use std::fmt::Write as _;

use super::figure::{Course, Figure, Node, Place, States, Tail};
use super::label;
use crate::model::{Kind, Machine, StateId, Table};

/// Words that mean something to Mermaid where a state's id is expected.
const RESERVED: &[&str] = &[
    "as",
    "choice",
    "class",
    "classDef",
    "click",
    "default",
    "direction",
    "end",
    "fork",
    "hide",
    "href",
    "join",
    "left",
    "note",
    "of",
    "over",
    "right",
    "scale",
    "state",
    "stateDiagram",
    "style",
];

/// Writes the picture.
pub(super) fn draw(table: &Table, machine: &Machine) -> String {
    let figure = Figure::new(machine);
    let mut out = format!("%% {}: {}\nstateDiagram-v2\n    direction LR\n", machine.name, one_line(&machine.doc));
    states(table, machine, &figure, &mut out);
    let _ = writeln!(out, "    [*] --> {}", id(machine, machine.initial));
    edges(table, machine, &figure, &mut out);
    classes(machine, &figure, &mut out);
    out
}

/// Every state with its description, inside its frame.
fn states(table: &Table, machine: &Machine, figure: &Figure<'_>, out: &mut String) {
    for node in &figure.nodes {
        let state = machine.state(node.state);
        let id = id(machine, node.state);
        let _ = writeln!(out, "    {id} : {}", words(&state.name));
        if !node.public || !label::is_named_like_status(table, state) {
            let _ = writeln!(out, "    {id} : shows {}", words(label::status(table, state)));
        }
    }
    let frames: Vec<usize> = (0..figure.clusters.len()).filter(|at| figure.clusters[*at].frame.is_some()).collect();
    for at in &frames {
        let outer = |other: &&usize| {
            **other != *at && figure.clusters[**other].states.is_superset(&figure.clusters[*at].states)
        };
        if !frames.iter().any(|other| outer(&other)) {
            frame(machine, figure, &frames, *at, 1, out);
        }
    }
}

fn frame(machine: &Machine, figure: &Figure<'_>, frames: &[usize], at: usize, depth: usize, out: &mut String) {
    let cluster = &figure.clusters[at];
    let indent = "    ".repeat(depth);
    let name = cluster.frame.as_ref().and_then(|frame| frame.group.as_deref()).unwrap_or(" ");
    let _ = writeln!(out, "{indent}state \"{}\" as {} {{", words(name), cluster.id(machine));
    let is_within = |inner: usize, outer: usize| {
        inner != outer && figure.clusters[inner].states.is_subset(&figure.clusters[outer].states)
    };
    let inner: Vec<usize> = frames.iter().copied().filter(|other| is_within(*other, at)).collect();
    let direct = inner.iter().filter(|child| !inner.iter().any(|other| is_within(**child, *other)));
    let mut rest: States = cluster.states.clone();
    for child in direct {
        rest = &rest - &figure.clusters[*child].states;
        frame(machine, figure, frames, *child, depth + 1, out);
    }
    for state in rest {
        let _ = writeln!(out, "{indent}    {}", id(machine, state));
    }
    let _ = writeln!(out, "{indent}}}");
}

/// Writes the arrows. A new attempt is drawn to a small copy of the state it enters, as in the other formats.
fn edges(table: &Table, machine: &Machine, figure: &Figure<'_>, out: &mut String) {
    for arrow in &figure.arrows {
        let tail = match arrow.tail {
            Tail::State(state) => id(machine, state),
            Tail::Cluster(at) => figure.clusters[at].id(machine),
        };
        let head = match arrow.course {
            Course::Again => copy_id(machine, arrow.to),
            Course::Path | Course::Forward | Course::Aside => id(machine, arrow.to),
        };
        let lines: Vec<String> = label::lines(table, machine, figure, arrow).iter().map(|line| words(line)).collect();
        let _ = writeln!(out, "    {tail} --> {head} : {}", lines.join("<br/>"));
    }
    for state in copies(figure) {
        let name = words(&machine.state(state).name);
        let _ = writeln!(out, "    {} : again to {name}", copy_id(machine, state));
    }
}

/// The classes that occur, each with its style and its states.
fn classes(machine: &Machine, figure: &Figure<'_>, out: &mut String) {
    let of = |wanted: &dyn Fn(&Node) -> bool| -> Vec<String> {
        figure.nodes.iter().filter(|node| wanted(node)).map(|node| id(machine, node.state)).collect()
    };
    let kind = |node: &Node| machine.state(node.state).kind;
    let again: Vec<String> = copies(figure).into_iter().map(|state| copy_id(machine, state)).collect();
    let classes = [
        ("path", "font-weight:bold", of(&|node| node.place == Place::Path)),
        ("idle", "stroke-width:4px", of(&|node| kind(node) == Kind::Idle)),
        ("cleanup", "font-style:italic", of(&|node| kind(node) == Kind::Cleanup)),
        ("internal", "stroke-dasharray:4 3", of(&|node| !node.public)),
        ("again", "fill:none,stroke:none", again),
    ];
    for (name, style, members) in classes.iter().filter(|(_, _, members)| !members.is_empty()) {
        let _ = writeln!(out, "    classDef {name} {style}");
        let _ = writeln!(out, "    class {} {name}", members.join(","));
    }
}

/// The states that a new attempt enters.
fn copies(figure: &Figure<'_>) -> States {
    figure.arrows.iter().filter(|arrow| arrow.course == Course::Again).map(|arrow| arrow.to).collect()
}

/// The id of a state: its name, unless that means something else to Mermaid.
fn id(machine: &Machine, state: StateId) -> String {
    let name = &machine.state(state).name;
    if RESERVED.contains(&name.as_str()) { unused(machine, name) } else { name.clone() }
}

fn copy_id(machine: &Machine, state: StateId) -> String {
    unused(machine, &format!("again_{}", machine.state(state).name))
}

/// A name like this one that no state has.
fn unused(machine: &Machine, name: &str) -> String {
    let mut name = format!("{name}_");
    while machine.state_id(&name).is_some() {
        name.push('_');
    }
    name
}

/// Text of a label. What could end the label or open something else is written by its number.
fn words(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " _-,./[]()+".contains(c);
    text.chars().map(|c| if plain(c) { c.to_string() } else { format!("#{};", u32::from(c)) }).collect()
}

/// Text of a comment, which ends with its line and may hold no directive.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace(['{', '}'], "")
}
