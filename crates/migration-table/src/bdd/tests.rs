//! Diagrams against plain enumeration over six facts.

use fastrand::Rng;
use rustc_hash::FxHashMap;

use super::*;
use crate::cases::can_hold;
use crate::model::FactSet;

/// All sets of the six facts that the conditions of these tests are about.
pub(crate) fn subsets() -> impl Iterator<Item = FactSet> {
    FACTS.subsets()
}

/// The facts that the conditions of these tests are about.
const FACTS: FactSet = FactSet::below(6);

/// Conditions over six facts, the same in every run.
pub(crate) fn conditions(count: u64) -> impl Iterator<Item = Condition> {
    fn condition(dice: &mut Rng, depth: u32) -> Condition {
        let kind = if depth == 0 { 0 } else { dice.usize(..6) };
        let mut part = || condition(dice, depth.saturating_sub(1));
        match kind {
            0 | 1 => Condition::Fact(FactId(dice.u16(..6))),
            2 => Condition::Not(Box::new(part())),
            3 | 4 => Condition::And(vec![part(), part(), part()]),
            _ => Condition::Or(vec![part(), part(), part()]),
        }
    }
    (0..count).map(|seed| condition(&mut Rng::with_seed(seed), 4))
}

fn holds_in(condition: &Condition) -> Vec<FactSet> {
    subsets().filter(|facts| condition.eval(*facts)).collect()
}

#[test]
fn a_diagram_holds_where_its_condition_does() {
    let mut diagrams = Diagrams::new();
    let mut known: FxHashMap<Vec<FactSet>, Bdd> = FxHashMap::default();
    for condition in conditions(4000) {
        let built = diagrams.build(&condition).unwrap();
        let sets = holds_in(&condition);
        assert!(subsets().all(|facts| diagrams.eval(built, facts) == condition.eval(facts)), "{condition:?}");
        assert_eq!(*known.entry(sets).or_insert(built), built, "equal sets are equal diagrams: {condition:?}");
    }
}

#[test]
fn restricting_and_choosing_agree_with_enumeration() {
    let mut diagrams = Diagrams::new();
    for (seed, condition) in (0u64..).zip(conditions(2000)) {
        let built = diagrams.build(&condition).unwrap();
        let chosen = |seed: u64| (0..6).filter(|fact| seed >> fact & 1 != 0).map(FactId).collect::<FactSet>();
        let (set, clear) = (chosen(seed), chosen(seed / 64) - chosen(seed));
        let left = diagrams.restrict_all(built, set, clear).unwrap();
        let some = diagrams.exists(built, set).unwrap();
        let mut depends = FactSet::EMPTY;
        for facts in subsets() {
            assert_eq!(diagrams.eval(left, facts), condition.eval((facts - clear) | set));
            let any = subsets().any(|other| other - set == facts - set && condition.eval(other));
            assert_eq!(diagrams.eval(some, facts), any);
            let differs = |fact: &FactId| condition.eval(facts) != condition.eval(facts ^ *fact);
            depends |= FACTS.iter().filter(differs).collect::<FactSet>();
        }
        assert_eq!(diagrams.depends_on(built), depends, "{condition:?}");
    }
}

#[test]
fn a_condition_can_hold_where_some_set_of_facts_makes_it() {
    for condition in conditions(2000) {
        assert_eq!(can_hold(&condition), Ok(!holds_in(&condition).is_empty()));
    }
}

#[test]
fn the_smallest_set_has_the_fewest_facts_and_then_the_first_by_order() {
    let orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]];
    let mut diagrams = Diagrams::new();
    for condition in conditions(2000) {
        let built = diagrams.build(&condition).unwrap();
        for order in orders {
            let key = |facts: &FactSet| {
                let places = (0..6).filter(|place| facts.contains(FactId(order[*place])));
                (facts.len(), places.collect::<Vec<usize>>())
            };
            let expected = holds_in(&condition).into_iter().min_by_key(key);
            assert_eq!(diagrams.smallest(built, &order.map(FactId)), Ok(expected), "{condition:?} {order:?}");
        }
    }
}

#[test]
fn work_is_bounded() {
    let mut diagrams = Diagrams::with_nodes_max(1000);
    let pair = |bit| Condition::And(vec![Condition::Fact(FactId(bit)), Condition::Fact(FactId(bit + 32))]);
    let pairs = Condition::Or((0..32).map(pair).collect());
    assert_eq!(diagrams.build(&pairs), Err(TooLarge));
    assert_eq!(Diagrams::new().build(&pairs), Err(TooLarge));
}
