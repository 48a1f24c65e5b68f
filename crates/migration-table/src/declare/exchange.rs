//! Two lines that begin blocks, each in the place of the other. What stands under them is read as something else, and
//! every name of both is used wrongly.

use super::block::{Block, Form};
use super::declarations::{MachineDecl, TableDecl};
use crate::finding::Finding;
use crate::rule::shape::MISPLACED_KEY;
use crate::syntax::{Entry, Node, Value};

/// How many exchanges are tried.
const EXCHANGES_MAX: usize = 24;

/// Returns the tree with two lines exchanged, for each two of which the one could stand for the other, with the finding
/// that they are.
pub(crate) fn exchanges(root: &Node) -> impl Iterator<Item = (Node, Finding)> {
    let places = places(root);
    places.into_iter().take(EXCHANGES_MAX).filter_map(|place| {
        let mut changed = root.clone();
        let finding = place.exchange(&mut changed)?;
        Some((changed, finding))
    })
}

/// Two entries of a mapping, and the way to the mapping.
struct Place {
    way: Vec<usize>,
    entries: (usize, usize),
}

/// The pairs of entries that could be exchanged.
fn places(root: &Node) -> Vec<Place> {
    let mut found = Vec::new();
    let Some(top) = entries(root) else { return found };
    found.extend(of_blocks(&[], top, TableDecl::BLOCKS));
    let machines = top.iter().enumerate().filter(|(_, entry)| entry.key.text == "machines");
    for (at, machines) in machines.filter_map(|(at, entry)| Some((at, entries(&entry.value)?))) {
        let are_blocks = |one: usize, other: usize| {
            entries(&machines[one].value).is_some() && entries(&machines[other].value).is_some()
        };
        found.extend(pairs(machines.len(), are_blocks).map(|entries| Place { way: vec![at], entries }));
        for (machine, entry) in machines.iter().enumerate() {
            let blocks = entries(&entry.value).unwrap_or_default();
            found.extend(of_blocks(&[at, machine], blocks, MachineDecl::BLOCKS));
        }
    }
    found
}

/// The pairs of blocks each of which has the form of the other.
fn of_blocks(way: &[usize], found: &[Entry], blocks: &[Block]) -> Vec<Place> {
    let block_of = |at: usize| blocks.iter().find(|block| block.key == found[at].key.text);
    let could_be = |one: usize, other: usize| {
        let (Some(own), Some(block)) = (block_of(one), block_of(other)) else { return false };
        own.key != block.key && block.shape.holds(&found[one].value) && are_all(block.shape.form(), &found[one].value)
    };
    let pairs = pairs(found.len(), |one, other| could_be(one, other) && could_be(other, one));
    pairs.map(|entries| Place { way: way.to_vec(), entries }).collect()
}

fn pairs(many: usize, is_wanted: impl Fn(usize, usize) -> bool) -> impl Iterator<Item = (usize, usize)> {
    let all = (0..many).flat_map(move |one| (one + 1..many).map(move |other| (one, other)));
    all.filter(move |(one, other)| is_wanted(*one, *other))
}

/// Whether all items of a block have a form.
fn are_all(form: Form, block: &Node) -> bool {
    match &block.value {
        Value::Mapping(named) => !named.is_empty() && named.iter().all(|entry| form.fits(&entry.value)),
        Value::Sequence(items) => !items.is_empty() && items.iter().all(|item| form.fits(item)),
        Value::Scalar(_) | Value::Refused => false,
    }
}

fn entries(node: &Node) -> Option<&[Entry]> {
    match &node.value {
        Value::Mapping(entries) => Some(entries),
        Value::Scalar(_) | Value::Sequence(_) | Value::Refused => None,
    }
}

impl Place {
    /// Exchanges the keys of the two entries.
    fn exchange(&self, root: &mut Node) -> Option<Finding> {
        let mut node = root;
        for at in &self.way {
            let Value::Mapping(entries) = &mut node.value else { return None };
            node = &mut entries.get_mut(*at)?.value;
        }
        let Value::Mapping(entries) = &mut node.value else { return None };
        let (before, after) = entries.split_at_mut_checked(self.entries.1)?;
        let (one, other) = (before.get_mut(self.entries.0)?, after.first_mut()?);
        let message = format!("the lines `{}:` and `{}:` are exchanged", one.key.text, other.key.text);
        let finding = Finding::error(MISPLACED_KEY.code, one.key.span, message, "stands for the other one");
        let finding = finding.with_place(other.key.span, "and this for that one");
        std::mem::swap(&mut one.key.text, &mut other.key.text);
        Some(finding.with_help("exchange the two lines"))
    }
}
