//! The picture of a machine for Graphviz.
//!
//! Left to right. The happy path is held straight by one `group` and a great `weight`; edges of a frame start at its
//! border (`ltail`) and, for the layout, at its last state; where idle states end a run they share the last rank. A new
//! attempt from such an end is drawn to a small copy of the state it enters, since an edge back to the real one would
//! sweep across the whole picture. Colour says nothing that a border or a line style does not say too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::cluster::Cluster;
use super::figure::{Arrow, Course, Figure, Node, Place, States, Tail};
use super::label;
use crate::model::{Kind, Machine, Row, State, StateId, Table};

const INK: &str = "#1f2937";
const MUTED: &str = "#5f6b7a";
const PATH: &str = "#1d4ed8";
const PATH_FILL: &str = "#e6eefc";
const BOX_FILL: &str = "#f5f8fe";
const ASIDE_FILL: &str = "#f3f4f6";

const GRAPH: &str = "rankdir=LR, compound=true, newrank=true, nodesep=0.4, ranksep=0.35, pad=0.2, \
                     fontname=\"Helvetica\", fontsize=13, labelloc=t, labeljust=l";
const NODE: &str = "shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=12, \
                    margin=\"0.12,0.06\", height=0.42";
const EDGE: &str = "fontname=\"Helvetica\", fontsize=10, arrowsize=0.8";

/// Writes the picture.
pub(super) fn draw(table: &Table, machine: &Machine) -> String {
    let figure = Figure::new(machine);
    let ends = end_states(machine);
    let mut canvas =
        Canvas { table, machine, figure: &figure, nest: Nest::new(&figure), ends, out: String::new(), depth: 1 };
    canvas.open();
    canvas.nodes();
    canvas.ends();
    canvas.edges();
    canvas.out.push_str("}\n");
    canvas.out
}

/// The text so far, and what is being drawn.
struct Canvas<'a> {
    table: &'a Table,
    machine: &'a Machine,
    figure: &'a Figure<'a>,
    nest: Nest,
    /// Idle states that a run can end in.
    ends: States,
    out: String,
    depth: usize,
}

impl Canvas<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(self.depth));
    }

    fn open(&mut self) {
        let title = format!("{}: {}", self.machine.name, self.machine.doc);
        let legend = label::legend(self.machine, self.figure).join(" · ");
        let label = format!(
            "<<B>{}</B><BR ALIGN=\"LEFT\"/><FONT POINT-SIZE=\"9\">{}</FONT><BR ALIGN=\"LEFT\"/>>",
            html(&title),
            html(&legend)
        );
        let _ = writeln!(self.out, "digraph {} {{", quoted(&self.machine.name));
        self.line(&format!("graph [{GRAPH}, fontcolor=\"{INK}\", label={label}, tooltip={}];", quoted(&title)));
        let look = format!("fontcolor=\"{INK}\", color=\"{PATH}\", fillcolor=\"{PATH_FILL}\"");
        self.line(&format!("node [{NODE}, {look}];"));
        self.line(&format!("edge [{EDGE}, fontcolor=\"{INK}\", color=\"{INK}\"];"));
    }

    /// The start, then the states that no cluster holds, then the clusters with theirs.
    fn nodes(&mut self) {
        let group = if self.is_on_path(self.machine.initial) { ", group=spine" } else { "" };
        let look = format!("style=filled, color=\"{INK}\", fillcolor=\"{INK}\", tooltip=\"where the machine starts\"");
        self.line(&format!("start [shape=circle, label=\"\", width=0.14, height=0.14, {look}{group}];"));
        let all: States = self.machine.state_ids().collect();
        self.children(&all, None);
    }

    /// Writes the states and clusters that stand directly in a cluster, or in the picture, in the order of the states.
    fn children(&mut self, states: &States, within: Option<usize>) {
        let figure = self.figure;
        let mut written = BTreeSet::new();
        for state in states {
            match self.nest.child(within, *state) {
                None => self.node(figure.node(*state)),
                Some(at) if written.insert(at) => self.cluster(at),
                Some(_) => {}
            }
        }
    }

    fn cluster(&mut self, at: usize) {
        let cluster = &self.figure.clusters[at];
        let group = cluster.frame.as_ref().and_then(|frame| frame.group.clone());
        let status = cluster.status.map(|status| self.table.statuses[status.index()].name.clone());
        let names: Vec<String> = status.iter().cloned().chain(group).collect();
        let (class, style, color) = match status {
            Some(_) => ("status", format!("style=\"rounded,filled\", fillcolor=\"{BOX_FILL}\""), PATH),
            None => ("frame", "style=\"rounded,dashed\"".to_owned(), MUTED),
        };
        self.line(&format!("subgraph {} {{", quoted(&cluster.id(self.machine))));
        self.depth += 1;
        let label = quoted(&names.join(" · "));
        let tooltip = match &status {
            Some(name) => quoted(&format!("a client is shown {name}")),
            None => quoted("an edge from this frame leaves every state in it"),
        };
        let look = format!("labeljust=l, fontsize=10, fontcolor=\"{MUTED}\", color=\"{color}\", {style}");
        self.line(&format!("graph [class=\"{class}\", label={label}, {look}, tooltip={tooltip}];"));
        self.children(&cluster.states, Some(at));
        if self.ends_here(at) {
            self.same_rank(&cluster.states);
        }
        self.depth -= 1;
        self.line("}");
    }

    fn node(&mut self, node: &Node) {
        let state = self.machine.state(node.state);
        let mut classes = vec![state.kind.name(), if node.public { "public" } else { "internal" }];
        let mut attributes = vec![format!("label={}", self.node_label(node, state))];
        if node.place == Place::Path {
            attributes.push("group=spine".to_owned());
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
        if state.kind == Kind::Idle {
            attributes.push("peripheries=2".to_owned());
        }
        let id = quoted(&format!("{}.{}", self.machine.name, state.name));
        let tooltip = quoted(&label::state_tooltip(self.table, self.machine, state));
        let classes = classes.join(" ");
        self.line(&format!(
            "{} [id={id}, class=\"{classes}\", {}, tooltip={tooltip}];",
            quoted(&state.name),
            attributes.join(", ")
        ));
    }

    /// The name, and beneath it the status where neither the name nor a box says it.
    fn node_label(&self, node: &Node, state: &State) -> String {
        let mut around = self.nest.around(node.state).iter();
        let is_boxed = around.any(|at| self.figure.clusters[*at].status.is_some());
        if node.public && (is_boxed || label::is_named_like_status(self.table, state)) {
            return quoted(&state.name);
        }
        let status = html(label::status(self.table, state));
        format!("<{}<BR/><FONT POINT-SIZE=\"9\" COLOR=\"{MUTED}\">shows: {status}</FONT>>", html(&state.name))
    }

    /// Puts the idle states where runs end into one rank, unless a cluster has done so or stands in the way.
    fn ends(&mut self) {
        let is_clustered = |state: &StateId| !self.nest.around(*state).is_empty();
        if self.ends.len() > 1 && !self.ends.iter().any(is_clustered) {
            self.same_rank(&self.ends.clone());
        }
    }

    fn same_rank(&mut self, states: &States) {
        let names: Vec<String> = states.iter().map(|state| quoted(&self.machine.state(*state).name)).collect();
        self.line(&format!("{{ rank=same; {}; }}", names.join("; ")));
    }

    fn ends_here(&self, at: usize) -> bool {
        let states = &self.figure.clusters[at].states;
        states.len() > 1 && states.is_subset(&self.ends) && !self.nest.holds_clusters(at)
    }

    fn edges(&mut self) {
        let weight = if self.is_on_path(self.machine.initial) { ", weight=100" } else { "" };
        let initial = quoted(&self.machine.state(self.machine.initial).name);
        self.line(&format!("start -> {initial} [class=\"start\"{weight}];"));
        let figure = self.figure;
        let mut copies: BTreeMap<StateId, Vec<&Arrow<'_>>> = BTreeMap::new();
        for arrow in &figure.arrows {
            match arrow.course {
                Course::Again => copies.entry(arrow.to).or_default().push(arrow),
                Course::Path | Course::Forward | Course::Aside => self.edge(arrow, None),
            }
        }
        for (state, arrows) in copies {
            let copy = self.copy(state);
            arrows.into_iter().for_each(|arrow| self.edge(arrow, Some(&copy)));
        }
    }

    /// Writes the small copy of a state that new attempts are drawn to, and gives its id.
    fn copy(&mut self, state: StateId) -> String {
        let name = &self.machine.state(state).name;
        let copy = format!("again.{name}");
        let look = format!("shape=plaintext, style=\"\", class=\"again\", fontsize=10, fontcolor=\"{MUTED}\"");
        let label = quoted(&format!("↩ {name}"));
        let tooltip = quoted(&format!("a new attempt: goes on in {name}"));
        self.line(&format!("{} [{look}, label={label}, tooltip={tooltip}];", quoted(&copy)));
        copy
    }

    fn edge(&mut self, arrow: &Arrow<'_>, copy: Option<&str>) {
        let (tail, border) = match arrow.tail {
            Tail::State(state) => (state, None),
            Tail::Cluster(at) => {
                let cluster = &self.figure.clusters[at];
                (self.last_of(cluster), Some(cluster.id(self.machine)))
            }
        };
        let (class, look) = match arrow.course {
            Course::Path => ("path", format!("weight=100, penwidth=2.6, color=\"{PATH}\"")),
            Course::Forward => ("forward", "weight=4".to_owned()),
            Course::Aside => ("aside", format!("style=dashed, color=\"{MUTED}\", fontcolor=\"{MUTED}\"")),
            Course::Again => ("again", format!("color=\"{MUTED}\", fontcolor=\"{MUTED}\"")),
        };
        let border = border.map_or(String::new(), |id| format!(", ltail={}", quoted(&id)));
        let lines = label::lines(self.table, self.machine, self.figure, arrow);
        let words = if arrow.course == Course::Path { raised(&lines) } else { quoted(&lines.join("\n")) };
        let tooltip = quoted(&label::arrow_tooltip(self.machine, arrow));
        let tail = quoted(&self.machine.state(tail).name);
        let head = quoted(copy.unwrap_or(&self.machine.state(arrow.to).name));
        let says = format!("tooltip={tooltip}, labeltooltip={tooltip}");
        self.line(&format!("{tail} -> {head} [class=\"{class}\", label={words}, {look}{border}, {says}];"));
    }

    /// The last state of a cluster, on the happy path where it has states of it: for the layout its edges start there,
    /// so that their words stand behind the border and not under it.
    fn last_of(&self, cluster: &Cluster) -> StateId {
        let on_path: Vec<StateId> = cluster.states.iter().copied().filter(|state| self.is_on_path(*state)).collect();
        let all: Vec<StateId> = if on_path.is_empty() { cluster.states.iter().copied().collect() } else { on_path };
        all[all.len() - 1]
    }

    fn is_on_path(&self, state: StateId) -> bool {
        self.figure.node(state).place == Place::Path
    }
}

/// Which clusters stand in which.
struct Nest {
    /// For each state, the clusters around it, outer ones first.
    around: Vec<Vec<usize>>,
    /// For each cluster, whether there is one within it.
    holds_clusters: Vec<bool>,
}

impl Nest {
    /// Clusters of a figure come with the outer ones first, and no two overlap halfway.
    fn new(figure: &Figure<'_>) -> Nest {
        let mut nest =
            Nest { around: vec![Vec::new(); figure.nodes.len()], holds_clusters: vec![false; figure.clusters.len()] };
        for (at, cluster) in figure.clusters.iter().enumerate() {
            for state in &cluster.states {
                let around = &mut nest.around[state.index()];
                around.last().inspect(|outer| nest.holds_clusters[**outer] = true);
                around.push(at);
            }
        }
        nest
    }

    /// The clusters around a state, outer ones first.
    fn around(&self, state: StateId) -> &[usize] {
        &self.around[state.index()]
    }

    /// The cluster that holds the state and stands directly in another one, or in the picture.
    fn child(&self, within: Option<usize>, state: StateId) -> Option<usize> {
        let around = self.around(state);
        let depth = within.and_then(|outer| around.iter().position(|at| *at == outer)).map_or(0, |depth| depth + 1);
        around.get(depth).copied()
    }

    fn holds_clusters(&self, at: usize) -> bool {
        self.holds_clusters[at]
    }
}

/// Idle states that a run can end in; none where one of them leads to another.
fn end_states(machine: &Machine) -> States {
    let entered: States = machine.rows.iter().map(|row| row.to).collect();
    let is_idle = |id: &StateId| machine.state(*id).kind == Kind::Idle && *id != machine.initial;
    let ends: States = entered.into_iter().filter(is_idle).collect();
    let leads = |row: &Row| ends.contains(&row.to) && row.from.iter().any(|state| ends.contains(state));
    if machine.rows.iter().any(leads) { States::new() } else { ends }
}

/// A label that keeps clear of a heavy line below it.
fn raised(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| html(line)).collect();
    let cell = |rest: &str| format!("<TR><TD{rest}</TD></TR>");
    let words = cell(&format!(">{}", lines.join("<BR/>")));
    let gap = cell(" HEIGHT=\"4\">");
    format!("<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\">{words}{gap}</TABLE>>")
}

/// A string of the DOT language.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// Text within an HTML-like label.
fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
