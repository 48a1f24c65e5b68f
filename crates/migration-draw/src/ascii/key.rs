//! What the lines and signs mean that occur in a figure, and what must be said beside it.

use super::super::figure::{Arrow, Course, Figure, Mark, Node, Tail};
use super::super::label;
use super::super::legend;
use super::words::{COLUMNS, fold, plain};
use migration_table::model::Kind;

/// Writes the sentences.
pub(super) fn write(figure: &Figure, out: &mut String) {
    for note in &figure.notes {
        fold(&plain(note), COLUMNS).iter().for_each(|line| out.push_str(&format!("{line}\n")));
    }
    let sentences = sentences(figure);
    let width = sentences.iter().map(|(sign, _)| sign.len()).max().unwrap_or(0).max(8);
    for (sign, meaning) in sentences {
        out.push_str(&format!("  {sign:width$}  {meaning}\n"));
    }
}

fn sentences(figure: &Figure) -> Vec<(&'static str, &'static str)> {
    let nodes = || figure.panels.iter().flat_map(|panel| &panel.nodes);
    let arrows = || figure.panels.iter().flat_map(|panel| &panel.arrows);
    let node = |wanted: &dyn Fn(&Node) -> bool| nodes().any(wanted);
    let arrow = |wanted: &dyn Fn(&Arrow) -> bool| arrows().any(wanted);
    let marked = |mark: Mark| node(&|node| node.mark == mark) || arrow(&|arrow| arrow.mark == mark);
    let all = [
        (figure.panels.iter().any(|panel| panel.path.len() > 1), "| down", "the happy path"),
        (node(&|node| node.kind == Kind::Idle), "+====+", "idle: nothing runs"),
        (node(&|node| !node.public), "+- - +", "entered without an event to the client"),
        (arrow(&|arrow| arrow.course == Course::Forward), "-->", "another way on"),
        (arrow(&|arrow| arrow.course == Course::Aside), "..>", "failure or cancel, or what follows"),
        (arrow(&|arrow| arrow.course == Course::Again), "~~>", "a new attempt"),
        (
            arrow(&|arrow| matches!(arrow.tail, Tail::Cluster(_))),
            "'---",
            "from every state of the bracket, or those it names",
        ),
        (
            figure.panels.iter().any(label::says_at_times),
            label::AT_TIMES,
            "the status does not tell whether the command is taken",
        ),
        (marked(Mark::Added), "+ name", "added"),
        (marked(Mark::Removed), "- name", "removed"),
        (marked(Mark::Changed), "~ name", "changed"),
        (marked(Mark::Highlighted), "* name", "what is looked at"),
        (arrow(&|arrow| arrow.rows.iter().any(|way| way.public)), "(event)", "a client is told"),
    ];
    let signs = all.iter().filter(|(occurs, ..)| *occurs).map(|(_, sign, meaning)| (*sign, *meaning));
    signs.chain(legend::numbers(figure).into_iter().filter_map(|sentence| sentence.split_once(": "))).collect()
}
