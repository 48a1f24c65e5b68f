//! Which orders of timeouts a property needs, and whether the numbers of the table give them.

use migration_table::model::{Property, Table};

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

/// Decides a property that fails without time once more with what the numbers of the table give, and says which orders
/// it needs, or which order would save it: that only `with_why`.
pub(crate) fn decide_with_numbers(
    table: &Table,
    system: &System,
    property: &Property,
    untimed: Verdict,
    with_why: bool,
    progress: &mut dyn FnMut(usize),
) -> Result<Verdict, Invalid> {
    let all = orders(table);
    let is_given = |order: &&Order| {
        let (first, second) = (after_ms(table, &order.first), after_ms(table, &order.second));
        first.zip(second).is_some_and(|(first, second)| second >= first.saturating_add(MARGIN_MS))
    };
    let given: Vec<Order> = all.iter().filter(is_given).cloned().collect();
    let mut holds_with = |orders: &[Order]| -> Result<Verdict, Invalid> {
        let clock = Clock::Orders(orders.to_vec());
        let composition = Composition::new(table, &System { clock, ..system.clone() })?;
        decide(&Graph::explore(&composition, progress), property)
    };
    if all.is_empty() {
        return Ok(untimed);
    }
    let timed = holds_with(&given)?;
    if !with_why {
        return Ok(if matches!(timed.result, Outcome::Fails(_)) { untimed } else { timed });
    }
    if let Outcome::Fails(run) = &timed.result {
        let mut would_hold_if = Vec::new();
        // An order that leaves the run possible does not help.
        let helps = |order: &&Order| !given.contains(order) && rules_out(table, order, run);
        for order in all.iter().filter(helps).take(TRIED_MAX) {
            let tried: Vec<Order> = given.iter().chain([order]).cloned().collect();
            if !matches!(holds_with(&tried)?.result, Outcome::Fails(_)) {
                would_hold_if.push(order.clone());
            }
        }
        return Ok(Verdict { would_hold_if, ..untimed });
    }
    let mut needs = needed(table, &given, &untimed, &mut holds_with)?;
    let mut at = 0;
    while at < needs.len() && needs.len() > 1 {
        let mut fewer = needs.clone();
        fewer.remove(at);
        if matches!(holds_with(&fewer)?.result, Outcome::Fails(_)) {
            at += 1;
        } else {
            needs = fewer;
        }
    }
    let result = match timed.result {
        Outcome::Holds { .. } => Outcome::Holds { needs },
        other @ (Outcome::Fails(_) | Outcome::Vacuous { .. } | Outcome::NotExhausted) => other,
    };
    Ok(Verdict { result, ..timed })
}

/// Finds orders with which a property holds: each counterexample says which given order rules it out, until there is
/// none. `untimed` is the first.
fn needed(
    table: &Table,
    given: &[Order],
    untimed: &Verdict,
    holds_with: &mut dyn FnMut(&[Order]) -> Result<Verdict, Invalid>,
) -> Result<Vec<Order>, Invalid> {
    let (mut needs, mut verdict) = (Vec::new(), untimed.clone());
    while let Outcome::Fails(run) = &verdict.result {
        let ruled_out = given.iter().find(|order| !needs.contains(*order) && rules_out(table, order, run));
        let Some(order) = ruled_out else { return Ok(given.to_vec()) };
        needs.push(order.clone());
        verdict = holds_with(&needs)?;
    }
    Ok(needs)
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
