//! What the machines of a table share, by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Findings};
use crate::model::{Allowance, MessageId, ReasonId, ResourceId, StatusId};
use crate::rule::shape::TOO_MANY;
use crate::span::Span;

/// Numbers the names of a list. None, reported, if there are more than an id can count.
pub(super) fn index<'n, T>(
    names: impl Iterator<Item = (&'n str, Span)>,
    id: impl Fn(u16) -> T,
    out: &mut Findings,
) -> Option<BTreeMap<String, T>> {
    let mut ids = BTreeMap::new();
    for (index, (name, span)) in names.enumerate() {
        let Some(number) = u16::try_from(index).ok().filter(|number| *number < u16::MAX) else {
            let message = format!("there are more than {} names of this kind", u16::MAX);
            out.push(Finding::error(TOO_MANY.code, span, message, "the first one too many"));
            return None;
        };
        ids.insert(name.to_owned(), id(number));
    }
    Some(ids)
}

/// Numbers of what the machines share.
pub(super) struct Shared {
    pub(super) statuses: BTreeMap<String, StatusId>,
    pub(super) reasons: BTreeMap<String, ReasonId>,
    pub(super) messages: BTreeMap<String, MessageId>,
    pub(super) resources: BTreeMap<String, ResourceId>,
    /// The messages that some row sends, but for those of which nobody has to hear.
    pub(super) sent: BTreeSet<String>,
    /// The allowances that say why nothing bounds a visit.
    pub(super) unbounded: Vec<Allowance>,
}

impl Shared {
    /// Whether the table says why nothing bounds a visit of the state that is declared there.
    pub(super) fn may_stay(&self, state: Span) -> bool {
        self.unbounded.iter().any(|allowance| allowance.covers(state))
    }
}
