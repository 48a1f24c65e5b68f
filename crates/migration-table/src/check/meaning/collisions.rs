//! Rows of one state of which nobody has said which fires.

use crate::bdd::{Bdd, TooLarge};
use crate::check::subject::Subject;
use crate::model::{Row, StateId};
use crate::step;

/// Rows of one state of which nobody has said which fires, as indices into the rows of the machine, and the facts with
/// which that is so.
pub(super) struct Collision {
    pub(super) rows: (usize, usize),
    pub(super) state: StateId,
    pub(super) facts: Bdd,
}

/// Every two rows that collide in some state.
pub(super) fn collisions(subject: &mut Subject<'_>) -> Result<Vec<Collision>, TooLarge> {
    let mut found = Vec::new();
    for state in subject.machine.state_ids() {
        let present = subject.reached.present(state);
        if present.is_never() {
            continue;
        }
        let moves = subject.moves(state);
        let mut possible = Vec::new();
        for step in &moves {
            possible.push(subject.space.diagrams.and(step.wins, present)?);
        }
        for (index, first) in moves.iter().enumerate().filter(|(index, _)| !possible[*index].is_never()) {
            let rank = subject.space.row(first).rank;
            for (at, second) in moves.iter().enumerate().skip(index + 1) {
                if subject.machine.rows[second.row].rank != rank {
                    break;
                }
                let both = subject.space.diagrams.and(possible[index], possible[at])?;
                let facts = matters(subject, first.row, second.row, both)?;
                if !facts.is_never() {
                    let rows = (first.row.min(second.row), first.row.max(second.row));
                    found.push(Collision { rows, state, facts });
                }
            }
        }
    }
    Ok(found)
}

/// Those of the facts with which it matters which of two rows fires.
pub(super) fn matters(subject: &mut Subject<'_>, first: usize, second: usize, both: Bdd) -> Result<Bdd, TooLarge> {
    let (first, second) = (&subject.machine.rows[first], &subject.machine.rows[second]);
    if both.is_never() || difference(first, second).is_some() {
        return Ok(both);
    }
    // They may still differ in the triggers that they leave pending, if one of those is pending and heard later.
    let unequal = step::gone(subject.machine, first) ^ step::gone(subject.machine, second);
    let unequal = unequal & subject.heard_from(first.to);
    let mut race = Bdd::NEVER;
    for fact in unequal.iter() {
        let pending = subject.space.diagrams.branch(fact, Bdd::NEVER, Bdd::ALWAYS)?;
        let pending = subject.space.diagrams.and(both, pending)?;
        race = subject.space.diagrams.or(race, pending)?;
    }
    Ok(race)
}

/// In what two rows differ whatever is pending.
pub(super) fn difference(first: &Row, second: &Row) -> Option<&'static str> {
    if first.to != second.to {
        Some("where they go")
    } else if first.public != second.public {
        Some("whether they publish")
    } else if first.sends != second.sends {
        Some("what they send")
    } else if first.reason != second.reason {
        Some("the reason that they give")
    } else {
        None
    }
}
