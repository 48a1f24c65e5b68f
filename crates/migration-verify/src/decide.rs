//! Deciding properties on the graph of everything that can happen.

mod liveness;
mod reach;
mod safety;

use migration_table::model::{Claim, Property};

use crate::graph::Graph;
use crate::names::Invalid;
use crate::property::{Outcome, Verdict};

pub(crate) use liveness::fair_loop;
pub(crate) use reach::{can_reach, furthest};

/// Decides one property.
///
/// # Errors
///
/// When the property names something that the composition does not have.
pub fn decide(graph: &Graph<'_, '_>, property: &Property) -> Result<Verdict, Invalid> {
    let result = match &property.claim {
        Claim::Never(formula) => safety::never(graph, formula)?,
        Claim::AtMostOne(marker) => safety::at_most_one(graph, marker)?,
        Claim::After { when, never, until } => safety::after(graph, when, never, until.as_deref())?,
        Claim::Before { first, then } => safety::before(graph, first, then)?,
        // What is not explored looks like an end.
        Claim::LeadsTo { .. } | Claim::Possible { .. } if !graph.figures().is_exhausted => Outcome::NotExhausted,
        Claim::LeadsTo { whenever, eventually, waiting } => {
            liveness::leads_to(graph, whenever, eventually, waiting.as_deref())?
        }
        Claim::Possible { from, formula } => reach::possible(graph, from.as_deref(), formula)?,
    };
    let result = match result {
        Outcome::Holds { .. } | Outcome::Vacuous { .. } if !graph.figures().is_exhausted => Outcome::NotExhausted,
        known @ (Outcome::Holds { .. } | Outcome::Vacuous { .. } | Outcome::Fails(_) | Outcome::NotExhausted) => known,
    };
    Ok(Verdict { property: property.name.clone(), doc: property.doc.clone(), result, would_hold_if: Vec::new() })
}
