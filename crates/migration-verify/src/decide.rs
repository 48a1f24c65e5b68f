//! Deciding properties on the graph of everything that can happen.

mod alone;
mod cases;
mod components;
mod fairness;
mod liveness;
mod monitor;
mod reach;
mod safety;

use migration_table::model::{Claim, Property};

use crate::counterexample::Counterexample;
use crate::formula::Scope;
use crate::graph::Graph;
use crate::names::Invalid;
use crate::phrase::phrases;
use crate::property::{Outcome, Verdict};
use crate::under::Timing;
use monitor::Monitor;

pub(crate) use alone::within_reach;
pub(crate) use fairness::fair_loops;
pub(crate) use reach::{by_passes, can_reach_by, furthest};

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
    let lacks = lacking(property, &graph.composition.scope());
    Ok(Verdict { lacks, ..Verdict::new(&property.name, &property.doc, result) })
}

/// What breaks a property that one bad moment breaks, ready to be looked for with one clock after the other.
pub(crate) struct Watch<'g, 'c, 't> {
    graph: &'g Graph<'c, 't>,
    monitor: Monitor,
}

impl<'g, 'c, 't> Watch<'g, 'c, 't> {
    /// Returns `None` for a property that no one moment breaks.
    ///
    /// # Errors
    ///
    /// When the property names something that the composition does not have.
    pub(crate) fn of(graph: &'g Graph<'c, 't>, property: &Property) -> Result<Option<Watch<'g, 'c, 't>>, Invalid> {
        let monitor = safety::monitor(graph, &property.claim)?;
        Ok(monitor.map(|monitor| Watch { graph, monitor }))
    }

    /// Returns a shortest run with a clock that breaks the property.
    pub(crate) fn breaks(&self, timing: &Timing<'_, '_, '_>) -> Option<Counterexample> {
        let run = self.monitor.run(self.graph, Some(timing))?;
        Some(Counterexample::tell(self.graph.composition, &run, None, String::new()))
    }
}

/// Returns what a property names and a machine of another release does not have, a sentence each.
fn lacking(property: &Property, scope: &Scope<'_, '_>) -> Vec<String> {
    if scope.foreign.is_empty() {
        return Vec::new();
    }
    let strict = scope.strict();
    let errors = phrases(&property.claim).into_iter().filter_map(|phrase| phrase.read(&strict).err());
    let mut found: Vec<String> = errors.map(|error| error.to_string()).collect();
    found.dedup();
    found
}
