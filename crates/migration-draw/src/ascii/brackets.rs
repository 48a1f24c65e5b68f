//! Brackets: frames along the left of the states within, where those stand below each other.

use super::super::figure::{Panel, Tail};
use super::item::Item;
use super::sheet::Sheet;
use super::stub::{self, Stub};
use super::words::{COLUMNS, fold, plain};

/// The frames of a picture.
pub(super) struct Brackets {
    found: Vec<Bracket>,
    /// Frames whose states stand apart.
    loose: Vec<usize>,
}

struct Bracket {
    cluster: usize,
    first: usize,
    last: usize,
    /// How many brackets are around it.
    depth: usize,
}

impl Brackets {
    /// Finds the frames that can be brackets.
    pub(super) fn new(panel: &Panel, items: &[Item]) -> Brackets {
        let mut brackets = Brackets { found: Vec::new(), loose: Vec::new() };
        for cluster in (0..panel.clusters.len()).filter(|at| panel.clusters[*at].is_frame) {
            let nodes = &panel.clusters[cluster].nodes;
            let within = |item: &Item| item.nodes(panel).iter().all(|node| nodes.contains(node));
            let first = items.iter().position(within);
            let last = items.iter().rposition(within);
            let (Some(first), Some(last)) = (first, last) else {
                brackets.loose.push(cluster);
                continue;
            };
            let covered: usize = items[first..=last].iter().map(|item| item.nodes(panel).len()).sum();
            if covered != nodes.len() || !items[first..=last].iter().all(within) {
                brackets.loose.push(cluster);
                continue;
            }
            let around = brackets.found.iter().filter(|other| other.first <= first && last <= other.last);
            let depth = around.count();
            brackets.found.push(Bracket { cluster, first, last, depth });
        }
        brackets
    }

    /// How many are beside each other at most.
    pub(super) fn depth(&self) -> usize {
        self.found.iter().map(|bracket| bracket.depth + 1).max().unwrap_or(0)
    }

    /// Whether one ends below an item.
    pub(super) fn ends_after(&self, item: usize) -> bool {
        self.found.iter().any(|bracket| bracket.last == item)
    }

    /// Writes the heads of those that begin above an item, outer ones first.
    pub(super) fn open(&self, panel: &Panel, items: &[Item], at: usize, sheet: &mut Sheet) {
        let is_entered = at > 0 && items[at - 1].goes_on();
        let opening: Vec<&Bracket> = self.found.iter().filter(|bracket| bracket.first == at).collect();
        if opening.is_empty() {
            return;
        }
        // The tip of the path stays just above the box.
        let mut row = sheet.height();
        if is_entered {
            row -= 1;
            sheet.put(row, sheet.spine, "|");
        }
        for bracket in opening {
            let name = panel.clusters[bracket.cluster].group.as_deref().map_or(String::new(), plain);
            let column = bracket.depth * 2;
            let rule = "-".repeat(sheet.spine - column + 1);
            sheet.put(row, column, &format!(".{rule} {name}"));
            if is_entered {
                sheet.put(row, sheet.spine, "|");
            }
            row += 1;
        }
        if is_entered {
            sheet.put(row, sheet.spine, "v");
        }
    }

    /// Writes the feet of those that end below an item, inner ones first, with what leaves them, and their lines up to
    /// their heads.
    pub(super) fn close(&self, panel: &Panel, item: &Item, at: usize, sheet: &mut Sheet) {
        let mut ending: Vec<&Bracket> = self.found.iter().filter(|bracket| bracket.last == at).collect();
        ending.reverse();
        for bracket in ending {
            let row = sheet.height();
            let column = bracket.depth * 2;
            let rule = "-".repeat(sheet.tree - column - 1);
            sheet.put(row, column, &format!("'{rule}"));
            let lines = stub::lines(panel, &leaving(panel, bracket.cluster), sheet.tree);
            for (offset, line) in lines.iter().enumerate() {
                sheet.put(row + offset, sheet.tree, line);
            }
            if item.goes_on() {
                sheet.put(row, sheet.spine, "|");
                sheet.down(row, sheet.height(), sheet.spine, '|');
            }
            sheet.up(row, column);
        }
    }

    /// Writes the edges of frames whose states stand apart.
    pub(super) fn loose(&self, panel: &Panel, sheet: &mut Sheet) {
        for cluster in &self.loose {
            let nodes = &panel.clusters[*cluster].nodes;
            let names: Vec<String> = nodes.iter().map(|node| plain(&panel.nodes[*node].label)).collect();
            let lines = fold(&format!("from {}", names.join(", ")), COLUMNS - 1);
            lines.iter().for_each(|line| sheet.add(1, line));
            for line in stub::lines(panel, &leaving(panel, *cluster), 3) {
                let line = line.strip_prefix('-').map_or(line.clone(), |rest| format!("'{rest}"));
                sheet.add(3, &line);
            }
            sheet.add(0, "");
        }
    }
}

fn leaving(panel: &Panel, cluster: usize) -> Vec<Stub<'_>> {
    let leaves = panel.arrows.iter().filter(|arrow| arrow.tail == Tail::Cluster(cluster));
    leaves.map(Stub::Named).collect()
}
