//! How large text is, and what is made of it.
//!
//! Nobody knows which font a reader has. Widths are those of the common fonts of Helvetica's measures, with some room
//! to spare, and every box is a little wider than its text.

use super::super::figure::{Arrow, Cluster, Course, Node, Panel, Tail};
use super::super::label;
use super::rect::Rect;

/// Height of a line of small text.
pub const LINE: i32 = 15;

/// The size of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Names of nodes: 14 units.
    Name,
    /// Everything else: 12 units.
    Small,
}

impl Size {
    /// Its height in units, as a font's size is given.
    #[must_use]
    pub fn units(self) -> i32 {
        match self {
            Size::Name => 14,
            Size::Small => 12,
        }
    }
}

/// Width of a text in units.
#[must_use]
pub fn text_width(text: &str, size: Size) -> i32 {
    let thousandths: i32 = text.chars().map(char_width).sum();
    // Names are set a little heavier.
    let slack = match size {
        Size::Name => 109,
        Size::Small => 104,
    };
    (thousandths * size.units() * slack + 99_999) / 100_000
}

fn char_width(c: char) -> i32 {
    match c {
        'i' | 'j' | 'l' | '\'' | '|' => 222,
        ' ' | 'f' | 't' | '.' | ',' | ':' | ';' | '/' | '[' | ']' | '!' | '·' => 278,
        'r' | '(' | ')' | '-' | '{' | '}' => 333,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 500,
        'm' | 'M' => 833,
        'w' | 'C' | 'D' | 'H' | 'N' | 'R' | 'U' => 722,
        'W' => 944,
        'G' | 'O' | 'Q' => 778,
        'A' | 'B' | 'E' | 'K' | 'P' | 'S' | 'V' | 'X' | 'Y' => 667,
        c if c.is_ascii() => 600,
        _ => 1000,
    }
}

/// Characters of a line where many lines would be needed otherwise.
pub(super) const WIDE: usize = 44;

/// Space between a border and what is within, at the sides.
pub(super) const PAD: i32 = 9;

/// Width and height of the box of a node.
pub(super) fn node(node: &Node) -> (i32, i32) {
    let name = text_width(&label::name(node), Size::Name);
    let sublabel = node.sublabel.as_deref().map_or(0, |text| text_width(text, Size::Small));
    let height = if node.sublabel.is_some() { 42 } else { 31 };
    (name.max(sublabel) + 16, height)
}

/// Width and height of lines of small text.
pub(super) fn lines(lines: &[String]) -> (i32, i32) {
    let width = lines.iter().map(|line| text_width(line, Size::Small)).max().unwrap_or(0);
    (width + 2, LINE * i32::try_from(lines.len()).unwrap_or(i32::MAX / LINE))
}

/// Height that a cluster needs for its title, above where it is a frame, below where it is not.
pub(super) fn title_height(cluster: &Cluster) -> i32 {
    if cluster.label.is_empty() { 0 } else { LINE + 2 }
}

/// Width that a cluster needs for its title.
pub(super) fn title_width(cluster: &Cluster) -> i32 {
    if cluster.label.is_empty() { 0 } else { text_width(&cluster.label, Size::Small) + 2 * PAD }
}

/// Where the titles of the clusters stand: that of a box below it on the left, or on the right if the arrows that go down
/// are fewer there.
pub(super) fn titles(panel: &Panel, clusters: &[Rect]) -> Vec<Rect> {
    let title = |(cluster, rect): (&Cluster, &Rect)| {
        let (w, h) = (text_width(&cluster.label, Size::Small), if cluster.label.is_empty() { 0 } else { LINE });
        let left = rect.x + PAD - 2;
        if cluster.is_frame {
            return Rect { x: left, y: rect.y + 2, w, h };
        }
        let on_path: Vec<usize> = panel.path.iter().copied().filter(|node| cluster.nodes.contains(node)).collect();
        let is_left_busier = match on_path.as_slice() {
            [first, .., last] => beside_path(panel, *first) > beside_path(panel, *last),
            [_] | [] => false,
        };
        let x = if is_left_busier { rect.right() - PAD + 2 - w } else { left };
        Rect { x, y: rect.bottom() - h - 2, w, h }
    };
    panel.clusters.iter().zip(clusters).map(title).collect()
}

/// How many arrows join a node and what is not on the happy path.
fn beside_path(panel: &Panel, node: usize) -> usize {
    let touches = |arrow: &&Arrow| arrow.tail == Tail::Node(node) || arrow.to == node;
    let is_beside = |arrow: &&Arrow| matches!(arrow.course, Course::Forward | Course::Aside);
    panel.arrows.iter().filter(touches).filter(is_beside).count()
}
