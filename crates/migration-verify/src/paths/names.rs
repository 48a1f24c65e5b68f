//! Names of walks: what leaves the happy path, and where the walk ends.

use std::collections::BTreeMap;

use migration_table::model::{Kind, Machine};

use super::graph::{Edge, Fired};

/// The most events that a name tells.
const TOLD_MAX: usize = 4;

/// Returns a name for each walk, no two the same.
pub(super) fn of(machine: &Machine, walks: &[Vec<&Edge>]) -> Vec<String> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let distinct = |walk: &Vec<&Edge>| {
        let name = name(machine, walk);
        let count = used.entry(name.clone()).or_default();
        *count += 1;
        if *count == 1 { name } else { format!("{name}-{count}") }
    };
    walks.iter().map(distinct).collect()
}

fn name(machine: &Machine, walk: &[&Edge]) -> String {
    let mut parts = vec![machine.name.clone()];
    let mut told: Vec<String> = walk.iter().filter_map(|edge| told(machine, edge)).collect();
    let many = told.len();
    if many > TOLD_MAX {
        told.drain(TOLD_MAX - 1..many - 1);
        told.insert(TOLD_MAX - 1, format!("{}-more", many - TOLD_MAX));
    }
    parts.extend(told);
    let end = walk.iter().rev().find_map(|edge| edge.rows.last()).map(|(_, row)| machine.rows[*row].to);
    parts.push(machine.state(end.unwrap_or(machine.initial)).name.clone());
    parts.dedup();
    parts.join("--")
}

/// What a step does beside the happy path; `None` where it follows the path, and during clean-up.
fn told(machine: &Machine, edge: &Edge) -> Option<String> {
    let (state, row) = *edge.rows.iter().find(|fired| !is_expected(machine, **fired))?;
    let (fact, from) = (machine.fact(edge.fact), &machine.state(state).name);
    let to = machine.rows[row].to;
    let is_detour = !fact.is_trigger() && !fact.carries_cause && machine.state(to).kind != Kind::Cleanup;
    Some(if is_detour { format!("to-{}", machine.state(to).name) } else { format!("{}-in-{from}", fact.name) })
}

fn is_expected(machine: &Machine, (state, row): Fired) -> bool {
    let to = machine.rows[row].to;
    let is_next = machine.happy_path.windows(2).any(|pair| pair == [state, to]);
    let begins_again = machine.state(state).kind == Kind::Idle && machine.happy_path.get(1) == Some(&to);
    is_next || begins_again || machine.state(state).kind == Kind::Cleanup
}
