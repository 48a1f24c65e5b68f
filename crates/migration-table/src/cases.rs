//! The cases of a condition: an irredundant sum of products, by the method of Minato and Morreale.
//!
//! Generated tables compare facts with masks instead of walking a tree. The list follows from what the condition means
//! and from nothing else: two ways of writing it give the same cubes in the same order.

use crate::bdd::{Bdd, Diagrams, TooLarge};
use crate::model::{Condition, Cube, FactId, Id};

/// The most cubes of one condition. A row with more is not one that a reviewer can follow.
const CUBES_MAX: usize = 1024;

/// The cases in which a condition holds, sorted; none when it never does. No cube can be left out, and no fact of a
/// cube either.
///
/// # Errors
///
/// When there are too many cases.
pub fn cubes(condition: &Condition) -> Result<Vec<Cube>, TooLarge> {
    let mut diagrams = Diagrams::new();
    let all = diagrams.build(condition)?;
    between(&mut diagrams, all, all)
}

/// Returns whether some set of facts makes a condition hold.
///
/// # Errors
///
/// When the condition has too many cases to decide.
pub fn can_hold(condition: &Condition) -> Result<bool, TooLarge> {
    Ok(!Diagrams::new().build(condition)?.is_never())
}

/// Returns whether a condition can hold only with the fact there: some set of facts makes it hold, and none without
/// this fact. A condition that never holds needs nothing.
///
/// # Errors
///
/// When the condition has too many cases to decide.
pub fn needs(condition: &Condition, fact: FactId) -> Result<bool, TooLarge> {
    let mut diagrams = Diagrams::new();
    let all = diagrams.build(condition)?;
    Ok(!all.is_never() && diagrams.restrict(all, fact, false)?.is_never())
}

/// Where any of these cases holds.
///
/// # Errors
///
/// When there are too many cases.
pub fn union<I: Id>(diagrams: &mut Diagrams<I>, cubes: &[Cube<I>]) -> Result<Bdd, TooLarge> {
    let mut any = Bdd::NEVER;
    for cube in cubes {
        let case = diagrams.case(*cube)?;
        any = diagrams.or(any, case)?;
    }
    Ok(any)
}

/// The fewest cases that hold wherever one of these does, sorted.
///
/// # Errors
///
/// When there are too many cases.
pub fn fewest<I: Id + Ord>(diagrams: &mut Diagrams<I>, cubes: &[Cube<I>]) -> Result<Vec<Cube<I>>, TooLarge> {
    let any = union(diagrams, cubes)?;
    between(diagrams, any, any)
}

/// Cubes that hold wherever `lower` does and nowhere that `upper` does not, sorted. `lower` implies `upper`; the wider
/// the gap, the shorter the cubes.
///
/// # Errors
///
/// When there are too many cases.
pub fn between<I: Id + Ord>(diagrams: &mut Diagrams<I>, lower: Bdd, upper: Bdd) -> Result<Vec<Cube<I>>, TooLarge> {
    let (mut cubes, _) = cover(diagrams, lower, upper)?;
    cubes.sort_unstable();
    Ok(cubes)
}

/// Cubes that hold wherever `lower` does and nowhere that `upper` does not, and the set that they make up.
fn cover<I: Id>(diagrams: &mut Diagrams<I>, lower: Bdd, upper: Bdd) -> Result<(Vec<Cube<I>>, Bdd), TooLarge> {
    if lower.is_never() {
        return Ok((Vec::new(), Bdd::NEVER));
    }
    if upper.is_always() {
        return Ok((vec![Cube::ALWAYS], Bdd::ALWAYS));
    }
    let fact = diagrams.first_fact(lower, upper);
    let (lower_without, lower_with) = diagrams.split(lower, fact);
    let (upper_without, upper_with) = diagrams.split(upper, fact);
    let only_without = diagrams.minus(lower_without, upper_with)?;
    let (without, without_set) = cover(diagrams, only_without, upper_without)?;
    let only_with = diagrams.minus(lower_with, upper_without)?;
    let (with, with_set) = cover(diagrams, only_with, upper_with)?;
    let rest_without = diagrams.minus(lower_without, without_set)?;
    let rest_with = diagrams.minus(lower_with, with_set)?;
    let rest = diagrams.or(rest_without, rest_with)?;
    let both_upper = diagrams.and(upper_without, upper_with)?;
    let (either, either_set) = cover(diagrams, rest, both_upper)?;
    let branched = diagrams.branch(fact, without_set, with_set)?;
    let set = diagrams.or(branched, either_set)?;
    Ok((join(fact, without, with, either)?, set))
}

fn join<I: Id>(
    fact: I,
    without: Vec<Cube<I>>,
    with: Vec<Cube<I>>,
    either: Vec<Cube<I>>,
) -> Result<Vec<Cube<I>>, TooLarge> {
    if without.len() + with.len() + either.len() > CUBES_MAX {
        return Err(TooLarge);
    }
    let without = without.into_iter().map(|cube| Cube { clear: cube.clear | fact, ..cube });
    let with = with.into_iter().map(|cube| Cube { set: cube.set | fact, ..cube });
    Ok(without.chain(with).chain(either).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bdd::tests::{conditions, subsets};
    use crate::model::FactSet;

    #[test]
    fn cubes_hold_where_the_condition_does_and_none_of_them_can_be_left_out() {
        for condition in conditions(4000) {
            let cubes = cubes(&condition).unwrap();
            assert!(cubes.is_sorted());
            let hold = |cubes: &[Cube], facts: FactSet| cubes.iter().any(|cube| cube.holds(facts));
            assert!(subsets().all(|facts| hold(&cubes, facts) == condition.eval(facts)), "{condition:?}: {cubes:?}");
            for (index, cube) in cubes.iter().enumerate() {
                let mut others = cubes.clone();
                others.remove(index);
                assert!(
                    subsets().any(|facts| hold(&others, facts) != condition.eval(facts)),
                    "{condition:?}: {cubes:?}"
                );
                for fact in cube.asks() {
                    let wider = cube.without(fact.into());
                    assert!(
                        subsets().any(|facts| wider.holds(facts) && !condition.eval(facts)),
                        "{condition:?}: {cube:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn another_way_of_writing_it_gives_the_same_cubes() {
        for condition in conditions(1000) {
            let twice = Condition::Not(Box::new(Condition::Not(Box::new(condition.clone()))));
            let absorbed = Condition::Or(vec![Condition::And(vec![Condition::Fact(FactId(5)), twice.clone()]), twice]);
            assert_eq!(cubes(&condition), cubes(&absorbed));
        }
    }

    #[test]
    fn too_many_cases_are_refused() {
        let pair = |bit| Condition::Or(vec![Condition::Fact(FactId(bit)), Condition::Fact(FactId(bit + 1))]);
        let pairs = Condition::And((0..32).map(|index| pair(2 * index)).collect());
        assert_eq!(cubes(&pairs), Err(TooLarge));
        assert_eq!(can_hold(&pairs), Ok(true));
    }
}
