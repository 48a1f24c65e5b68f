//! Settings of one parameter: it has one value at a time, and one that has a value has any.

use super::{compared, keys, public_of};
use crate::compare::Verdict;
use crate::public::{Public, project, promise};
use migration_table::testing::load;

const TABLE: &str = "format: 1
machine: small
statuses:
  none:    { since: '0.1', doc: 'nothing was done' }
  active:  { since: '0.1', doc: 'it is being done' }
  waiting: { since: '0.1', doc: 'it waits' }
triggers:
  start: { command: start, doc: 'begins' }
events:
  done: { doc: 'it is done' }
guards:
  fast: { parameter: mode, is: fast, fixed: true, doc: 'quick' }
  slow: { parameter: mode, is: slow, fixed: true, doc: 'slow' }
  any:  { parameter: mode, fixed: true, doc: 'some mode' }
machines:
  source:
    doc: 'the only machine'
    states:
      none:    { kind: idle, shows: none, initial: true, doc: 'nothing was done' }
      active:  { kind: work, shows: active, doc: 'at work' }
      waiting: { kind: work, shows: waiting, doc: 'at work' }
    transitions:
      - { from: none, when: start, to: active, public: true }
      - { from: active, when: done and WAITS, to: waiting, public: true }
      - { from: active, when: done and not WAITS, to: none, public: true }
      - { from: waiting, when: done, to: none, public: true }
    answers:
      - { in: work, trigger: start, answer: ignore }
";

/// The machine that waits where this holds.
fn waits(condition: &str) -> Public {
    public_of(&TABLE.replace("WAITS", &format!("({condition})")))
}

#[test]
fn settings_that_no_client_can_make_are_not_compared() {
    let old = waits("fast and not slow or slow and not fast or any and not any");
    // One value excludes the other, and either excludes that there is none.
    for same in [
        "fast or slow or any and not any",
        "fast and any and not slow or slow and not fast",
        "fast and any or slow and any",
        "slow or fast and not slow or fast and slow and not any",
    ] {
        let report = compared(&waits(same), &old);
        let behaviour: Vec<String> = keys(&report).into_iter().filter(|key| !key.contains("mode")).collect();
        assert_eq!(behaviour, Vec::<String>::new(), "{same}");
        assert!(report.verdicts.iter().all(|verdict| verdict.compatible), "{same}");
    }
}

#[test]
fn the_condition_names_no_more_than_what_tells_the_settings_apart() {
    let found = keys(&compared(&waits("fast or slow"), &waits("slow and not fast or fast and slow")));
    assert!(found.iter().any(|key| key.ends_with("[when mode=fast]")), "{found:#?}");
}

/// A client that gives the parameter another value does not set it for the first time.
#[test]
fn a_step_that_gives_a_value_says_that_there_is_one() {
    let side = |to: &str| {
        let leaves = format!(
            "when: done and any and not fast, to: {to}, public: true }}
      - {{ from: waiting, when: done and (fast or not any), to: none"
        );
        let text = TABLE
            .replace("WAITS", "fast")
            .replace("from: waiting, when: done, to: none", &format!("from: waiting, {leaves}"));
        public_of(&text.replace("fixed: true, ", ""))
    };
    let report = compared(&side("active"), &side("none"));
    let steps = report.changes.iter().flat_map(|change| &change.evidence);
    let set: Vec<&Vec<(String, bool)>> = steps.map(|step| &step.set).filter(|set| !set.is_empty()).collect();
    let names = |set: &Vec<(String, bool)>, is_on: bool| -> Vec<String> {
        set.iter().filter(|(_, on)| *on == is_on).map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(set[0], true), ["mode=*", "mode=fast"], "{set:?}");
    assert_eq!((names(set[1], false), names(set[1], true)), (vec!["mode=fast".to_owned()], Vec::new()), "{set:?}");
}

#[test]
fn a_parameter_of_which_a_value_is_asked_for_is_not_gone() {
    let found = keys(&compared(&waits("fast or slow"), &waits("fast or slow or any and fast")));
    assert!(!found.iter().any(|key| key.starts_with("tombstone-missing")), "{found:#?}");
    assert!(!found.iter().any(|key| key.starts_with("event-")), "{found:#?}");
}

#[test]
fn a_value_of_a_parameter_that_could_have_any_is_compared() {
    // A client of either side could give every value.
    for (new, old) in [("any or slow", "any and not any"), ("fast", "any"), ("any", "fast")] {
        let report = compared(&waits(new), &waits(old));
        let breaks = |verdict: &Verdict| verdict.observer != "E!" || !verdict.compatible;
        assert!(report.verdicts.iter().all(breaks), "{new}, {old}: {:#?}", keys(&report));
        assert!(!keys(&report).iter().any(|key| key.starts_with("configuration-added")), "{:#?}", keys(&report));
    }
}

#[test]
fn a_promise_is_not_broken_by_settings_that_no_client_can_make() {
    let text = TABLE.replace("WAITS", "(fast and slow)").replace(
        "machines:",
        "guarantees:
  never_waits: { machine: source, after: start, ends: [none], doc: 'ends' }
machines:",
    );
    let text = text.replace("      - { from: waiting, when: done, to: none, public: true }\n", "");
    let text = text.replace("waiting: { kind: work", "waiting: { kind: idle");
    let table = load(&text);
    let side = project(&table).unwrap();
    assert!(side.guarantees.values().all(|guarantee| promise::is_kept(guarantee, &side)), "{side:#?}");
}
