//! The picture of a machine for Graphviz.
//!
//! Left to right. The happy path is held straight by one `group` and a great `weight`; edges of a frame start at its
//! border (`ltail`) and, for the layout, at its last state; where idle states end a run they share the last rank. A new
//! attempt from such an end is drawn to a small copy of the state it enters, since an edge back to the real one would
//! sweep across the whole picture. Colour says nothing that a border or a line style does not say too.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::colours::{self, ASIDE_FILL, INK, MUTED, PATH, PATH_FILL};
use super::figure::{Arrow, Course, Figure, Mark, Node, Panel, Place, Tail};
use super::label;
use super::xml::markup as html;
use migration_table::model::Kind;

const BOX_FILL: &str = "#f5f8fe";

const GRAPH: &str = "rankdir=LR, compound=true, newrank=true, nodesep=0.4, ranksep=0.35, pad=0.2, \
                     fontname=\"Helvetica\", fontsize=13, labelloc=t, labeljust=l";
const NODE: &str = "shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=12, \
                    margin=\"0.12,0.06\", height=0.42";
const EDGE: &str = "fontname=\"Helvetica\", fontsize=10, arrowsize=0.8";

/// Writes the picture.
pub(super) fn draw(figure: &Figure) -> String {
    let mut canvas = Canvas { out: String::new(), depth: 1 };
    let name = match figure.panels.as_slice() {
        [panel] => &panel.machine,
        _ => &figure.table,
    };
    let _ = writeln!(canvas.out, "digraph {} {{", quoted(name));
    canvas.open(figure);
    for panel in &figure.panels {
        let is_alone = figure.panels.len() == 1;
        let sketch = Sketch { panel, ends: panel.ends(), is_alone };
        if is_alone {
            sketch.contents(&mut canvas);
        } else {
            sketch.boxed(&mut canvas);
        }
    }
    canvas.out.push_str("}\n");
    canvas.out
}

/// The text so far.
struct Canvas {
    out: String,
    depth: usize,
}

impl Canvas {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(self.depth));
    }

    fn open(&mut self, figure: &Figure) {
        let title = label::title(figure);
        let legend = label::legends(figure).join(" · ");
        let below = [legend].into_iter().chain(figure.notes.iter().cloned());
        let small = |line: String| format!("<FONT POINT-SIZE=\"9\">{}</FONT><BR ALIGN=\"LEFT\"/>", html(&line));
        let below: String = below.map(small).collect();
        let label = format!("<<B>{}</B><BR ALIGN=\"LEFT\"/>{below}>", html(&title));
        self.line(&format!("graph [{GRAPH}, fontcolor=\"{INK}\", label={label}, tooltip={}];", quoted(&title)));
        let look = format!("fontcolor=\"{INK}\", color=\"{PATH}\", fillcolor=\"{PATH_FILL}\"");
        self.line(&format!("node [{NODE}, {look}];"));
        self.line(&format!("edge [{EDGE}, fontcolor=\"{INK}\", color=\"{INK}\"];"));
    }
}

/// One machine, while it is written.
struct Sketch<'a> {
    panel: &'a Panel,
    /// Idle states that a run can end in.
    ends: Vec<usize>,
    is_alone: bool,
}

impl Sketch<'_> {
    /// The id of something of this machine: another machine may have one of that name.
    fn id(&self, name: &str) -> String {
        if self.is_alone { quoted(name) } else { quoted(&format!("{}.{name}", self.panel.machine)) }
    }

    fn cluster_id(&self, at: usize) -> String {
        let id = &self.panel.clusters[at].id;
        if self.is_alone { quoted(id) } else { quoted(&format!("{id}_of_{}", self.panel.machine)) }
    }

    fn boxed(&self, canvas: &mut Canvas) {
        let (machine, doc) = (&self.panel.machine, &self.panel.doc);
        canvas.line(&format!("subgraph {} {{", quoted(&format!("cluster_machine_{machine}"))));
        canvas.depth += 1;
        let label = quoted(&format!("{machine}: {doc}"));
        let look = format!("labeljust=l, fontsize=12, fontcolor=\"{INK}\", color=\"{MUTED}\", style=rounded");
        canvas.line(&format!("graph [class=\"machine\", label={label}, {look}, tooltip={label}];"));
        self.contents(canvas);
        canvas.depth -= 1;
        canvas.line("}");
    }

    fn contents(&self, canvas: &mut Canvas) {
        self.nodes(canvas);
        self.ends(canvas);
        self.edges(canvas);
    }

    /// The start, then the states that no cluster holds, then the clusters with theirs.
    fn nodes(&self, canvas: &mut Canvas) {
        if let Some(initial) = self.panel.initial {
            let group = if self.is_on_path(initial) { format!(", {}", self.spine()) } else { String::new() };
            let look =
                format!("style=filled, color=\"{INK}\", fillcolor=\"{INK}\", tooltip=\"where the machine starts\"");
            let start = self.start();
            canvas.line(&format!("{start} [shape=circle, label=\"\", width=0.14, height=0.14, {look}{group}];"));
        }
        let all: Vec<usize> = (0..self.panel.nodes.len()).collect();
        self.children(canvas, &all, None);
    }

    /// The id of the dot where the machine starts. No state is called so, because of the space.
    fn start(&self) -> String {
        self.id("start ")
    }

    fn spine(&self) -> String {
        if self.is_alone { "group=spine".to_owned() } else { format!("group={}", quoted(&self.panel.machine)) }
    }

    /// Writes the states and clusters that stand directly in a cluster, or in the picture, in the order of the states.
    fn children(&self, canvas: &mut Canvas, nodes: &[usize], within: Option<usize>) {
        let mut written = BTreeSet::new();
        for node in nodes {
            match self.panel.child(within, *node, |_| true) {
                None => self.node(canvas, *node),
                Some(at) if written.insert(at) => self.cluster(canvas, at),
                Some(_) => {}
            }
        }
    }

    fn cluster(&self, canvas: &mut Canvas, at: usize) {
        let cluster = &self.panel.clusters[at];
        let (class, style, color) = match cluster.status {
            Some(_) => ("status", format!("style=\"rounded,filled\", fillcolor=\"{BOX_FILL}\""), PATH),
            None => ("frame", "style=\"rounded,dashed\"".to_owned(), MUTED),
        };
        canvas.line(&format!("subgraph {} {{", self.cluster_id(at)));
        canvas.depth += 1;
        let label = quoted(&cluster.label);
        let tooltip = match &cluster.status {
            Some(name) => quoted(&format!("a client is shown {name}")),
            None => quoted("an edge from this frame leaves every state in it"),
        };
        let look = format!("labeljust=l, fontsize=10, fontcolor=\"{MUTED}\", color=\"{color}\", {style}");
        canvas.line(&format!("graph [class=\"{class}\", label={label}, {look}, tooltip={tooltip}];"));
        self.children(canvas, &cluster.nodes, Some(at));
        if self.ends_here(at) {
            self.same_rank(canvas, &cluster.nodes);
        }
        canvas.depth -= 1;
        canvas.line("}");
    }

    fn node(&self, canvas: &mut Canvas, at: usize) {
        let node = &self.panel.nodes[at];
        let mut classes = vec![node.kind.name(), if node.public { "public" } else { "internal" }];
        let mut attributes = vec![format!("label={}", self.node_label(at, node))];
        if node.place == Place::Path {
            attributes.push(self.spine());
        }
        match (node.public, node.place) {
            (false, _) => {
                attributes.push(format!("style=\"rounded,filled,dashed\", color=\"{MUTED}\", fillcolor=\"white\""));
            }
            (true, Place::Aside) => {
                classes.push("aside");
                attributes.push(format!("color=\"{MUTED}\", fillcolor=\"{ASIDE_FILL}\""));
            }
            (true, Place::Path | Place::Detour) => {}
        }
        if node.kind == Kind::Idle {
            attributes.push("peripheries=2".to_owned());
        }
        attributes.extend(marked(node.mark).map(|(color, width)| format!("color=\"{color}\", penwidth={width}")));
        let id = quoted(&format!("{}.{}", self.panel.machine, node.id));
        let tooltip = quoted(&node.tooltip);
        let classes = classes.join(" ");
        let name = self.id(&node.id);
        canvas.line(&format!("{name} [id={id}, class=\"{classes}\", {}, tooltip={tooltip}];", attributes.join(", ")));
    }

    /// The name, and beneath it the status where neither the name nor a box says it.
    fn node_label(&self, at: usize, node: &Node) -> String {
        let is_boxed = self.panel.around(at).any(|at| self.panel.clusters[at].status.is_some());
        let name = label::name(node);
        match &node.sublabel {
            Some(sublabel) if !(node.public && is_boxed) => {
                let sublabel = html(sublabel);
                format!("<{}<BR/><FONT POINT-SIZE=\"9\" COLOR=\"{MUTED}\">{sublabel}</FONT>>", html(&name))
            }
            Some(_) | None => quoted(&name),
        }
    }

    /// Puts the idle states where runs end into one rank, unless a cluster has done so or stands in the way.
    fn ends(&self, canvas: &mut Canvas) {
        let is_clustered = |node: &usize| self.panel.around(*node).next().is_some();
        if self.ends.len() > 1 && !self.ends.iter().any(is_clustered) {
            self.same_rank(canvas, &self.ends);
        }
    }

    fn same_rank(&self, canvas: &mut Canvas, nodes: &[usize]) {
        let names: Vec<String> = nodes.iter().map(|node| self.id(&self.panel.nodes[*node].id)).collect();
        canvas.line(&format!("{{ rank=same; {}; }}", names.join("; ")));
    }

    fn ends_here(&self, at: usize) -> bool {
        let nodes = &self.panel.clusters[at].nodes;
        let is_direct = |node: &usize| self.panel.child(Some(at), *node, |_| true).is_none();
        nodes.len() > 1 && nodes.iter().all(|node| self.ends.contains(node) && is_direct(node))
    }

    fn edges(&self, canvas: &mut Canvas) {
        if let Some(initial) = self.panel.initial {
            let weight = if self.is_on_path(initial) { ", weight=100" } else { "" };
            let name = self.id(&self.panel.nodes[initial].id);
            canvas.line(&format!("{} -> {name} [class=\"start\"{weight}];", self.start()));
        }
        for arrow in &self.panel.arrows {
            match arrow.course {
                Course::Again => {}
                Course::Path | Course::Forward | Course::Aside => self.edge(canvas, arrow, None),
            }
        }
        for node in self.panel.again() {
            let copy = self.copy(canvas, node);
            let again = self.panel.arrows.iter().filter(|arrow| arrow.course == Course::Again && arrow.to == node);
            again.for_each(|arrow| self.edge(canvas, arrow, Some(&copy)));
        }
    }

    /// Writes the small copy of a state that new attempts are drawn to, and gives its id.
    fn copy(&self, canvas: &mut Canvas, node: usize) -> String {
        let Node { id, label: name, .. } = &self.panel.nodes[node];
        let copy = self.id(&format!("again.{id}"));
        let look = format!("shape=plaintext, style=\"\", class=\"again\", fontsize=10, fontcolor=\"{MUTED}\"");
        let label = quoted(&format!("↩ {name}"));
        let tooltip = quoted(&format!("a new attempt: goes on in {name}"));
        canvas.line(&format!("{copy} [{look}, label={label}, tooltip={tooltip}];"));
        copy
    }

    fn edge(&self, canvas: &mut Canvas, arrow: &Arrow, copy: Option<&str>) {
        let (tail, border) = match arrow.tail {
            Tail::Node(node) => (node, None),
            Tail::Cluster(at) => (self.last_of(at), Some(self.cluster_id(at))),
        };
        let leads_back = self.panel.path.first() == Some(&arrow.to);
        let (class, look) = match arrow.course {
            // What leads back to the beginning is not drawn straight.
            Course::Path => {
                let weight = if leads_back { 2 } else { 100 };
                ("path", format!("weight={weight}, penwidth=2.6, color=\"{PATH}\""))
            }
            Course::Forward => ("forward", "weight=2".to_owned()),
            Course::Aside => ("aside", format!("style=dashed, color=\"{MUTED}\", fontcolor=\"{MUTED}\"")),
            Course::Again => ("again", format!("color=\"{MUTED}\", fontcolor=\"{MUTED}\"")),
        };
        let mark = marked(arrow.mark).map_or(String::new(), |(color, width)| {
            format!(", color=\"{color}\", fontcolor=\"{color}\", penwidth={width}")
        });
        let border = border.map_or(String::new(), |id| format!(", ltail={id}"));
        let lines = label::lines(arrow);
        let words =
            if arrow.course == Course::Path && !leads_back { raised(&lines) } else { quoted(&lines.join("\n")) };
        let tooltip = quoted(&arrow.tooltip);
        let tail = self.id(&self.panel.nodes[tail].id);
        let head = copy.map_or_else(|| self.id(&self.panel.nodes[arrow.to].id), str::to_owned);
        let says = format!("tooltip={tooltip}, labeltooltip={tooltip}");
        canvas.line(&format!("{tail} -> {head} [class=\"{class}\", label={words}, {look}{mark}{border}, {says}];"));
    }

    /// The last state of a cluster, on the happy path where it has states of it: for the layout its edges start there,
    /// so that their words stand behind the border and not under it.
    fn last_of(&self, at: usize) -> usize {
        let nodes = &self.panel.clusters[at].nodes;
        let on_path = nodes.iter().rev().copied().find(|node| self.is_on_path(*node));
        on_path.unwrap_or(nodes[nodes.len() - 1])
    }

    fn is_on_path(&self, node: usize) -> bool {
        self.panel.nodes[node].place == Place::Path
    }
}

/// A label that keeps clear of a heavy line below it.
fn raised(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| html(line)).collect();
    let cell = |rest: &str| format!("<TR><TD{rest}</TD></TR>");
    let words = cell(&format!(">{}", lines.join("<BR/>")));
    let gap = cell(" HEIGHT=\"4\">");
    format!("<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\">{words}{gap}</TABLE>>")
}

/// Most bytes of a text that stand in one string: Graphviz reads strings of less than 16 KiB, and an escape takes two.
const PIECE_BYTES_MAX: usize = 8 << 10;

/// A string of the DOT language, or several strings joined with `+` where the text is long.
fn quoted(text: &str) -> String {
    let mut pieces = vec![String::new()];
    let mut left = PIECE_BYTES_MAX;
    for c in text.chars() {
        if c.len_utf8() > left {
            pieces.push(String::new());
            left = PIECE_BYTES_MAX;
        }
        left -= c.len_utf8();
        let piece = pieces.last_mut().expect("there is a first piece");
        match c {
            '\\' => piece.push_str("\\\\"),
            '"' => piece.push_str("\\\""),
            '\n' => piece.push_str("\\n"),
            _ => piece.push(c),
        }
    }
    pieces.iter().map(|piece| format!("\"{piece}\"")).collect::<Vec<_>>().join(" + ")
}

/// The colour of a mark and the width of its line.
fn marked(mark: Mark) -> Option<(&'static str, &'static str)> {
    colours::of(mark).map(|colour| (colour, if colours::is_heavy(mark) { "2.4" } else { "0.8" }))
}
