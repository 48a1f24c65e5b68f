//! What holds only because channels are full.
//!
//! Where a message does not fit, a search with bounded channels goes on as if the connection broke there. So a run in
//! which more and more is on its way, for ever, is cut off, and what it never does looks as if it always came. Here the
//! message is lost instead and the run goes on. What then fails is not known to hold: the run may be real, or need the
//! loss.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{Property, Table};

use crate::builtin::builtin;
use crate::composition::Composition;
use crate::decide::decide;
use crate::graph::Graph;
use crate::names::Invalid;
use crate::property::{Outcome, Verdict};
use crate::system::{Clock, Order, System};

/// Takes back what was said to hold, and fails if messages that do not fit are lost.
pub(super) fn leave_open(
    verdicts: &mut [Verdict],
    (table, properties): (&Table, &[Property]),
    system: &System,
    progress: &mut dyn FnMut(usize),
) -> Result<(), Invalid> {
    let mut by_orders: BTreeMap<Vec<Order>, BTreeSet<String>> = BTreeMap::from([(Vec::new(), BTreeSet::new())]);
    for verdict in verdicts.iter() {
        if let Outcome::Holds { needs } = &verdict.result {
            by_orders.entry(needs.clone()).or_default().insert(verdict.property.clone());
        }
    }
    for (orders, names) in by_orders {
        let clock = if orders.is_empty() { Clock::Untimed } else { Clock::Orders(orders) };
        let composition = Composition::new(table, &System { clock, ..system.clone() })?.overflowing();
        let graph = Graph::explore(&composition, progress);
        let own = properties.iter().filter(|property| names.contains(&property.name));
        let own = own.map(|property| decide(&graph, property)).collect::<Result<Vec<_>, _>>()?;
        let fails = |verdict: &Verdict| matches!(verdict.result, Outcome::Fails(_) | Outcome::NotExhausted);
        let failing: BTreeSet<String> =
            builtin(&graph).into_iter().chain(own).filter(fails).map(|verdict| verdict.property).collect();
        for verdict in verdicts.iter_mut().filter(|verdict| names.contains(&verdict.property)) {
            if failing.contains(&verdict.property) {
                verdict.result = Outcome::NotExhausted;
            }
        }
    }
    Ok(())
}
