//! The cases of a condition: an irredundant sum of products, by the method of Minato and Morreale.
//!
//! Generated tables compare facts with masks instead of walking a tree. The list follows from what the condition means
//! and from nothing else: two ways of writing it give the same cubes in the same order.

use super::Condition;
use crate::bdd::{Bdd, Diagrams, TooLarge};
use crate::model::FactId;

/// The most cubes of one condition. A row with more is not one that a reviewer can follow.
const CUBES_MAX: usize = 1024;

/// One case of a condition: some facts are there, some are not, and the rest do not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cube {
    /// The facts that must be there.
    pub set: u64,
    /// The facts that must not be there; none of them is in `set`.
    pub clear: u64,
}

impl Cube {
    /// Whether it holds when exactly these facts are there.
    #[must_use]
    pub const fn holds(self, facts: u64) -> bool {
        facts & (self.set | self.clear) == self.set
    }
}

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

/// Where any of these cases holds.
///
/// # Errors
///
/// When there are too many cases.
pub fn union(diagrams: &mut Diagrams, cubes: &[Cube]) -> Result<Bdd, TooLarge> {
    let mut any = Bdd::NEVER;
    for cube in cubes {
        let mut all = Bdd::ALWAYS;
        for fact in (0..64).map(FactId).filter(|fact| (cube.set | cube.clear) & fact.bit() != 0) {
            let (without, with) = if cube.set & fact.bit() == 0 { (all, Bdd::NEVER) } else { (Bdd::NEVER, all) };
            all = diagrams.branch(fact, without, with)?;
        }
        any = diagrams.or(any, all)?;
    }
    Ok(any)
}

/// The fewest cases that hold wherever one of these does, sorted.
///
/// # Errors
///
/// When there are too many cases.
pub fn fewest(diagrams: &mut Diagrams, cubes: &[Cube]) -> Result<Vec<Cube>, TooLarge> {
    let any = union(diagrams, cubes)?;
    between(diagrams, any, any)
}

/// Cubes that hold wherever `lower` does and nowhere that `upper` does not, sorted. `lower` implies `upper`; the wider
/// the gap, the shorter the cubes.
///
/// # Errors
///
/// When there are too many cases.
pub fn between(diagrams: &mut Diagrams, lower: Bdd, upper: Bdd) -> Result<Vec<Cube>, TooLarge> {
    let (mut cubes, _) = cover(diagrams, lower, upper)?;
    cubes.sort_unstable();
    Ok(cubes)
}

/// Cubes that hold wherever `lower` does and nowhere that `upper` does not, and the set that they make up.
fn cover(diagrams: &mut Diagrams, lower: Bdd, upper: Bdd) -> Result<(Vec<Cube>, Bdd), TooLarge> {
    if lower.is_never() {
        return Ok((Vec::new(), Bdd::NEVER));
    }
    if upper.is_always() {
        return Ok((vec![Cube { set: 0, clear: 0 }], Bdd::ALWAYS));
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

fn join(fact: FactId, without: Vec<Cube>, with: Vec<Cube>, either: Vec<Cube>) -> Result<Vec<Cube>, TooLarge> {
    if without.len() + with.len() + either.len() > CUBES_MAX {
        return Err(TooLarge);
    }
    let without = without.into_iter().map(|cube| Cube { clear: cube.clear | fact.bit(), ..cube });
    let with = with.into_iter().map(|cube| Cube { set: cube.set | fact.bit(), ..cube });
    Ok(without.chain(with).chain(either).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bdd::tests::{conditions, subsets};

    #[test]
    fn cubes_hold_where_the_condition_does_and_none_of_them_can_be_left_out() {
        for condition in conditions(4000) {
            let cubes = cubes(&condition).unwrap();
            assert!(cubes.is_sorted());
            let hold = |cubes: &[Cube], facts| cubes.iter().any(|cube| cube.holds(facts));
            assert!(subsets().all(|facts| hold(&cubes, facts) == condition.eval(facts)), "{condition:?}: {cubes:?}");
            for (index, cube) in cubes.iter().enumerate() {
                let mut others = cubes.clone();
                others.remove(index);
                assert!(
                    subsets().any(|facts| hold(&others, facts) != condition.eval(facts)),
                    "{condition:?}: {cubes:?}"
                );
                for bit in (0..6).map(|bit| 1 << bit).filter(|bit| (cube.set | cube.clear) & bit != 0) {
                    let wider = Cube { set: cube.set & !bit, clear: cube.clear & !bit };
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
        assert_eq!(pairs.is_satisfiable(), Ok(true));
    }
}
