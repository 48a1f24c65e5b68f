//! Which orders of timeouts a property needs, and whether the numbers of the table give them.

use migration_table::model::{Property, Table};

use crate::composition::Composition;
use crate::decide::decide;
use crate::graph::Graph;
use crate::names::Invalid;
use crate::property::{Outcome, Verdict};
use crate::system::{Clock, Order, System};

/// How much longer the second of two waits must be for its order to count, in milliseconds: what a busy host may be late.
const MARGIN_MS: u32 = 1_000;
/// Orders that are tried one at a time where the numbers do not help.
const TRIED_MAX: usize = 128;

/// Decides a property that fails without time once more with what the numbers of the table give, and says which orders
/// it needs, or which order would save it.
pub(crate) fn decide_with_numbers(
    table: &Table,
    system: &System,
    property: &Property,
    untimed: Verdict,
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
    if let Outcome::Fails(_) = timed.result {
        let mut would_hold_if = Vec::new();
        for order in all.iter().filter(|order| !given.contains(order)).take(TRIED_MAX) {
            let tried: Vec<Order> = given.iter().chain([order]).cloned().collect();
            if !matches!(holds_with(&tried)?.result, Outcome::Fails(_)) {
                would_hold_if.push(order.clone());
            }
        }
        return Ok(Verdict { would_hold_if, ..untimed });
    }
    let mut needs = given;
    let mut at = 0;
    while at < needs.len() {
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

/// Every order of two waits of different machines.
fn orders(table: &Table) -> Vec<Order> {
    let waits = table.machines.iter().flat_map(|machine| {
        let timed = machine.states.iter().filter(|state| state.timeout.is_some());
        timed.map(|state| (machine.name.clone(), state.name.clone()))
    });
    let waits: Vec<(String, String)> = waits.collect();
    let pairs = waits.iter().flat_map(|first| waits.iter().map(move |second| (first, second)));
    let apart = pairs.filter(|(first, second)| first.0 != second.0);
    apart.map(|(first, second)| Order { first: first.clone(), second: second.clone() }).collect()
}

fn after_ms(table: &Table, wait: &(String, String)) -> Option<u32> {
    let machine = table.machine(&wait.0)?;
    machine.state(machine.state_id(&wait.1)?).timeout.map(|timeout| timeout.after_ms)
}
