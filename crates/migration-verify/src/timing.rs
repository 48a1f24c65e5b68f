//! Which orders of timeouts a property needs, and whether the numbers of the table give them.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{Property, Table};

use crate::clock::OrderId;
use crate::composition::Composition;
use crate::counterexample::{Counterexample, What};
use crate::decide::decide;
use crate::graph::Graph;
use crate::names::Invalid;
use crate::property::{Outcome, Verdict};
use crate::system::{Clock, Order, System};

/// How much longer the second of two waits must be for its order to count, in milliseconds: what a busy host may be late.
pub(crate) const MARGIN_MS: u32 = 1_000;
/// Orders that are tried one at a time where the numbers do not help.
const TRIED_MAX: usize = 128;

/// A property and what was found out about it without time.
pub(crate) type Untimed<'p> = (&'p Property, Verdict);

/// Decides properties that fail without time once more with what the numbers of the table give.
pub(crate) fn results_with_numbers(
    table: &Table,
    system: &System,
    failing: Vec<Untimed<'_>>,
) -> Result<Vec<Verdict>, Invalid> {
    let given = given(table, &orders(table));
    if given.is_empty() {
        return Ok(failing.into_iter().map(|(_, untimed)| untimed).collect());
    }
    let composition = Composition::new(table, &System { clock: Clock::Orders(given), ..system.clone() })?;
    let graph = Graph::explore(&composition, &mut |_| {});
    failing.into_iter().map(|(property, _)| decide(&graph, property)).collect()
}

/// The same, and says which orders each property needs, or which order would save it.
pub(crate) fn decide_with_numbers(
    table: &Table,
    system: &System,
    failing: Vec<Untimed<'_>>,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Verdict>, Invalid> {
    let all = orders(table);
    if all.is_empty() || failing.is_empty() {
        return Ok(failing.into_iter().map(|(_, untimed)| untimed).collect());
    }
    let given = given(table, &all);
    let with_clock =
        |orders: &[Order]| Composition::new(table, &System { clock: Clock::Orders(orders.to_vec()), ..system.clone() });
    let composition = with_clock(&given)?.marking_orders();
    let graph = Graph::explore(&composition, progress);
    let properties = failing.iter().map(|(property, _)| *property).collect();
    let mut under = Under { table, graph: &graph, given: &given, properties, known: BTreeMap::new() };
    let mut verdicts = Vec::new();
    for (at, (property, untimed)) in failing.iter().enumerate() {
        let every: BTreeSet<OrderId> = (0..).zip(&given).map(|(order, _)| order).collect();
        let timed = under.decide(&every, at)?;
        let Outcome::Fails(run) = &timed.result else {
            let needs = under.needs(every, untimed, at)?;
            let result = match timed.result {
                Outcome::Holds { .. } => Outcome::Holds { needs },
                other @ (Outcome::Fails(_) | Outcome::Vacuous { .. } | Outcome::NotExhausted) => other,
            };
            verdicts.push(Verdict { result, ..timed });
            continue;
        };
        let mut would_hold_if = Vec::new();
        // An order that leaves the run possible does not help.
        let helps = |order: &&Order| !given.contains(order) && rules_out(table, order, run);
        for order in all.iter().filter(helps).take(TRIED_MAX) {
            let tried: Vec<Order> = given.iter().chain([order]).cloned().collect();
            let composition = with_clock(&tried)?;
            let tried = decide(&Graph::explore(&composition, progress), property)?;
            if !matches!(tried.result, Outcome::Fails(_)) {
                would_hold_if.push(order.clone());
            }
        }
        verdicts.push(Verdict { would_hold_if, ..timed.clone() });
    }
    Ok(verdicts)
}

/// What holds if only some of the orders hold that the numbers of the table give.
struct Under<'u, 'c, 't> {
    table: &'t Table,
    /// The graph in which they are marked.
    graph: &'u Graph<'c, 't>,
    given: &'u [Order],
    properties: Vec<&'u Property>,
    /// For the sets of orders that were asked about, what they come to, for each property.
    known: BTreeMap<BTreeSet<OrderId>, Vec<Verdict>>,
}

impl Under<'_, '_, '_> {
    fn decide(&mut self, orders: &BTreeSet<OrderId>, property: usize) -> Result<Verdict, Invalid> {
        if !self.known.contains_key(orders) {
            let graph = self.graph.under(orders);
            let verdicts = self.properties.iter().map(|property| decide(&graph, property));
            self.known.insert(orders.clone(), verdicts.collect::<Result<_, _>>()?);
        }
        Ok(self.known[orders][property].clone())
    }

    /// Orders without any one of which a property does not hold. It holds with all of them.
    fn needs(&mut self, every: BTreeSet<OrderId>, untimed: &Verdict, property: usize) -> Result<Vec<Order>, Invalid> {
        let mut needs = self.sufficient(every, untimed, property)?;
        for order in needs.clone() {
            let mut fewer = needs.clone();
            fewer.remove(&order);
            if !fewer.is_empty() && !matches!(self.decide(&fewer, property)?.result, Outcome::Fails(_)) {
                needs = fewer;
            }
        }
        Ok(needs.into_iter().map(|order| self.given[usize::from(order)].clone()).collect())
    }

    /// Orders with which a property holds: each counterexample says which one rules it out, until there is none.
    /// `untimed` is the first.
    fn sufficient(
        &mut self,
        every: BTreeSet<OrderId>,
        untimed: &Verdict,
        property: usize,
    ) -> Result<BTreeSet<OrderId>, Invalid> {
        let (mut found, mut verdict) = (BTreeSet::new(), untimed.clone());
        while let Outcome::Fails(run) = &verdict.result {
            let mut left = every.iter().filter(|order| !found.contains(*order));
            let ruled_out = left.find(|order| rules_out(self.table, &self.given[usize::from(**order)], run));
            let Some(order) = ruled_out else { return Ok(every) };
            found.insert(*order);
            verdict = self.decide(&found, property)?;
        }
        Ok(found)
    }
}

/// Whether a run has a timeout that cannot run out yet, since by this order a wait that began before ends first.
fn rules_out(table: &Table, order: &Order, run: &Counterexample) -> bool {
    let is_of = |host: &String, machine: &String| host == machine || host.starts_with(&format!("{machine}-"));
    let mut entered = vec![0; run.hosts.len()];
    let mut before: Vec<&String> = Vec::new();
    for (number, step) in run.steps.iter().enumerate() {
        if let (Some(host), What::Report { event, .. }) = (step.host, &step.what)
            && is_of(&run.hosts[host], &order.second.0)
            && before.get(host).is_some_and(|state| **state == order.second.1)
            && timeout_event(table, &order.second) == Some(event.as_str())
        {
            let waits = |other: usize| {
                is_of(&run.hosts[other], &order.first.0)
                    && *before[other] == order.first.1
                    && entered[other] < entered[host]
            };
            if (0..run.hosts.len()).any(waits) {
                return true;
            }
        }
        for (host, state) in step.states.iter().enumerate() {
            if before.get(host).is_none_or(|before| *before != state) {
                entered[host] = number;
            }
        }
        before = step.states.iter().collect();
    }
    false
}

fn timeout_event<'t>(table: &'t Table, wait: &(String, String)) -> Option<&'t str> {
    let machine = table.machine(&wait.0)?;
    let soonest = machine.state(machine.state_id(&wait.1)?).bounds().min_by_key(|bound| bound.after_ms)?;
    Some(machine.fact(soonest.event).name.as_str())
}

/// The orders that the numbers of a table give.
fn given(table: &Table, all: &[Order]) -> Vec<Order> {
    let is_given = |order: &&Order| {
        let (first, second) = (after_ms(table, &order.first), after_ms(table, &order.second));
        first.zip(second).is_some_and(|(first, second)| second >= first.saturating_add(MARGIN_MS))
    };
    all.iter().filter(is_given).cloned().collect()
}

/// Every order of two waits of different machines.
fn orders(table: &Table) -> Vec<Order> {
    let waits = table.machines.iter().flat_map(|machine| {
        let timed = machine.states.iter().filter(|state| state.is_bounded());
        timed.map(|state| (machine.name.clone(), state.name.clone()))
    });
    let waits: Vec<(String, String)> = waits.collect();
    let pairs = waits.iter().flat_map(|first| waits.iter().map(move |second| (first, second)));
    let apart = pairs.filter(|(first, second)| first.0 != second.0);
    apart.map(|(first, second)| Order { first: first.clone(), second: second.clone() }).collect()
}

fn after_ms(table: &Table, wait: &(String, String)) -> Option<u32> {
    let machine = table.machine(&wait.0)?;
    machine.state(machine.state_id(&wait.1)?).bounds().map(|bound| bound.after_ms).min()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// What can be reached, without what is remembered of the age of waits, and what becomes of every property.
    fn seen(table: &Table, graph: &Graph<'_, '_>) -> (HashSet<String>, Vec<std::mem::Discriminant<Outcome>>) {
        let timeless =
            |at: u32| format!("{:?}", crate::config::Config { older: Default::default(), ..graph.config(at) });
        let decided = table.properties.iter().map(|property| decide(graph, property).expect("the names are right"));
        (
            (0..graph.len()).map(timeless).collect(),
            decided.map(|verdict| std::mem::discriminant(&verdict.result)).collect(),
        )
    }

    #[test]
    fn what_is_read_off_one_search_is_what_a_search_of_its_own_finds() {
        let table = migration_table::load(include_str!("../../../states.yaml")).table.expect("the table can be read");
        let system = System {
            bounds: crate::system::Bounds { attempts: 1, kills: 0, ..Default::default() },
            ..System::of(&table)
        };
        let given = given(&table, &orders(&table));
        assert!(given.len() > 3, "{given:?}");
        let with =
            |orders: Vec<Order>| Composition::new(&table, &System { clock: Clock::Orders(orders), ..system.clone() });
        let marked = with(given.clone()).expect("the names are right").marking_orders();
        let marked = Graph::explore(&marked, &mut |_| {});
        let untimed = seen(&table, &marked.under(&BTreeSet::new()));
        let every: BTreeSet<OrderId> = (0..).zip(&given).map(|(id, _)| id).collect();
        let mut differ = 0;
        let fewer = every.iter().flat_map(|id| [BTreeSet::from([*id]), &every - &BTreeSet::from([*id])]);
        for ids in fewer.chain([every.clone()]) {
            let orders = ids.iter().map(|id| given[usize::from(*id)].clone()).collect();
            let own = with(orders).expect("the names are right");
            let found = seen(&table, &marked.under(&ids));
            assert!(found == seen(&table, &Graph::explore(&own, &mut |_| {})), "{ids:?}");
            differ += usize::from(found.1 != untimed.1);
        }
        assert!(differ > 0, "no set of orders changes what becomes of a property");
    }
}
