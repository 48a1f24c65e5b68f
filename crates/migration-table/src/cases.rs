//! The cases of a condition: an irredundant sum of products, by the method of Minato and Morreale.
//!
//! Generated tables compare facts with masks instead of walking a tree. The list follows from what the condition means
//! and from nothing else: two ways of writing it give the same cubes in the same order.
//!
//! What a formula is the sum of is another question, and [`alternatives`] answers it: `a or b` is two rows, whatever
//! could be left out of one of them because of the other.

use crate::bdd::{Bdd, Diagrams, TooLarge};
use crate::model::{Condition, Cube, Id};

/// The most cubes of one condition. A row with more is not one that a reviewer can follow.
const CUBES_MAX: usize = 1024;

/// Returns the cases that a formula is the sum of: what stands on either side of an `or`, with `and` distributed over
/// it. Each is one row of the machine. An alternative that contradicts itself is a case that never holds.
///
/// # Errors
///
/// When there are too many cases.
pub fn alternatives(condition: &Condition) -> Result<Vec<Condition>, TooLarge> {
    let mut found: Vec<Condition> = Vec::new();
    let mut add = |case: Condition| {
        if !found.contains(&case) {
            found.push(case);
        }
    };
    match condition {
        Condition::Or(parts) => {
            for part in parts {
                alternatives(part)?.into_iter().for_each(&mut add);
            }
        }
        Condition::Fact(_) | Condition::Not(_) | Condition::And(_) => {
            let products = products(condition, true)?;
            if products.is_empty() {
                add(condition.clone());
            }
            products.into_iter().map(Condition::of).for_each(&mut add);
        }
    }
    if found.len() > CUBES_MAX { Err(TooLarge) } else { Ok(found) }
}

/// The cases in which a condition holds, or does not, with those left out that contradict themselves. Of cases that
/// `and` makes, one that asks for more than another is left out as well: nobody wrote it.
fn products(condition: &Condition, holds: bool) -> Result<Vec<Cube>, TooLarge> {
    let (parts, is_sum) = match condition {
        Condition::Fact(fact) if holds => return Ok(vec![Cube { set: (*fact).into(), ..Cube::ALWAYS }]),
        Condition::Fact(fact) => return Ok(vec![Cube { clear: (*fact).into(), ..Cube::ALWAYS }]),
        Condition::Not(inner) => return products(inner, !holds),
        Condition::And(parts) => (parts, !holds),
        Condition::Or(parts) => (parts, holds),
    };
    let mut all = if is_sum { Vec::new() } else { vec![Cube::ALWAYS] };
    for part in parts {
        let part = products(part, holds)?;
        if is_sum {
            all.extend(part);
        } else {
            all = joined(&all, &part)?;
        }
        if all.len() > CUBES_MAX {
            return Err(TooLarge);
        }
    }
    Ok(all)
}

/// The cases in which one of the first and one of the second hold.
fn joined(first: &[Cube], second: &[Cube]) -> Result<Vec<Cube>, TooLarge> {
    if first.len().saturating_mul(second.len()) > CUBES_MAX {
        return Err(TooLarge);
    }
    let both = |one: &Cube, other: &Cube| Cube { set: one.set | other.set, clear: one.clear | other.clear };
    let mut all: Vec<Cube> = first.iter().flat_map(|one| second.iter().map(move |other| both(one, other))).collect();
    all.retain(|case| !case.set.intersects(case.clear));
    let asks_more = |case: &Cube, at: usize, other: &Cube, place: usize| {
        case.set.includes(other.set) && case.clear.includes(other.clear) && (case != other || place < at)
    };
    let needed = |(at, case): &(usize, &Cube)| {
        !all.iter().enumerate().any(|(place, other)| place != *at && asks_more(case, *at, other, place))
    };
    Ok(all.iter().enumerate().filter(needed).map(|(_, case)| *case).collect())
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

/// Returns whether some set of facts makes a condition hold.
///
/// # Errors
///
/// When the condition has too many cases to decide.
pub fn can_hold(condition: &Condition) -> Result<bool, TooLarge> {
    Ok(!Diagrams::new().build(condition)?.is_never())
}

/// Whether one of these cases holds, whatever is so; `false` where there are too many cases to decide.
#[must_use]
pub fn hold_always<I: Id>(cubes: &[Cube<I>]) -> bool {
    union(&mut Diagrams::new(), cubes) == Ok(Bdd::ALWAYS)
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
    use crate::model::{FactId, FactSet};

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
    fn a_formula_is_the_sum_of_its_alternatives() {
        for condition in conditions(4000) {
            let alternatives = alternatives(&condition).unwrap();
            let any = |facts| alternatives.iter().any(|case| case.eval(facts));
            assert!(subsets().all(|facts| any(facts) == condition.eval(facts)), "{condition:?}: {alternatives:?}");
            let hold = |case: &Condition| cubes(case).unwrap().len();
            assert!(alternatives.iter().all(|case| hold(case) <= 1), "{condition:?}: {alternatives:?}");
        }
    }

    #[test]
    fn what_is_written_apart_stays_apart() {
        let fact = |number| Condition::Fact(FactId(number));
        let (a, b, c) = (fact(0), fact(1), fact(2));
        let and = |parts: &[&Condition]| Condition::And(parts.iter().map(|part| (*part).clone()).collect());
        let or = |parts: &[&Condition]| Condition::Or(parts.iter().map(|part| (*part).clone()).collect());
        let not = |part: &Condition| Condition::Not(Box::new(part.clone()));
        let texts = |condition: &Condition| alternatives(condition).unwrap();
        let case = |set: &[u16], clear: &[u16]| {
            let set_of = |numbers: &[u16]| numbers.iter().copied().map(FactId).collect();
            Condition::of(Cube { set: set_of(set), clear: set_of(clear) })
        };
        assert_eq!(texts(&or(&[&a, &and(&[&a, &b])])), [case(&[0], &[]), case(&[0, 1], &[])]);
        assert_eq!(texts(&and(&[&a, &or(&[&b, &not(&b)])])), [case(&[0, 1], &[]), case(&[0], &[1])]);
        assert_eq!(texts(&and(&[&or(&[&a, &b]), &or(&[&a, &c])])), [case(&[0], &[]), case(&[1, 2], &[])]);
        assert_eq!(texts(&not(&or(&[&a, &b]))), [case(&[], &[0, 1])]);
        assert_eq!(texts(&not(&and(&[&a, &b]))), [case(&[], &[0]), case(&[], &[1])]);
        let never = and(&[&a, &not(&a)]);
        assert_eq!(texts(&or(&[&never, &b])), [never.clone(), case(&[1], &[])]);
        assert_eq!(texts(&and(&[&or(&[&a, &b]), &not(&a)])), [case(&[1], &[0])]);
    }

    #[test]
    fn too_many_cases_are_refused() {
        let pair = |bit| Condition::Or(vec![Condition::Fact(FactId(bit)), Condition::Fact(FactId(bit + 1))]);
        let pairs = Condition::And((0..32).map(|index| pair(2 * index)).collect());
        assert_eq!(cubes(&pairs), Err(TooLarge));
        assert_eq!(alternatives(&pairs), Err(TooLarge));
        assert_eq!(can_hold(&pairs), Ok(true));
    }
}
