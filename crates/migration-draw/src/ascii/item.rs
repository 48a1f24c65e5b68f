//! What stands below each other: the states of the happy path with those that hang beside them, then the others.

use super::super::figure::{Arrow, Course, Panel, Place, Tail};
use super::node::frame_of_box;
use super::sheet::Sheet;
use super::stub::{self, Stub};

/// A state in the left column, with what hangs beside it.
pub(super) struct Item {
    pub(super) node: usize,
    /// The arrow to each state that hangs here, as an index.
    hung: Vec<usize>,
    /// The arrow down to the next state of the path.
    onward: Option<usize>,
}

/// Less room than this is not given to a box, in characters.
const BOX_MIN: usize = 20;

/// The width of the words beside the path where nothing is in their way, in characters.
const WORDS: usize = 48;

/// Decides what stands where.
pub(super) fn arrange(panel: &Panel) -> Vec<Item> {
    let mut places = vec![false; panel.nodes.len()];
    panel.path.iter().for_each(|node| places[*node] = true);
    let mut items: Vec<Item> = Vec::new();
    for (at, node) in panel.path.iter().enumerate() {
        let leads = |to: &usize, arrow: &&Arrow| arrow.tail == Tail::Node(*node) && arrow.to == *to;
        let next = panel.path.get(at + 1);
        let onward = next.and_then(|to| panel.arrows.iter().position(|arrow| leads(to, &arrow)));
        let mut hung = Vec::new();
        for (index, arrow) in panel.arrows.iter().enumerate() {
            let is_beside = panel.nodes[arrow.to].place == Place::Detour && arrow.course != Course::Again;
            if arrow.tail == Tail::Node(*node) && is_beside && !places[arrow.to] {
                places[arrow.to] = true;
                hung.push(index);
            }
        }
        items.push(Item { node: *node, hung, onward });
    }
    let others = (0..panel.nodes.len()).filter(|node| !places[*node]);
    items.extend(others.map(|node| Item { node, hung: Vec::new(), onward: None }));
    items
}

/// The width of the boxes in the left column.
pub(super) fn widest(panel: &Panel, items: &[Item]) -> usize {
    let of = |item: &Item| frame_of_box(&panel.nodes[item.node], 0).iter().map(|line| line.chars().count()).max();
    items.iter().filter_map(of).max().unwrap_or(0).max(BOX_MIN)
}

impl Item {
    /// Every state that stands here.
    pub(super) fn nodes(&self, panel: &Panel) -> Vec<usize> {
        let hung = self.hung.iter().map(|arrow| panel.arrows[*arrow].to);
        hung.chain([self.node]).collect()
    }

    /// Whether the happy path goes on below.
    pub(super) fn goes_on(&self) -> bool {
        self.onward.is_some()
    }

    /// Writes the box.
    pub(super) fn draw(&self, panel: &Panel, is_first: bool, sheet: &mut Sheet) {
        if panel.initial == Some(self.node) {
            if !is_first {
                sheet.add(0, "");
            }
            sheet.add(sheet.spine, "o");
            sheet.add(sheet.spine, "v");
        }
        for line in frame_of_box(&panel.nodes[self.node], sheet.box_width) {
            sheet.add(sheet.left, &line);
        }
    }

    /// Writes what leaves the box to its right. Where `is_cut`, the path stays a line beside all of it.
    pub(super) fn branches(&self, panel: &Panel, is_cut: bool, sheet: &mut Sheet) {
        let height = frame_of_box(&panel.nodes[self.node], 0).len();
        let (below, label) = (sheet.height(), sheet.height() - height + 1);
        let lines = stub::lines(panel, &self.stubs(panel), sheet.tree);
        for (at, line) in lines.iter().enumerate() {
            sheet.put(label + at, sheet.tree, line);
        }
        if !lines.is_empty() {
            sheet.put(label, sheet.tree - 2, "--");
        }
        if is_cut && self.goes_on() {
            sheet.down(below, sheet.height(), sheet.spine, '|');
        }
    }

    /// Writes the path down to the next state, with its words; beside the branches, unless it `is_cut` from them.
    pub(super) fn onward(&self, panel: &Panel, is_cut: bool, sheet: &mut Sheet) {
        let Some(arrow) = self.onward.map(|arrow| &panel.arrows[arrow]) else {
            sheet.add(0, "");
            return;
        };
        let branches = stub::lines(panel, &self.stubs(panel), sheet.tree).len();
        let height = frame_of_box(&panel.nodes[self.node], 0).len();
        // Branches begin at the label, the path begins below the box: so many rows are beside each other.
        let shared = if is_cut { 0 } else { (branches + 1).saturating_sub(height) };
        let words = stub::words(arrow, WORDS);
        let narrow = sheet.tree - sheet.spine - 3;
        let fits = words.iter().all(|line| line.chars().count() <= narrow);
        let from = sheet.height() - shared;
        let start = if fits { from } else { sheet.height() };
        for (at, line) in words.iter().enumerate() {
            sheet.put(start + at, sheet.spine, &format!("| {line}"));
        }
        sheet.down(from, sheet.height(), sheet.spine, '|');
        sheet.add(sheet.spine, "v");
    }

    fn stubs<'p>(&self, panel: &'p Panel) -> Vec<Stub<'p>> {
        let leaving = |node: usize| {
            let all = panel.arrows.iter().enumerate().filter(move |(_, arrow)| arrow.tail == Tail::Node(node));
            all.filter(|(at, _)| Some(*at) != self.onward)
        };
        let stub = |(at, arrow): (usize, &'p Arrow)| {
            if self.hung.contains(&at) {
                Stub::Hung(arrow, leaving(arrow.to).map(|(_, arrow)| arrow).collect())
            } else {
                Stub::Named(arrow)
            }
        };
        leaving(self.node).map(stub).collect()
    }
}
