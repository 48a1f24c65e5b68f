//! How findings name things: lists in backticks, short, in an order that does not depend on the order of rows.

use crate::model::{FactSet, Machine, Row, StateId};
use crate::syntax::written;

/// The most names of one list.
const NAMES_MAX: usize = 5;

/// Facts by name, for example "`cancel` and `ready`".
#[must_use]
pub fn facts(machine: &Machine, facts: FactSet) -> String {
    let ids = facts.iter();
    let mut names: Vec<&str> = ids.map(|id| machine.fact(id).name.as_str()).collect();
    names.sort_unstable();
    if names.is_empty() { "no fact at all".to_owned() } else { list(&names) }
}

/// States in the order of the file.
#[must_use]
pub fn states(machine: &Machine, states: &[StateId]) -> String {
    let names: Vec<&str> = states.iter().map(|id| machine.state(*id).name.as_str()).collect();
    list(&names)
}

/// The names of all states in backticks, however many, so that a person can do what a help says.
pub(super) fn every_state(machine: &Machine, states: &[StateId]) -> String {
    let names: Vec<String> = states.iter().map(|id| format!("`{}`", machine.state(*id).name)).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// Names in the given order: "`a`", "`a` and `b`", "`a`, `b`, `c`, `d` and 3 more".
#[must_use]
pub fn list(names: &[&str]) -> String {
    let shown = if names.len() > NAMES_MAX { NAMES_MAX - 1 } else { names.len().saturating_sub(1) };
    let (first, rest) = names.split_at(shown);
    let last = match rest {
        [] => return String::new(),
        [only] => format!("`{only}`"),
        [_, ..] => format!("{} more", rest.len()),
    };
    if first.is_empty() {
        return last;
    }
    let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
    format!("{} and {last}", first.join(", "))
}

/// Names as a list of a table: "a, b", each in quotes where YAML asks for them.
#[must_use]
pub fn line<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(written).collect();
    names.join(", ")
}

/// Returns what a row is called: by its formula, or by the case of the formula that it is.
#[must_use]
pub fn transition(row: &Row) -> String {
    if row.case == row.when {
        format!("transition `{}`", row.when)
    } else {
        format!("case `{}` of transition `{}`", row.case, row.when)
    }
}

/// The singular for one, the plural for more.
#[must_use]
pub fn plural<'w>(count: usize, one: &'w str, more: &'w str) -> &'w str {
    if count == 1 { one } else { more }
}
