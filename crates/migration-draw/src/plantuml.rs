//! The picture of machines for PlantUML, as a state diagram.
//!
//! Frames and machines are composite states, so that an edge can start at a border. A double border is not to be had,
//! so an idle state has a thick one and says what it is; the other marks are those of every format. Everything that the
//! language could read as more than text is written by its number.

use std::fmt::Write as _;

use super::colours::{self, ASIDE_FILL, MUTED, PATH, PATH_FILL};
use super::figure::{Arrow, Course, Figure, Node, Panel, Place, Tail};
use super::label::identifier;
use super::{label, legend};
use migration_table::model::Kind;

const HEAD: &str = "left to right direction
hide empty description
skinparam defaultFontName Helvetica
skinparam shadowing false
skinparam legendBackgroundColor white
skinparam legendBorderColor #5f6b7a
skinparam state {
  BackgroundColor #e6eefc
  BorderColor #1d4ed8
  FontColor #1f2937
  ArrowColor #1f2937
}
";

/// Writes the picture.
pub(super) fn draw(figure: &Figure) -> String {
    let mut out = format!("@startuml\n{HEAD}title {}\n", words(&label::title(figure)));
    let is_alone = figure.panels.len() == 1;
    for panel in &figure.panels {
        let sketch = Sketch { panel, is_alone };
        let depth = usize::from(!is_alone);
        if !is_alone {
            let _ = writeln!(out, "state \"{}\" as {} #white;line:5f6b7a {{", words(&panel.machine), sketch.machine());
        }
        sketch.nodes(depth, &mut out);
        sketch.start(depth, &mut out);
        sketch.copies(depth, &mut out);
        if !is_alone {
            out.push_str("}\n");
        }
        // Outside of the composite states: an edge written within one makes its ends states of that one.
        panel.arrows.iter().for_each(|arrow| sketch.arrow(arrow, &mut out));
    }
    key(figure, &mut out);
    out.push_str("@enduml\n");
    out
}

/// One machine, while it is written.
struct Sketch<'a> {
    panel: &'a Panel,
    is_alone: bool,
}

impl Sketch<'_> {
    /// The nodes and frames, each node in the innermost of its frames.
    fn nodes(&self, depth: usize, out: &mut String) {
        let all: Vec<usize> = (0..self.panel.nodes.len()).collect();
        self.children(&all, None, depth, out);
    }

    fn children(&self, nodes: &[usize], within: Option<usize>, depth: usize, out: &mut String) {
        let mut written = Vec::new();
        for node in nodes {
            match self.panel.child(within, *node, |cluster| cluster.is_frame) {
                None => self.node(*node, depth, out),
                Some(at) if !written.contains(&at) => {
                    written.push(at);
                    self.frame(at, depth, out);
                }
                Some(_) => {}
            }
        }
    }

    fn frame(&self, at: usize, depth: usize, out: &mut String) {
        let cluster = &self.panel.clusters[at];
        let name = cluster.group.as_deref().unwrap_or(" ");
        let (indent, id) = ("  ".repeat(depth), self.cluster(at));
        let look = format!("#white;line:{};line.dashed", &MUTED[1..]);
        let _ = writeln!(out, "{indent}state \"{}\" as {id} {look} {{", words(name));
        self.children(&cluster.nodes, Some(at), depth + 1, out);
        let _ = writeln!(out, "{indent}}}");
    }

    fn node(&self, at: usize, depth: usize, out: &mut String) {
        let node = &self.panel.nodes[at];
        let (indent, id) = ("  ".repeat(depth), self.id(at));
        let name = label::name(node);
        let name = if node.place == Place::Path { format!("**{}**", words(&name)) } else { words(&name) };
        let _ = writeln!(out, "{indent}state \"{name}\" as {id} {}", look(node));
        let idle = (node.kind == Kind::Idle).then_some("idle");
        for line in idle.into_iter().chain(node.sublabel.as_deref()) {
            let _ = writeln!(out, "{indent}{id} : {}", words(line));
        }
    }

    fn start(&self, depth: usize, out: &mut String) {
        if let Some(initial) = self.panel.initial {
            let _ = writeln!(out, "{}[*] --> {}", "  ".repeat(depth), self.id(initial));
        }
    }

    /// The small copies of states that new attempts are drawn to.
    fn copies(&self, depth: usize, out: &mut String) {
        for node in self.panel.again() {
            let name = words(&format!("again to {}", self.panel.nodes[node].label));
            let _ = writeln!(out, "{}state \"{name}\" as {} #white;line:white", "  ".repeat(depth), self.copy(node));
        }
    }

    fn arrow(&self, arrow: &Arrow, out: &mut String) {
        let tail = match arrow.tail {
            Tail::Node(node) => self.id(node),
            Tail::Cluster(at) => self.cluster(at),
        };
        let (head, color, line) = match arrow.course {
            Course::Path => (self.id(arrow.to), Some(PATH), "bold"),
            Course::Forward => (self.id(arrow.to), None, ""),
            Course::Aside => (self.id(arrow.to), Some(MUTED), "dashed"),
            Course::Again => (self.copy(arrow.to), Some(MUTED), ""),
        };
        let color = colours::of(arrow.mark).or(color);
        let width = colours::is_heavy(arrow.mark).then_some("thickness=3");
        let parts: Vec<&str> = color.into_iter().chain((!line.is_empty()).then_some(line)).chain(width).collect();
        let look = if parts.is_empty() { String::new() } else { format!("[{}]", parts.join(",")) };
        let lines: Vec<String> = label::lines(arrow).iter().map(|line| words(line)).collect();
        let _ = writeln!(out, "{tail} -{look}-> {head} : {}", lines.join("\\n"));
    }

    fn id(&self, node: usize) -> String {
        format!("{}s_{}", self.prefix(), identifier(&self.panel.nodes[node].id))
    }

    fn copy(&self, node: usize) -> String {
        format!("{}again_{}", self.prefix(), identifier(&self.panel.nodes[node].id))
    }

    fn cluster(&self, at: usize) -> String {
        format!("{}{}", self.prefix(), identifier(&self.panel.clusters[at].id))
    }

    fn machine(&self) -> String {
        format!("machine_{}", identifier(&self.panel.machine))
    }

    fn prefix(&self) -> String {
        if self.is_alone { String::new() } else { format!("{}_", identifier(&self.panel.machine)) }
    }
}

/// How a node differs from others, in the words of the language.
fn look(node: &Node) -> String {
    let fill = match (node.public, node.place) {
        (false, _) => "#white",
        (true, Place::Aside) => ASIDE_FILL,
        (true, Place::Path | Place::Detour) => PATH_FILL,
    };
    let is_quiet = !node.public || node.place == Place::Aside;
    let color = colours::of(node.mark).or_else(|| is_quiet.then_some(MUTED));
    let mut parts = vec![fill.to_owned()];
    parts.extend(color.map(|color| format!("line:{}", &color[1..])));
    parts.extend((!node.public).then(|| "line.dashed".to_owned()));
    let is_bold = node.public && (node.kind == Kind::Idle || colours::is_heavy(node.mark));
    parts.extend(is_bold.then(|| "line.bold".to_owned()));
    parts.join(";")
}

/// What the lines mean that occur in this figure.
fn key(figure: &Figure, out: &mut String) {
    let any_node = |wanted: &dyn Fn(&Node) -> bool| figure.panels.iter().flat_map(|panel| &panel.nodes).any(wanted);
    let any_arrow = |wanted: &dyn Fn(&Arrow) -> bool| figure.panels.iter().flat_map(|panel| &panel.arrows).any(wanted);
    let sentences = [
        (any_arrow(&|arrow| arrow.course == Course::Path), "heavy edge, heavy name: the happy path"),
        (any_node(&|node| node.public && node.kind == Kind::Idle), "thick border: idle"),
        (any_node(&|node| !node.public), "dashed border: entered without an event to the client"),
        (any_arrow(&|arrow| arrow.course == Course::Aside), "dashed edge: failure or cancel"),
        (
            any_arrow(&|arrow| matches!(arrow.tail, Tail::Cluster(_))),
            "edge from a frame: from every state in it, or those it names",
        ),
        (figure.panels.iter().any(label::says_at_times), label::AT_TIMES_MEANS),
    ];
    let occurring = sentences.iter().filter(|(occurs, _)| *occurs).map(|(_, sentence)| words(sentence));
    let marks = legend::marks(figure).into_iter().map(words);
    let notes = figure.notes.iter().map(|note| words(note));
    let lines: Vec<String> = occurring.chain(marks).chain(notes).collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "legend bottom left\n{}\nendlegend", lines.join("\n"));
    }
}

/// A text that stays text: what means something to the language, alone or doubled, is written by its number.
fn words(text: &str) -> String {
    let mut escaped = String::new();
    let mut before = ' ';
    for c in text.chars() {
        let is_plain = c.is_ascii_alphanumeric() || " ,.()[]+:;".contains(c) || ("_-/".contains(c) && before != c);
        if is_plain && !("[]".contains(c) && before == c) {
            escaped.push(c);
        } else {
            let _ = write!(escaped, "<U+{:04X}>", u32::from(c));
        }
        before = c;
    }
    escaped
}
