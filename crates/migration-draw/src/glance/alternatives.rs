//! What one fact does in one state when it comes in and nothing else is there: where it leads, under which guards, and
//! what it still needs where it does not lead anywhere alone.

use migration_table::bdd::{Bdd, TooLarge};

use migration_table::explore::Space;
use migration_table::model::{Cube, FactId, StateId};

use super::words;

/// The lines of a cell for a fact that the state knows, where it is taken: `taken` says under which guards that is.
pub(super) fn lines(space: &mut Space<'_>, state: StateId, fact: FactId, taken: Bdd) -> Result<Vec<String>, TooLarge> {
    let mut lines = alone(space, state, fact, taken)?;
    lines.extend(with_others(space, state, fact)?);
    Ok(lines)
}

/// Where it leads by itself: `go S`, or one line for each place with the guards that decide.
fn alone(space: &mut Space<'_>, state: StateId, fact: FactId, taken: Bdd) -> Result<Vec<String>, TooLarge> {
    let machine = space.machine;
    let others = (machine.triggers() | machine.events()) - fact;
    let mut ways: Vec<(StateId, Bdd)> = Vec::new();
    for step in space.place_of(state).moves.clone() {
        let wins = space.diagrams.restrict_all(step.wins, fact.into(), others)?;
        let wins = space.diagrams.and(wins, taken)?;
        let to = space.row(&step).to;
        if wins.is_never() {
            continue;
        }
        match ways.iter_mut().find(|(known, _)| *known == to) {
            Some((_, all)) => *all = space.diagrams.or(*all, wins)?,
            None => ways.push((to, wins)),
        }
    }
    ways.sort_by_key(|(to, _)| *to);
    let mut lines = Vec::new();
    for (to, wins) in ways {
        let condition = words::condition(space, wins, Bdd::ALWAYS)?;
        let if_ = if condition.is_empty() { String::new() } else { format!(" if {condition}") };
        lines.push(format!("go {}{if_}", words::state(machine, to)));
    }
    Ok(lines)
}

/// Where it leads together with other facts, and what it keeps from happening. Other facts decide here, so precedence
/// is not considered: these are the words of the rows.
fn with_others(space: &mut Space<'_>, state: StateId, fact: FactId) -> Result<Vec<String>, TooLarge> {
    let machine = space.machine;
    let mut lines = Vec::new();
    for step in space.place_of(state).moves.clone() {
        let row = space.row(&step);
        if !row.mentions.contains(fact) {
            continue;
        }
        let to = words::state(machine, row.to);
        let facts = machine.triggers() | machine.events();
        let needing = row.cubes.iter().filter(|cube| cube.set.contains(fact));
        let rest: Vec<Cube> = needing.map(|cube| cube.without(fact.into())).collect();
        let joined: Vec<Cube> = rest.iter().copied().filter(|cube| cube.set.intersects(facts)).collect();
        if !joined.is_empty() {
            lines.push(format!("go {to} with {}", words::cases(machine, &joined)));
        } else if rest.is_empty() {
            lines.push(format!("bars {to}"));
        }
    }
    lines.sort();
    lines.dedup();
    Ok(lines)
}
