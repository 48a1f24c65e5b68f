//! Every way out of every state, under the status that a client is shown there.

use super::super::figure::{Figure, Panel};
use super::super::label;
use super::super::ways::exits;
use super::stub::shaft;
use super::words::{COLUMNS, fold, marked, plain};

/// Writes the list of one machine.
pub(super) fn write(figure: &Figure, panel: &Panel, out: &mut String) {
    let whose = if figure.panels.len() > 1 { format!(" of the {}", panel.machine) } else { String::new() };
    line(out, "");
    line(out, &format!("Every way out{}, by what a client is shown:", plain(&whose)));
    let mut statuses: Vec<&str> = Vec::new();
    for node in &panel.nodes {
        if !statuses.contains(&node.status.as_str()) {
            statuses.push(&node.status);
        }
    }
    for status in statuses {
        line(out, "");
        line(out, &format!("  {}", plain(status)));
        for (at, node) in panel.nodes.iter().enumerate().filter(|(_, node)| node.status == status) {
            let doc = node.tooltip.lines().next().unwrap_or("");
            let name = marked(node.mark, &label::numbered(&node.steps, &plain(&node.label)));
            block(out, 4, &format!("{name}: "), 4, &plain(doc));
            ways(panel, at, out);
        }
    }
}

/// What leaves a state: a line for each place that it leads to with the same effects.
fn ways(panel: &Panel, node: usize, out: &mut String) {
    let mut lines: Vec<(String, String, Vec<String>)> = Vec::new();
    for exit in exits(panel, node) {
        let target = plain(&panel.nodes[exit.arrow.to].label);
        let event = if exit.way.public { " (event)" } else { "" };
        let head = format!("{} {target}{event}", shaft(exit.arrow.course));
        let (cases, effects) = (marked(exit.mark(), &plain(&exit.cases())), plain(&exit.effects()));
        match lines.iter_mut().find(|(known, what, _)| (known, what) == (&head, &effects)) {
            Some((.., all)) => all.push(cases),
            None => lines.push((head, effects, vec![cases])),
        }
    }
    let widest = lines.iter().map(|(head, ..)| head.chars().count()).max().unwrap_or(0);
    for (head, effects, cases) in lines {
        let space = if effects.is_empty() { "" } else { " " };
        block(out, 6, &format!("{head:widest$}  "), 4, &format!("{}{space}{effects}", cases.join(" or ")));
    }
}

/// Writes a text behind its head, broken, the further lines below it or indented.
fn block(out: &mut String, column: usize, head: &str, indent: usize, text: &str) {
    let (before, used) = (" ".repeat(column), column + head.chars().count());
    let (start, room) =
        if used + 24 <= COLUMNS { (used, COLUMNS - used) } else { (column + indent, COLUMNS - column - indent) };
    let lines = fold(text, room);
    if start == used {
        line(out, &format!("{before}{head}{}", lines[0]));
        lines[1..].iter().for_each(|part| line(out, &format!("{}{part}", " ".repeat(start))));
    } else {
        fold(head, COLUMNS - column).iter().for_each(|part| line(out, &format!("{before}{part}")));
        lines.iter().for_each(|part| line(out, &format!("{}{part}", " ".repeat(start))));
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}
