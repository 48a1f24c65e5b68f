//! A formula as a tree of names, before the names are looked up.

use crate::model::{Condition, FactId};

/// A formula that has been read, with names that are not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Formula {
    pub(super) tree: Tree,
    // Invariant: every `Tree::Name` is an index into this list, and every entry is used once.
    pub(super) names: Vec<(String, usize)>,
}

/// The tree of a formula; a name is its place in the list of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Name(usize),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Formula {
    /// Every occurrence of a name, in the order of the text, with its offset in bytes.
    #[must_use]
    pub(crate) fn names(&self) -> &[(String, usize)] {
        &self.names
    }

    /// The condition that the formula stands for. Every name is looked up, once for each occurrence and in the order
    /// of the text; if one is not known, or is no bit of a 64-bit set, there is no condition.
    pub(crate) fn resolve(&self, lookup: &mut dyn FnMut(&str) -> Option<FactId>) -> Option<Condition> {
        let facts: Vec<Option<FactId>> = self.names.iter().map(|(name, _)| lookup(name)).collect();
        let facts: Vec<FactId> = facts.into_iter().collect::<Option<_>>()?;
        facts.iter().all(|fact| fact.0 < 64).then(|| bind(&self.tree, &facts))
    }
}

fn bind(tree: &Tree, facts: &[FactId]) -> Condition {
    let bind_all = |parts: &[Tree]| parts.iter().map(|part| bind(part, facts)).collect();
    match tree {
        Tree::Name(index) => Condition::Fact(facts[*index]),
        Tree::Not(inner) => Condition::Not(Box::new(bind(inner, facts))),
        Tree::And(parts) => Condition::And(bind_all(parts)),
        Tree::Or(parts) => Condition::Or(bind_all(parts)),
    }
}
