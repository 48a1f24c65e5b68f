//! A way out where no row of a state hears of a fact: a row that hears of it elsewhere leaves the state too.

use super::{ways, wording};
use crate::finding::{Edit, Offer, Part};
use crate::model::{FactSet, Kind, Machine, Row, StateId};

/// Helps that propose this after another way out, one for each row that hears one of the facts, leads to another state and
/// leaves states of the same sort: idle ones, or others.
pub(super) fn offers(machine: &Machine, states: &[StateId], facts: FactSet, otherwise: &str) -> Vec<Offer> {
    let is_idle = |state: StateId| machine.state(state).kind == Kind::Idle;
    let is_of_sort = |row: &Row, state: StateId| row.from.iter().any(|from| is_idle(*from) == is_idle(state));
    let hears = |row: &&Row| {
        let of_sort = states.iter().all(|state| is_of_sort(row, *state));
        of_sort && facts.iter().any(|fact| ways::hears(row, fact)) && !states.contains(&row.to)
    };
    let mut rows: Vec<&Row> = machine.rows.iter().filter(hears).collect();
    // By what they say, so that the order of rows decides nothing.
    rows.sort_by_key(|row| (&row.when, row.to, row.span));
    rows.dedup_by_key(|row| row.span);
    let names: Vec<String> = states.iter().map(|state| machine.state(*state).name.clone()).collect();
    let of_row = |row: &Row| {
        let is_like = |other: &&Row| other.span != row.span && (&other.when, other.to) == (&row.when, row.to);
        let line = match machine.rows.iter().find(is_like) {
            Some(_) => format!(" in line {}", row.span.line),
            None => String::new(),
        };
        let (states, when, to) = (wording::every_state(machine, states), &row.when, &machine.state(row.to).name);
        let help = format!("{otherwise}; or name {states} in `from:` of the transition `{when}` to `{to}`{line}");
        Offer { changes: vec![vec![Edit { row: row.span, part: Part::More(names.clone()) }]], help }
    };
    rows.into_iter().map(of_row).collect()
}
