//! Nodes, clusters and arrows as shapes.

use std::fmt::Write as _;

use super::super::figure::{Arrow, Course, Mark, Node, Panel, Place};
use super::super::label;
use super::super::layout::{LINE, Layout, Point, Rect, Route};
use super::style::Options;
use super::words::{escaped, slug};
use migration_table::model::Kind;

/// Radius of a corner of an arrow.
const BEND: i32 = 6;
/// Length and half the width of an arrow's head.
const HEAD: (i32, i32) = (8, 4);
/// The same for the heavy line.
const HEAVY: (i32, i32) = (11, 6);

/// Writes one machine.
pub(super) struct Pen<'a> {
    pub(super) panel: &'a Panel,
    pub(super) layout: &'a Layout,
    /// What the ids begin with.
    pub(super) prefix: String,
    pub(super) options: &'a Options,
}

impl Pen<'_> {
    /// Writes everything, what lies behind first.
    pub(super) fn draw(&self, out: &mut String) {
        for (at, cluster) in self.panel.clusters.iter().enumerate() {
            let (rect, title) = (self.layout.clusters[at], self.layout.titles[at]);
            let class = if cluster.is_frame { "frame" } else { "region" };
            let id = format!("{}-{}", self.prefix, slug(&cluster.id));
            let tip = match (&cluster.status, cluster.is_frame) {
                (Some(status), false) => format!("a client is shown {status} in each of these states"),
                (Some(_) | None, _) => "an arrow from this border leaves every state within".to_owned(),
            };
            let _ = writeln!(out, "<g id=\"{id}\" class=\"cluster\"><title>{}</title>", escaped(&tip));
            let _ = writeln!(out, "{}", boxed(class, rect, 9));
            if !cluster.label.is_empty() {
                let (x, y) = (title.x, title.bottom() - 3);
                let _ = writeln!(out, "<text class=\"lesser\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(&cluster.label));
            }
            out.push_str("</g>\n");
        }
        self.start(out);
        for (arrow, route) in self.panel.arrows.iter().zip(&self.layout.routes) {
            self.arrow(arrow, route, out);
        }
        for (node, rect) in self.panel.nodes.iter().zip(&self.layout.nodes) {
            self.node(node, *rect, out);
        }
    }

    fn start(&self, out: &mut String) {
        let (Some(Point { x, y }), Some(initial)) = (self.layout.start, self.panel.initial) else { return };
        let end = self.layout.nodes[initial].x;
        let _ = writeln!(out, "<g class=\"start\"><title>where the machine starts</title>");
        let _ = writeln!(out, "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>");
        let points = [Point { x, y }, Point { x: end, y }];
        let _ = writeln!(out, "{}</g>", line(&points, HEAD));
    }

    /// Opens a link to a line of the table, if it is known where that can be read, and says how it is closed.
    fn link(&self, line: usize, out: &mut String) -> &'static str {
        match &self.options.source_url {
            Some(template) => {
                let _ = writeln!(out, "<a href=\"{}\">", escaped(&template.replace("{line}", &line.to_string())));
                "</a>\n"
            }
            None => "",
        }
    }

    fn node(&self, node: &Node, rect: Rect, out: &mut String) {
        let close = self.link(node.line, out);
        let mut classes = vec!["state", node.kind.name()];
        match (node.public, node.place) {
            (false, _) => classes.push("internal"),
            (true, Place::Aside) => classes.extend(["public", "below"]),
            (true, Place::Path | Place::Detour) => classes.push("public"),
        }
        classes.extend(marked(node.mark));
        let id = format!("{}-{}", self.prefix, slug(&node.id));
        let _ =
            writeln!(out, "<g id=\"{id}\" class=\"{}\"><title>{}</title>", classes.join(" "), escaped(&node.tooltip));
        let _ = writeln!(out, "{}", boxed("box", rect, 7));
        if node.kind == Kind::Idle {
            let _ = writeln!(out, "{}", boxed("box inner", rect.grown(-3), 5));
        }
        let x = rect.center().x;
        let y = if node.sublabel.is_some() { rect.y + 18 } else { rect.center().y + 5 };
        let _ = writeln!(out, "<text class=\"name\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(&label::name(node)));
        if let Some(sublabel) = &node.sublabel {
            let _ = writeln!(out, "<text class=\"shows\" x=\"{x}\" y=\"{}\">{}</text>", rect.y + 34, escaped(sublabel));
        }
        let _ = write!(out, "</g>\n{close}");
    }

    fn arrow(&self, arrow: &Arrow, route: &Route, out: &mut String) {
        let close = self.link(arrow.rows.first().map_or(self.panel.line, |row| row.line), out);
        let (class, head) = match arrow.course {
            Course::Path => ("path", HEAVY),
            Course::Forward => ("forward", HEAD),
            Course::Aside => ("aside", HEAD),
            Course::Again => ("again", HEAD),
        };
        let classes: Vec<&str> = ["arrow", class].into_iter().chain(marked(arrow.mark)).collect();
        let id = format!("{}-{}", self.prefix, slug(&arrow.id));
        let _ =
            writeln!(out, "<g id=\"{id}\" class=\"{}\"><title>{}</title>", classes.join(" "), escaped(&arrow.tooltip));
        let _ = writeln!(out, "{}", line(&route.points, head));
        if let Some((text, rect)) = &route.copy {
            let (x, y) = (rect.x + 2, rect.bottom() - 5);
            let _ = writeln!(out, "<text class=\"copy\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
        }
        if let Some(label) = &route.label {
            if let Some((a, b)) = label.leader {
                let _ = writeln!(out, "<path class=\"leader\" d=\"M{} {}L{} {}\"/>", a.x, a.y, b.x, b.y);
            }
            out.push_str("<g class=\"words\">\n");
            let is_middle = label.leader.is_some();
            let x = if is_middle { label.rect.center().x } else { label.rect.x + 1 };
            let anchor = if is_middle { " text-anchor=\"middle\"" } else { "" };
            for (at, text) in label.lines.iter().enumerate() {
                let y = label.rect.y + LINE * i32::try_from(at + 1).unwrap_or(0) - 4;
                let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", escaped(text));
            }
            out.push_str("</g>\n");
        }
        let _ = write!(out, "</g>\n{close}");
    }
}

/// The class of what a view says something of.
pub(super) fn marked(mark: Mark) -> Option<&'static str> {
    match mark {
        Mark::Plain => None,
        Mark::Added | Mark::Accepted => Some("good"),
        Mark::Removed | Mark::Refused => Some("bad"),
        Mark::Changed | Mark::Highlighted => Some("seen"),
        Mark::Muted | Mark::Unchanged | Mark::Ignored => Some("faded"),
    }
}

/// A box with round corners.
pub(super) fn boxed(class: &str, rect: Rect, radius: i32) -> String {
    let Rect { x, y, w, h } = rect;
    format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{radius}\"/>")
}

/// A line with round corners and a head at its end.
pub(super) fn line(points: &[Point], (length, half): (i32, i32)) -> String {
    let [.., before, tip] = points else { return String::new() };
    let (dx, dy) = ((tip.x - before.x).signum(), (tip.y - before.y).signum());
    let base = Point { x: tip.x - dx * length, y: tip.y - dy * length };
    let mut shaft: Vec<Point> = points[..points.len() - 1].to_vec();
    shaft.push(Point { x: base.x + dx, y: base.y + dy });
    let mut d = format!("M{} {}", shaft[0].x, shaft[0].y);
    for at in 1..shaft.len() {
        let here = shaft[at];
        let Some(next) = shaft.get(at + 1) else {
            let _ = write!(d, "L{} {}", here.x, here.y);
            continue;
        };
        let (a, b) = (toward(here, shaft[at - 1]), toward(here, *next));
        let _ = write!(d, "L{} {}Q{} {} {} {}", a.x, a.y, here.x, here.y, b.x, b.y);
    }
    let head = format!(
        "M{} {}L{} {}L{} {}Z",
        tip.x,
        tip.y,
        base.x - dy * half,
        base.y + dx * half,
        base.x + dy * half,
        base.y - dx * half
    );
    format!("<path class=\"line\" d=\"{d}\"/>\n<path class=\"head\" d=\"{head}\"/>")
}

/// The point at which a corner begins, on the way to another point.
fn toward(corner: Point, other: Point) -> Point {
    let (dx, dy) = (other.x - corner.x, other.y - corner.y);
    let radius = BEND.min((dx.abs() + dy.abs()) / 2);
    Point { x: corner.x + dx.signum() * radius, y: corner.y + dy.signum() * radius }
}
