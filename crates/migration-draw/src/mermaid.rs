//! The picture of a machine for Mermaid (`stateDiagram-v2`).
//!
//! Code hosts render it without a program of their own, but it can be told less than Graphviz: the layout is its own,
//! and a label cannot hold every character. A frame is a composite state, so that its edge starts at its border. Every
//! id has a prefix, because Mermaid takes many words for its own: `end`, `root`, `classdef`, `constructor`.

use std::fmt::Write as _;

use super::figure::{Course, Figure, Mark, Node, Panel, Place, Tail};
use super::label::{self, identifier};
use migration_table::model::Kind;

/// Writes the picture.
pub(super) fn draw(figure: &Figure) -> String {
    let mut out = format!("%% {}\n", one_line(&label::title(figure)));
    // Mermaid has no place for words beside a picture of states.
    figure.notes.iter().for_each(|note| out.push_str(&format!("%% {}\n", one_line(note))));
    out.push_str("stateDiagram-v2\n");
    let _ = writeln!(out, "    accTitle: {}", for_ears(&label::title(figure)));
    let _ = writeln!(out, "    accDescr: {}", for_ears(&label::contents(figure)));
    out.push_str("    direction LR\n");
    let is_alone = figure.panels.len() == 1;
    for panel in &figure.panels {
        let sketch = Sketch { panel, is_alone, indent: if is_alone { 1 } else { 2 } };
        if !is_alone {
            let _ =
                writeln!(out, "    state \"{}\" as machine_{} {{", words(&panel.machine), identifier(&panel.machine));
        }
        // Before the frames: Mermaid 11 cannot draw a frame in a frame if both have arrows and the arrows come later.
        if let Some(initial) = panel.initial {
            sketch.line(&mut out, &format!("[*] --> {}", sketch.id(initial)));
        }
        sketch.edges(&mut out);
        sketch.states(&mut out);
        if !is_alone {
            let _ = writeln!(out, "    }}");
        }
    }
    classes(figure, &mut out);
    out
}

/// One machine, while it is written.
struct Sketch<'a> {
    panel: &'a Panel,
    is_alone: bool,
    indent: usize,
}

impl Sketch<'_> {
    fn line(&self, out: &mut String, text: &str) {
        let _ = writeln!(out, "{}{text}", "    ".repeat(self.indent));
    }

    /// Every state with its description, inside its frame.
    fn states(&self, out: &mut String) {
        for (at, node) in self.panel.nodes.iter().enumerate() {
            let id = self.id(at);
            let name = label::name(node);
            self.line(out, &format!("{id} : {}", words(&name)));
            if let Some(sublabel) = &node.sublabel {
                self.line(out, &format!("{id} : {}", words(sublabel)));
            }
        }
        let frames: Vec<usize> =
            (0..self.panel.clusters.len()).filter(|at| self.panel.clusters[*at].is_frame).collect();
        for at in &frames {
            if !frames.iter().any(|other| self.is_within(*at, *other)) {
                self.frame(&frames, *at, 0, out);
            }
        }
    }

    fn is_within(&self, inner: usize, outer: usize) -> bool {
        let (inside, outside) = (&self.panel.clusters[inner].nodes, &self.panel.clusters[outer].nodes);
        inner != outer && inside.iter().all(|node| outside.contains(node))
    }

    fn frame(&self, frames: &[usize], at: usize, depth: usize, out: &mut String) {
        let cluster = &self.panel.clusters[at];
        let indent = "    ".repeat(depth);
        let name = cluster.group.as_deref().unwrap_or(" ");
        self.line(out, &format!("{indent}state \"{}\" as {} {{", words(name), self.cluster_id(at)));
        let inner: Vec<usize> = frames.iter().copied().filter(|other| self.is_within(*other, at)).collect();
        let direct = inner.iter().filter(|child| !inner.iter().any(|other| self.is_within(**child, *other)));
        let mut rest: Vec<usize> = cluster.nodes.clone();
        for child in direct {
            rest.retain(|node| !self.panel.clusters[*child].nodes.contains(node));
            self.frame(frames, *child, depth + 1, out);
        }
        for node in rest {
            self.line(out, &format!("{indent}    {}", self.id(node)));
        }
        self.line(out, &format!("{indent}}}"));
    }

    /// Writes the arrows. A new attempt is drawn to a small copy of the state it enters, as in the other formats.
    fn edges(&self, out: &mut String) {
        for arrow in &self.panel.arrows {
            let tail = match arrow.tail {
                Tail::Node(node) => self.id(node),
                Tail::Cluster(at) => self.cluster_id(at),
            };
            let head = match arrow.course {
                Course::Again => self.copy_id(arrow.to),
                Course::Path | Course::Forward | Course::Aside => self.id(arrow.to),
            };
            let lines: Vec<String> = label::lines(arrow).iter().map(|line| words(line)).collect();
            self.line(out, &format!("{tail} --> {head} : {}", lines.join("<br/>")));
        }
        for node in self.panel.again() {
            let name = words(&self.panel.nodes[node].label);
            self.line(out, &format!("{} : again to {name}", self.copy_id(node)));
        }
    }

    fn id(&self, node: usize) -> String {
        self.prefixed("s", &self.panel.nodes[node].id)
    }

    fn cluster_id(&self, at: usize) -> String {
        self.prefixed("frame", &self.panel.clusters[at].id)
    }

    fn copy_id(&self, node: usize) -> String {
        self.prefixed("again", &self.panel.nodes[node].id)
    }

    /// An id that no other thing has: no name of a table holds `__`.
    fn prefixed(&self, prefix: &str, name: &str) -> String {
        let name = identifier(name);
        if self.is_alone {
            format!("{prefix}_{name}")
        } else {
            format!("{prefix}_{}__{name}", identifier(&self.panel.machine))
        }
    }
}

/// The classes that occur, each with its style and its states.
fn classes(figure: &Figure, out: &mut String) {
    let is_alone = figure.panels.len() == 1;
    let sketches: Vec<Sketch<'_>> = figure.panels.iter().map(|panel| Sketch { panel, is_alone, indent: 1 }).collect();
    let of = |wanted: &dyn Fn(&Node) -> bool| -> Vec<String> {
        let ids = |sketch: &Sketch<'_>| -> Vec<String> {
            let nodes = sketch.panel.nodes.iter().enumerate().filter(|(_, node)| wanted(node));
            nodes.map(|(at, _)| sketch.id(at)).collect()
        };
        sketches.iter().flat_map(ids).collect()
    };
    let again = |sketch: &Sketch<'_>| -> Vec<String> {
        sketch.panel.again().into_iter().map(|node| sketch.copy_id(node)).collect()
    };
    let marked = |marks: [Mark; 2]| of(&|node| marks.contains(&node.mark));
    let classes = [
        ("path", "font-weight:bold", of(&|node| node.place == Place::Path)),
        ("idle", "stroke-width:4px", of(&|node| node.kind == Kind::Idle)),
        ("cleanup", "font-style:italic", of(&|node| node.kind == Kind::Cleanup)),
        ("internal", "stroke-dasharray:4 3", of(&|node| !node.public)),
        ("good", "stroke:#15803d,stroke-width:3px", marked([Mark::Added, Mark::Accepted])),
        ("bad", "stroke:#b91c1c,stroke-width:3px", marked([Mark::Removed, Mark::Refused])),
        ("seen", "stroke:#a14a07,stroke-width:3px", marked([Mark::Changed, Mark::Highlighted])),
        ("again", "fill:none,stroke:none", sketches.iter().flat_map(again).collect()),
    ];
    for (name, style, members) in classes.iter().filter(|(_, _, members)| !members.is_empty()) {
        let _ = writeln!(out, "    classDef {name} {style}");
        let _ = writeln!(out, "    class {} {name}", members.join(","));
    }
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

/// Text for those who cannot see the picture. A `;` or `#` would end it.
fn for_ears(text: &str) -> String {
    one_line(text).replace([';', '#'], ",")
}
