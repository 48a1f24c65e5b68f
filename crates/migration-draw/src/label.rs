//! The words of a picture: what makes a row fire, what it does, and where it holds.

use super::failure;
use super::figure::{Arrow, Case, Course, Figure, Mark, Node, Number, Panel, Tail};
use super::legend;
use super::plan::{self, Plan, States};
use super::subject::{Line, Subject};
use super::wrap::wrap;

use migration_table::check::wording::plural;
use migration_table::model::{Cube, Fact, FactSet, Kind, Machine, Row, State, StateId, Table};

/// Lines are wrapped at this many characters where there is a space to wrap at.
pub(super) const WIDTH: usize = 24;

/// What stands beside a command that is not always taken.
pub(super) const AT_TIMES: &str = "not always";

/// What that means.
pub(super) const AT_TIMES_MEANS: &str = "not always: the status does not tell whether the command is taken";

/// What stands before a failure on an arrow that is another way on as well.
const FAILURE: &str = "failure: ";

/// What stands beside an arrow: `trigger [guard] / what it does`, with the states where that holds only in part of
/// the frame that the arrow leaves; an entry for each kind of effect. Failures are said to be such where the line of the
/// arrow does not say so, because something else is on it as well.
pub(super) fn words(subject: &Subject<'_>, plan: &Plan, arrow: &plan::Arrow) -> Vec<String> {
    let (table, machine) = (subject.table.as_ref(), subject.machine.as_ref());
    let fails = |row: &usize| failure::is_failure(machine, &machine.rows[*row]);
    let is_mixed = arrow.course != Course::Aside && !arrow.rows.iter().all(|(row, _)| fails(row));
    let mut entries: Vec<((&str, String), Vec<String>)> = Vec::new();
    for (row, states) in &arrow.rows {
        let start = if is_mixed && fails(row) { FAILURE } else { "" };
        let at_times = at_times(machine, &subject.rows[*row], states);
        let row = &machine.rows[*row];
        let end = format!("{}{}{at_times}", actions(table, machine, row), scope(machine, plan, arrow.tail, states));
        match entries.iter_mut().find(|(known, _)| *known == (start, end.clone())) {
            Some((_, conditions)) => {
                let condition = condition(machine, row);
                if !conditions.contains(&condition) {
                    conditions.push(condition);
                }
            }
            None => entries.push(((start, end), vec![condition(machine, row)])),
        }
    }
    let words = |((start, end), conditions): ((&str, String), Vec<String>)| {
        let conditions = conditions.join(" or ");
        format!("{start}{conditions}{end}")
    };
    entries.into_iter().map(words).collect()
}

/// What the tooltip of an arrow says: where it leaves, the meaning of the facts that it names, and what does not always
/// follow.
pub(super) fn arrow_tooltip(subject: &Subject<'_>, arrow: &plan::Arrow) -> String {
    let machine = subject.machine.as_ref();
    let from: States = arrow.rows.iter().flat_map(|(_, states)| states.iter().copied()).collect();
    let mentions = FactSet::union(arrow.rows.iter().map(|(row, _)| machine.rows[*row].mentions));
    let facts = mentions.iter().map(|id| machine.fact(id));
    let mut text = format!("from {} to {}", names(machine, &from), machine.state(arrow.to).name);
    for fact in facts {
        text.push_str(&format!("\n{}: {}", fact.name, fact.doc));
    }
    for (row, states) in &arrow.rows {
        let notes = subject.rows[*row].at_times.iter().filter(|(state, _)| states.contains(state));
        notes.for_each(|(_, note)| text.push_str(&format!("\n{note}")));
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
    if let Some(timer) = state.timer {
        text.push_str(&format!(", {} {} ms after entry", machine.fact(timer.event).name, timer.after_ms));
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

/// A few sentences on what a figure shows, in whatever format.
pub(super) fn contents(figure: &Figure) -> String {
    let mut sentences: Vec<String> = figure.panels.iter().flat_map(|panel| subject(figure, panel)).collect();
    sentences.extend(figure.notes.iter().cloned());
    sentences.join("; ")
}

/// The same, with what its lines and signs mean where it is drawn as SVG or by Graphviz. Other formats have other lines,
/// and legends of their own.
pub(super) fn caption(figure: &Figure) -> String {
    let mut sentences: Vec<String> = figure.panels.iter().flat_map(|panel| subject(figure, panel)).collect();
    sentences.extend(legends(figure).into_iter().map(str::to_owned));
    sentences.extend(figure.notes.iter().cloned());
    sentences.join("; ")
}

/// What stands above a picture.
pub(super) fn title(figure: &Figure) -> String {
    let subject = match figure.panels.as_slice() {
        [panel] => format!("{}: {}", panel.machine, panel.doc),
        _ => figure.table.clone(),
    };
    if figure.view == "full" { subject } else { format!("{}, {}", figure.view, subject) }
}

/// The sentences of [`legend()`] for all machines, each once.
pub(super) fn legends(figure: &Figure) -> Vec<&'static str> {
    let mut known: Vec<&str> = Vec::new();
    for sentence in figure.panels.iter().flat_map(legend) {
        if !known.contains(&sentence) {
            known.push(sentence);
        }
    }
    known.extend(legend::marks(figure));
    known
}

/// The words of an arrow, with the sign of its mark and the numbers of its steps, wrapped.
pub(super) fn lines(arrow: &Arrow) -> Vec<String> {
    sentences(arrow).iter().flat_map(|entry| wrap(entry, WIDTH)).collect()
}

/// The words of an arrow, with the sign of its mark and the numbers of its steps.
pub(super) fn sentences(arrow: &Arrow) -> Vec<String> {
    let mut words = arrow.words.clone();
    if let Some(first) = words.first_mut() {
        *first = signed(arrow.mark, &numbered(&arrow.steps, first));
    }
    words
}

/// The name of a node, with the sign of its mark and the numbers of its steps.
pub(super) fn name(node: &Node) -> String {
    signed(node.mark, &numbered(&node.steps, &node.label))
}

/// Returns a name as an id of Mermaid or PlantUML: letters and digits, anything else as `_`.
pub(super) fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// A text with the sign that says the same as a mark's colour.
pub(super) fn signed(mark: Mark, text: &str) -> String {
    let sign = mark.sign();
    if sign.is_empty() { text.to_owned() } else { format!("{sign} {text}") }
}

/// A text with the numbers of steps.
pub(super) fn numbered(steps: &[Number], text: &str) -> String {
    if steps.is_empty() {
        return text.to_owned();
    }
    let steps: Vec<String> = steps.iter().map(Number::to_string).collect();
    format!("({}) {text}", steps.join(", "))
}

/// What is shown of one machine.
fn subject(figure: &Figure, panel: &Panel) -> Vec<String> {
    let view = if figure.view == "full" { String::new() } else { format!("{} of ", figure.view) };
    let (machine, table, doc) = (&panel.machine, &figure.table, &panel.doc);
    let count = panel.nodes.len();
    let states = plural(count, "state", "states");
    let mut found = vec![format!("{view}the {machine} of `{table}` ({doc}): {count} {states}")];
    if let [first, .., last] = panel.path.as_slice() {
        let (first, last) = (&panel.nodes[*first].label, &panel.nodes[*last].label);
        let steps = panel.path.len();
        // A mark takes the place of the heavy line, so in some views none is left.
        let is_heavy = panel.arrows.iter().any(|arrow| arrow.course == Course::Path && arrow.mark == Mark::Plain);
        let path = if is_heavy { "the heavy line is the happy path" } else { "along the happy path" };
        found.push(format!("{path}, {steps} states from `{first}` to `{last}`"));
    }
    found
}

/// One sentence for each kind of line that occurs in a panel.
pub(super) fn legend(panel: &Panel) -> Vec<&'static str> {
    let mut sentences = Vec::new();
    if panel.nodes.iter().any(|node| node.kind == Kind::Idle) {
        sentences.push("double border: idle");
    }
    if panel.nodes.iter().any(|node| !node.public) {
        sentences.push("dashed border: entered without an event to the client");
    }
    if panel.arrows.iter().any(|arrow| arrow.course == Course::Aside) {
        sentences.push("dashed edge: failure or cancel");
    }
    if panel.arrows.iter().any(|arrow| matches!(arrow.tail, Tail::Cluster(_))) {
        sentences.push("edge from a frame: from every state in it, or those it names");
    }
    if says_at_times(panel) {
        sentences.push(AT_TIMES_MEANS);
    }
    sentences
}

/// Whether some command in a panel is not always taken.
pub(super) fn says_at_times(panel: &Panel) -> bool {
    panel.arrows.iter().flat_map(|arrow| &arrow.rows).any(|way| !way.at_times.is_empty())
}

/// When a row fires: `trigger [guard]`, for each of the cases in which it does.
pub(super) fn condition(machine: &Machine, row: &Row) -> String {
    cases(machine, &row.cubes)
}

/// When something happens: in one of these cases.
pub(super) fn cases(machine: &Machine, cubes: &[Cube]) -> String {
    let cases: Vec<String> = cubes.iter().map(|cube| case(machine, *cube)).collect();
    cases.join(" or ")
}

fn case(machine: &Machine, cube: Cube) -> String {
    in_words(&parts(machine, cube))
}

/// A case of a row: `trigger [guard]`.
pub(super) fn in_words(case: &Case) -> String {
    let absent = case.absent.iter().map(|name| format!("not {name}"));
    let conditions: Vec<String> = case.guards.iter().cloned().chain(absent).collect();
    let causes = case.causes.join(" and ");
    match (causes.is_empty(), conditions.is_empty()) {
        // Nothing has to come first.
        (true, true) => "at once".to_owned(),
        (false, true) => causes,
        (true, false) => format!("[{}]", conditions.join(" and ")),
        (false, false) => format!("{causes} [{}]", conditions.join(" and ")),
    }
}

/// The names in a case of a row.
pub(super) fn parts(machine: &Machine, cube: Cube) -> Case {
    let having = |facts: FactSet, wanted: fn(&Fact) -> bool| -> Vec<String> {
        let facts = facts.iter().map(|id| machine.fact(id));
        facts.filter(|fact| wanted(fact)).map(|fact| fact.name.clone()).collect()
    };
    Case {
        causes: having(cube.set, |fact| !fact.is_guard()),
        guards: having(cube.set, Fact::is_guard),
        absent: having(cube.clear, |_| true),
    }
}

/// Returns the reason that a row gives, the messages that it sends and the triggers that it drops.
pub(super) fn actions(table: &Table, machine: &Machine, row: &Row) -> String {
    let mut text = String::new();
    if let Some(reason) = row.reason {
        text.push_str(&format!(" / because {}", table.reasons[reason.index()].name));
    }
    if !row.sends.is_empty() {
        let sent: Vec<&str> = row.sends.iter().map(|id| table.messages[id.index()].name.as_str()).collect();
        text.push_str(&format!(" / sends {}", sent.join(", ")));
    }
    if !row.drops.is_empty() {
        let dropped: Vec<&str> = row.drops.iter().map(|id| machine.fact(id).name.as_str()).collect();
        text.push_str(&format!(" / drops {}", dropped.join(", ")));
    }
    text
}

/// The part of a frame in which a row holds, said the shorter way; nothing where it holds in all of it.
fn scope(machine: &Machine, plan: &Plan, tail: plan::Tail, states: &States) -> String {
    let all = match tail {
        plan::Tail::State(_) => return String::new(),
        plan::Tail::Cluster(index) => &plan.clusters[index].states,
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

/// In which of some states a row does not always count; nothing where it does in all of them.
fn at_times(machine: &Machine, line: &Line, states: &States) -> String {
    let those: States = line.at_times.keys().copied().filter(|state| states.contains(state)).collect();
    match (those.is_empty(), those == *states) {
        (true, _) => String::new(),
        (false, true) => format!(" ({AT_TIMES})"),
        (false, false) => format!(" ({AT_TIMES} in {})", names(machine, &those)),
    }
}

fn names(machine: &Machine, states: &States) -> String {
    let names: Vec<&str> = states.iter().map(|state: &StateId| machine.state(*state).name.as_str()).collect();
    names.join(", ")
}
