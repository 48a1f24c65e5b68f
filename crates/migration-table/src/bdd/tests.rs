//! Diagrams against plain enumeration over six facts.

use super::*;

/// All sets of the six facts that the conditions of these tests are about.
pub(crate) fn subsets() -> std::ops::Range<u64> {
    0..64
}

/// Conditions over six facts, the same in every run.
pub(crate) fn conditions(count: u64) -> impl Iterator<Item = Condition> {
    fn condition(state: &mut u64, depth: u32) -> Condition {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = *state >> 33;
        let mut part = || condition(state, depth.saturating_sub(1));
        match if depth == 0 { 0 } else { dice % 6 } {
            0 | 1 => Condition::Fact(FactId(u16::try_from(dice / 6 % 6).unwrap())),
            2 => Condition::Not(Box::new(part())),
            3 | 4 => Condition::And(vec![part(), part(), part()]),
            _ => Condition::Or(vec![part(), part(), part()]),
        }
    }
    (0..count).map(|seed| condition(&mut (seed * 7919 + 1), 4))
}

fn holds_in(condition: &Condition) -> Vec<u64> {
    subsets().filter(|facts| condition.eval(*facts)).collect()
}

#[test]
fn a_diagram_holds_where_its_condition_does() {
    let mut diagrams = Diagrams::new();
    let mut known: HashMap<Vec<u64>, Bdd> = HashMap::new();
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
        let (set, clear) = (seed % 64, (seed / 64 % 64) & !(seed % 64));
        let left = diagrams.restrict_all(built, set, clear).unwrap();
        let some = diagrams.exists(built, set).unwrap();
        let mut depends = 0;
        for facts in subsets() {
            assert_eq!(diagrams.eval(left, facts), condition.eval(facts & !clear | set));
            let any = subsets().any(|other| other & !set == facts & !set && condition.eval(other));
            assert_eq!(diagrams.eval(some, facts), any);
            let differs = |bit: &u64| condition.eval(facts) != condition.eval(facts ^ bit);
            depends |= (0..6).map(|bit| 1 << bit).filter(differs).sum::<u64>();
        }
        assert_eq!(diagrams.depends_on(built), depends, "{condition:?}");
    }
}

#[test]
fn a_condition_needs_what_it_never_holds_without() {
    for condition in conditions(2000) {
        let sets = holds_in(&condition);
        assert_eq!(condition.is_satisfiable(), Ok(!sets.is_empty()));
        for fact in (0..6).map(FactId) {
            let needs = !sets.is_empty() && sets.iter().all(|facts| facts & fact.bit() != 0);
            assert_eq!(condition.needs(fact), Ok(needs), "{condition:?} {fact:?}");
        }
    }
}

#[test]
fn the_smallest_set_has_the_fewest_facts_and_then_the_first_by_order() {
    let orders = [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 0, 5, 1, 4, 2]];
    let mut diagrams = Diagrams::new();
    for condition in conditions(2000) {
        let built = diagrams.build(&condition).unwrap();
        for order in orders {
            let key = |facts: &u64| {
                let places = (0..6).filter(|place| facts & (1 << order[*place]) != 0);
                (facts.count_ones(), places.collect::<Vec<usize>>())
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
