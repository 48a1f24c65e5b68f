//! Which orders of timeouts a property needs, and whether the numbers of the table give them.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{Claim, Property, Table};

use crate::counterexample::{Counterexample, What};
use crate::decide::{Watch, decide};
use crate::graph::Graph;
use crate::names::Invalid;
use crate::property::{Outcome, Verdict};
use crate::system::{Clock, Order};
use crate::under::Timing;

/// How much longer the second of two waits must be for its order to count, in milliseconds: what a busy host may be late.
pub(crate) const MARGIN_MS: u32 = 1_000;
/// Orders that are tried one at a time where the numbers do not help.
const TRIED_MAX: usize = 128;

/// A property and what was found out about it without time.
pub(crate) type Untimed<'p> = (&'p Property, Verdict);

/// Decides properties that fail without time once more with what the numbers of the table give.
pub(crate) fn results_with_numbers(
    graph: &Graph<'_, '_>,
    failing: Vec<Untimed<'_>>,
    configurations_max: usize,
) -> Result<Vec<Verdict>, Invalid> {
    let table = graph.composition.table;
    let given = given(table, &orders(table));
    if given.is_empty() || failing.is_empty() {
        return Ok(failing.into_iter().map(|(_, untimed)| untimed).collect());
    }
    let timed = with_orders(graph, given)?.graph(configurations_max);
    failing.into_iter().map(|(property, _)| decide(&timed, property)).collect()
}

/// What can happen if these orders hold.
fn with_orders<'g, 'c, 't>(graph: &'g Graph<'c, 't>, orders: Vec<Order>) -> Result<Timing<'g, 'c, 't>, Invalid> {
    Ok(Timing::new(graph, graph.composition.waits(&Clock::Orders(orders))?))
}

/// The same, and says which orders each property needs, or which order would save it.
pub(crate) fn decide_with_numbers(
    graph: &Graph<'_, '_>,
    failing: Vec<Untimed<'_>>,
    configurations_max: usize,
) -> Result<Vec<Verdict>, Invalid> {
    let table = graph.composition.table;
    let all = orders(table);
    if all.is_empty() || failing.is_empty() {
        return Ok(failing.into_iter().map(|(_, untimed)| untimed).collect());
    }
    let given = given(table, &all);
    let mut under = Under { table, graph, given: &given, configurations_max, timings: BTreeMap::new() };
    let timed = with_orders(graph, given.clone())?.graph(configurations_max);
    let mut verdicts = Vec::new();
    for (property, untimed) in &failing {
        let asked = Asked { property, watch: Watch::of(graph, property)? };
        let timed = decide(&timed, property)?;
        let Outcome::Fails(run) = &timed.result else {
            let needs = under.needs(untimed, &asked)?;
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
            let tried = given.iter().chain([order]).cloned().collect();
            if under.breaks(&with_orders(graph, tried)?, &asked)?.is_none() {
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
    /// The graph without time.
    graph: &'u Graph<'c, 't>,
    given: &'u [Order],
    configurations_max: usize,
    /// What is possible with the sets of orders that were asked about.
    timings: BTreeMap<BTreeSet<usize>, Timing<'u, 'c, 't>>,
}

/// A property, and what breaks it, if one bad moment does.
struct Asked<'u, 'c, 't> {
    property: &'u Property,
    watch: Option<Watch<'u, 'c, 't>>,
}

impl<'u, 'c, 't> Under<'u, 'c, 't> {
    /// Returns a run that breaks a property.
    fn breaks(
        &self,
        timing: &Timing<'_, '_, '_>,
        asked: &Asked<'_, '_, '_>,
    ) -> Result<Option<Box<Counterexample>>, Invalid> {
        if let Some(watch) = &asked.watch {
            return Ok(watch.breaks(timing).map(Box::new));
        }
        Ok(match decide(&timing.graph(self.configurations_max), asked.property)?.result {
            Outcome::Fails(run) => Some(run),
            Outcome::Holds { .. } | Outcome::Vacuous { .. } | Outcome::NotExhausted => None,
        })
    }

    /// Returns a run that breaks a property if these orders hold.
    fn breaks_with(
        &mut self,
        orders: &BTreeSet<usize>,
        asked: &Asked<'_, '_, '_>,
    ) -> Result<Option<Box<Counterexample>>, Invalid> {
        if !self.timings.contains_key(orders) {
            let orders_of = orders.iter().map(|order| self.given[*order].clone()).collect();
            self.timings.insert(orders.clone(), with_orders(self.graph, orders_of)?);
        }
        self.breaks(&self.timings[orders], asked)
    }

    /// Orders without any one of which a property does not hold. It holds with all of them.
    fn needs(&mut self, untimed: &Verdict, asked: &Asked<'_, '_, '_>) -> Result<Vec<Order>, Invalid> {
        let mut runs = Vec::new();
        let mut needs = self.sufficient(untimed, asked, &mut runs)?;
        for order in needs.clone() {
            let mut fewer = needs.clone();
            fewer.remove(&order);
            // A run that breaks the property and that these orders leave possible needs no search.
            let leaves =
                |run: &Counterexample| !fewer.iter().any(|order| rules_out(self.table, &self.given[*order], run));
            if asked.watch.is_some() && runs.iter().any(leaves) {
                continue;
            }
            if !fewer.is_empty() && self.breaks_with(&fewer, asked)?.is_none() {
                needs = fewer;
            }
        }
        Ok(needs.into_iter().map(|order| self.given[order].clone()).collect())
    }

    /// Orders with which a property holds: each counterexample says which one rules it out, until there is none.
    /// `untimed` is the first; all are added to `runs`.
    fn sufficient(
        &mut self,
        untimed: &Verdict,
        asked: &Asked<'_, '_, '_>,
        runs: &mut Vec<Counterexample>,
    ) -> Result<BTreeSet<usize>, Invalid> {
        let every: BTreeSet<usize> = (0..self.given.len()).collect();
        let mut found = BTreeSet::new();
        let Outcome::Fails(run) = &untimed.result else { return Ok(found) };
        let mut next = Some(run.clone());
        while let Some(run) = next {
            let mut left = every.iter().filter(|order| !found.contains(*order));
            let ruled_out = left.find(|order| rules_out(self.table, &self.given[**order], &run));
            let Some(order) = ruled_out else { return Ok(every) };
            found.insert(*order);
            runs.push(*run);
            next = self.breaks_with(&found, asked)?;
        }
        Ok(found)
    }
}

/// Whether a run that breaks a property breaks it wherever it is possible.
pub(crate) fn has_bad_end(property: &Property) -> bool {
    match property.claim {
        Claim::Never(_) | Claim::AtMostOne(_) | Claim::After { .. } | Claim::Before { .. } => true,
        Claim::LeadsTo { .. } | Claim::Possible { .. } => false,
    }
}

/// Whether a run has a timeout that cannot run out yet, since by this order a wait that began before ends first.
fn rules_out(table: &Table, order: &Order, run: &Counterexample) -> bool {
    let is_in = |host: usize, state: &str, wait: &(String, String)| run.machines[host] == wait.0 && state == wait.1;
    let initial = |name: &String| table.machine(name).map(|machine| &machine.state(machine.initial).name);
    let mut before: Vec<&String> = run.machines.iter().filter_map(initial).collect();
    // When each host entered its state. In the beginning the first host counts as the earlier one.
    let mut entered: Vec<usize> = (0..run.hosts.len()).map(|host| host.min(1)).collect();
    for (number, step) in (2..).zip(&run.steps) {
        if let (Some(host), What::Report { event, .. }) = (step.host, &step.what)
            && is_in(host, before[host], &order.second)
            && is_timeout(table, &order.second, event)
        {
            let waits = |other: usize| is_in(other, before[other], &order.first) && entered[other] < entered[host];
            if (0..run.hosts.len()).any(waits) {
                return true;
            }
        }
        if let Some(host) = step.host.filter(|_| !step.rows.is_empty() || step.what == What::Kill) {
            entered[host] = number;
        }
        before = step.states.iter().collect();
    }
    false
}

/// Whether an event says that the time of a wait is over.
fn is_timeout(table: &Table, wait: &(String, String), event: &str) -> bool {
    let machine = table.machine(&wait.0);
    machine.is_some_and(|machine| {
        let state = machine.state_id(&wait.1).map(|state| machine.state(state));
        state.is_some_and(|state| state.bounds().any(|bound| machine.fact(bound.event).name == event))
    })
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
    use crate::composition::Composition;
    use crate::system::System;

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
    fn what_is_walked_on_the_graph_without_time_is_what_a_search_with_it_finds() {
        let table = migration_table::load(include_str!("../../../states.yaml")).table.expect("the table can be read");
        let system = System {
            bounds: crate::system::Bounds { attempts: 1, kills: 0, ..Default::default() },
            ..System::of(&table)
        };
        let given = given(&table, &orders(&table));
        assert!(given.len() > 3, "{given:?}");
        let with = |clock: Clock| Composition::new(&table, &System { clock, ..system.clone() });
        let composition = with(Clock::Untimed).expect("the names are right");
        let graph = Graph::explore(&composition, &mut |_| {});
        let untimed = seen(&table, &graph);
        let every: BTreeSet<usize> = (0..given.len()).collect();
        let mut differ = 0;
        let fewer = every.iter().flat_map(|id| [BTreeSet::from([*id]), &every - &BTreeSet::from([*id])]);
        for ids in fewer.chain([every.clone()]) {
            let orders: Vec<Order> = ids.iter().map(|id| given[*id].clone()).collect();
            let own = with(Clock::Orders(orders.clone())).expect("the names are right");
            let own = Graph::explore(&own, &mut |_| {});
            let walked = with_orders(&graph, orders).expect("the names are right").graph(usize::MAX);
            let found = seen(&table, &walked);
            assert!(found == seen(&table, &own), "{ids:?}");
            let same = (0..own.len()).all(|at| own.config(at) == walked.config(at));
            assert!(same && own.figures().transitions == walked.figures().transitions, "{ids:?}");
            differ += usize::from(found.1 != untimed.1);
        }
        assert!(differ > 0, "no set of orders changes what becomes of a property");
    }

    #[test]
    fn a_property_fails_without_any_one_of_the_orders_that_it_is_said_to_need() {
        let table = migration_table::load(include_str!("../../../states.yaml")).table.expect("the table can be read");
        let bounds = crate::system::Bounds { attempts: 1, kills: 0, ..Default::default() };
        let composition =
            Composition::new(&table, &System { bounds, ..System::of(&table) }).expect("the names are right");
        let graph = Graph::explore(&composition, &mut |_| {});
        let decide = |graph: &Graph<'_, '_>, property| decide(graph, property).expect("the names are right");
        let untimed = table.properties.iter().map(|property| (property, decide(&graph, property)));
        let failing: Vec<Untimed<'_>> =
            untimed.filter(|(_, verdict)| matches!(verdict.result, Outcome::Fails(_))).collect();
        let timed = decide_with_numbers(&graph, failing.clone(), usize::MAX).expect("the names are right");
        let mut told = 0;
        for ((property, _), verdict) in failing.iter().zip(timed) {
            let Outcome::Holds { needs } = verdict.result else { panic!("{}", property.name) };
            let with = |orders: Vec<Order>| with_orders(&graph, orders).expect("the names are right").graph(usize::MAX);
            assert!(!matches!(decide(&with(needs.clone()), property).result, Outcome::Fails(_)), "{}", property.name);
            for order in &needs {
                let fewer = needs.iter().filter(|other| *other != order).cloned().collect();
                assert!(matches!(decide(&with(fewer), property).result, Outcome::Fails(_)), "{order:?}");
                told += 1;
            }
        }
        assert!(told > 3, "{told} orders");
    }
}
