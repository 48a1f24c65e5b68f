//! What a changed table is tried with.

use crate::declare::TableDecl;
use crate::finding::{Finding, Findings};
use crate::model::Table;

/// Returns what a changed table means, if it means anything, and what is wrong with it.
pub(super) type Judge<'j> = dyn Fn(&TableDecl) -> (Option<Table>, Findings) + 'j;

/// Whether two findings say the same of the same place.
pub(super) fn is_same(one: &Finding, other: &Finding) -> bool {
    (one.span, one.code, &one.message) == (other.span, other.code, &other.message)
}
