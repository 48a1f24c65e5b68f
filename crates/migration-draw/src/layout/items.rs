//! What stands side by side within a cluster, or in the whole: nodes, inner clusters as one piece each, and the small
//! copies that some arrows are drawn to; and the arrows between them.

use super::super::figure::{Panel, Place, Tail};
use migration_table::model::Kind;

/// One of the things that stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A node, by its index.
    Node(usize),
    /// A cluster, by its index.
    Cluster(usize),
    /// The copy that an arrow points to, by the index of the arrow.
    Copy(usize),
}

/// One of the things, and what is to be known of it to place it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) what: What,
    /// The nodes within.
    pub(super) nodes: Vec<usize>,
    /// The place of its first node on the happy path, if it has one.
    pub(super) on_path: Option<usize>,
    /// Whether it belongs below.
    pub(super) is_aside: bool,
    /// Whether runs end in all of it.
    pub(super) is_end: bool,
}

/// An arrow between two items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Its index in the panel.
    pub(super) arrow: usize,
}

/// What stands directly within a cluster, or in the whole; and the copies of the arrows that are drawn short.
pub(super) fn items(panel: &Panel, short: &[usize], within: Option<usize>) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    let ends = panel.ends();
    let members: Vec<usize> = match within {
        Some(at) => panel.clusters[at].nodes.clone(),
        None => (0..panel.nodes.len()).collect(),
    };
    let mut known: Vec<What> = Vec::new();
    for node in members {
        let what = panel.child(within, node, |_| true).map_or(What::Node(node), What::Cluster);
        if !known.contains(&what) {
            known.push(what);
            found.push(item(panel, what, &ends));
        }
    }
    if within.is_none() {
        found.extend(short.iter().map(|arrow| item(panel, What::Copy(*arrow), &ends)));
    }
    found
}

fn item(panel: &Panel, what: What, ends: &[usize]) -> Item {
    let nodes = match what {
        What::Node(node) => vec![node],
        What::Cluster(at) => panel.clusters[at].nodes.clone(),
        What::Copy(_) => Vec::new(),
    };
    let on_path = panel.path.iter().position(|node| nodes.contains(node));
    let is_aside = nodes.iter().all(|node| panel.nodes[*node].place == Place::Aside);
    let is_idle = |node: &usize| panel.nodes[*node].kind == Kind::Idle && ends.contains(node);
    let is_end = !nodes.is_empty() && nodes.iter().all(is_idle);
    Item { what, is_aside, is_end, on_path, nodes }
}

/// The arrows between the items. One that leaves the border of the cluster that they stand in is none of them.
pub(super) fn links(panel: &Panel, short: &[usize], items: &[Item]) -> Vec<Link> {
    let of_node = |node: usize| items.iter().position(|item| item.nodes.binary_search(&node).is_ok());
    let of_tail = |tail: Tail| match tail {
        Tail::Node(node) => of_node(node),
        Tail::Cluster(at) => {
            let nodes = &panel.clusters[at].nodes;
            let first = of_node(*nodes.first()?)?;
            let holds_all = nodes.iter().all(|node| items[first].nodes.binary_search(node).is_ok());
            holds_all.then_some(first)
        }
    };
    let mut found = Vec::new();
    for (at, arrow) in panel.arrows.iter().enumerate() {
        let to = if short.contains(&at) {
            items.iter().position(|item| item.what == What::Copy(at))
        } else {
            of_node(arrow.to)
        };
        if let (Some(from), Some(to)) = (of_tail(arrow.tail), to)
            && from != to
        {
            found.push(Link { from, to, arrow: at });
        }
    }
    found
}
