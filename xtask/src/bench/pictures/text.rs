//! A machine in the languages of other programs, as one writes it by hand: no colours, no advice for the layout.

use std::fmt::Write as _;

use migration_draw::figure::{Panel, Tail};
use migration_draw::wrap;

/// Lines of words are wrapped here, as in our own picture.
const WIDTH: usize = 24;

/// An arrow, by the names of what it joins.
struct Arrow<'p> {
    from: &'p str,
    to: &'p str,
    words: String,
}

/// An arrow for each row and each state that the row leaves.
fn by_row(panel: &Panel) -> Vec<Arrow<'_>> {
    let mut found = Vec::new();
    for arrow in &panel.arrows {
        for row in &arrow.rows {
            let sends = if row.sends.is_empty() { String::new() } else { format!(" / sends {}", row.sends.join(", ")) };
            let words = format!("{}{sends}", row.when);
            let name = |node: usize| panel.nodes[node].id.as_str();
            found.extend(row.from.iter().map(|from| Arrow {
                from: name(*from),
                to: name(arrow.to),
                words: words.clone(),
            }));
        }
    }
    found
}

/// The arrows of our own picture, some of them from frames.
fn by_frame(panel: &Panel) -> Vec<Arrow<'_>> {
    let tail = |tail: Tail| match tail {
        Tail::Node(node) => panel.nodes[node].id.as_str(),
        Tail::Cluster(cluster) => panel.clusters[cluster].id.as_str(),
    };
    let arrow = |arrow: &'_ migration_draw::figure::Arrow| (arrow.tail, arrow.to, arrow.words.join(" or "));
    let arrows = panel.arrows.iter().map(arrow);
    arrows.map(|(from, to, words)| Arrow { from: tail(from), to: &panel.nodes[to].id, words }).collect()
}

fn initial(panel: &Panel) -> Option<&str> {
    panel.initial.map(|node| panel.nodes[node].id.as_str())
}

/// For Graphviz, an arrow for each row.
pub(super) fn dot(panel: &Panel) -> String {
    let mut text = "digraph {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    if let Some(initial) = initial(panel) {
        let _ = writeln!(text, "  start [shape=point];\n  start -> \"{initial}\";");
    }
    for Arrow { from, to, words } in by_row(panel) {
        let _ = writeln!(text, "  \"{from}\" -> \"{to}\" [label=\"{}\"];", wrap(&words, WIDTH).join("\\n"));
    }
    text + "}\n"
}

/// For Mermaid, an arrow for each row.
pub(super) fn mermaid(panel: &Panel) -> String {
    let mut text = "stateDiagram-v2\n  direction LR\n".to_owned();
    if let Some(initial) = initial(panel) {
        let _ = writeln!(text, "  [*] --> {initial}");
    }
    for Arrow { from, to, words } in by_row(panel) {
        let _ = writeln!(text, "  {from} --> {to} : {}", wrap(&words, WIDTH).join("<br/>"));
    }
    text
}

/// For state-machine-cat, an arrow for each row.
pub(super) fn smcat(panel: &Panel) -> String {
    let names: Vec<&str> = panel.nodes.iter().map(|node| node.id.as_str()).collect();
    smcat_of(panel, &names.join(", "), &by_row(panel))
}

/// For state-machine-cat, with our frames as composite states.
pub(super) fn smcat_with_frames(panel: &Panel) -> String {
    smcat_of(panel, &members(panel, None), &by_frame(panel))
}

fn smcat_of(panel: &Panel, states: &str, arrows: &[Arrow<'_>]) -> String {
    let mut text = format!("initial, {states};\n");
    if let Some(initial) = initial(panel) {
        let _ = writeln!(text, "initial => {initial};");
    }
    for Arrow { from, to, words } in arrows {
        let _ = writeln!(text, "{from} => {to}: \"{}\";", wrap(words, WIDTH).join("\n"));
    }
    text
}

/// What stands directly within a frame, or in the whole.
fn members(panel: &Panel, within: Option<usize>) -> String {
    let frames = |node: usize| -> Vec<usize> {
        let around = (0..panel.clusters.len()).filter(|at| panel.clusters[*at].nodes.contains(&node));
        around.filter(|at| panel.clusters[*at].is_frame).collect()
    };
    let mut found: Vec<String> = Vec::new();
    for (at, node) in panel.nodes.iter().enumerate() {
        let around = frames(at);
        let depth = match within {
            Some(outer) => match around.iter().position(|frame| *frame == outer) {
                Some(depth) => depth + 1,
                None => continue,
            },
            None => 0,
        };
        match around.get(depth) {
            None => found.push(node.id.clone()),
            Some(frame) if panel.clusters[*frame].nodes[0] == at => {
                let Some(cluster) = panel.clusters.get(*frame) else { continue };
                // Where there is no label, the id would be shown.
                let (id, label) = (&cluster.id, if cluster.label.is_empty() { " " } else { &cluster.label });
                found.push(format!("{id} [label=\"{label}\"] {{ {}; }}", members(panel, Some(*frame))));
            }
            Some(_) => {}
        }
    }
    found.join(", ")
}
