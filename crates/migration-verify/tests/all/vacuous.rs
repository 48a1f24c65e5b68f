//! Properties that say nothing, and properties that cannot be.

use migration_verify::Outcome;

use crate::tables::{outcome, report, table};

/// Two hosts, each with a marker that nothing sets.
const UNSET: &str = include_str!("../tables/hint.yaml");

/// A client that asks a server.
const ASKING: &str = include_str!("../tables/asking.yaml");

fn result(text: &str, property: &str) -> Outcome {
    let table = table(&format!("{text}properties:\n  p: {{ {property}, doc: \"d\" }}\n"));
    outcome(&report(&table), "p").clone()
}

fn vacuous(text: &str, property: &str) -> Option<String> {
    match result(text, property) {
        Outcome::Vacuous { because } => Some(because),
        Outcome::Holds { .. } | Outcome::Fails(_) | Outcome::NotExhausted => None,
    }
}

#[test]
fn a_promise_about_a_marker_that_nothing_sets_says_nothing() {
    assert_eq!(vacuous(UNSET, "at_most_one: owns").as_deref(), Some("`owns` is never true of a host"));
    let because = vacuous(UNSET, "never: a.owns and b.owns");
    assert_eq!(because.as_deref(), Some("`a.owns` never holds by itself"));
}

#[test]
fn a_promise_that_contradicts_itself_says_nothing() {
    let because = "`client.none` and `client.waits` never hold of one host at once";
    assert_eq!(vacuous(ASKING, "never: client.waits and client.none").as_deref(), Some(because));
    let because = "`client shows none` and `client.waits` never hold of one host at once";
    assert_eq!(vacuous(ASKING, "never: client.waits and client shows none").as_deref(), Some(because));
    // What is about one thing alone is what is promised.
    assert!(matches!(result(ASKING, "never: server.closes and client.down and server.down"), Outcome::Vacuous { .. }));
    assert!(matches!(result(ASKING, "never: server.works and not server shows busy"), Outcome::Vacuous { .. }));
    assert!(matches!(
        result(ASKING, "never: not (server.none or server shows busy or server.down)"),
        Outcome::Vacuous { .. }
    ));
}

#[test]
fn what_contradicts_itself_is_not_possible_however_many_attempts_there_are() {
    assert!(matches!(result(ASKING, "possible: client.waits and client.none"), Outcome::Fails(_)));
    assert!(matches!(result(ASKING, "possible: client.waits and client.none, from: client begins"), Outcome::Fails(_)));
    assert!(matches!(result(ASKING, "possible: client.waits and server.works"), Outcome::Holds { .. }));
    let lost = ASKING.replace("    transitions:\n      - { from: none, when: serve", "      lost: { kind: idle, shows: none, doc: \"is nowhere\" }\n    transitions:\n      - { from: none, when: serve");
    assert!(matches!(result(&lost, "possible: server.lost"), Outcome::Fails(_)));
    // Nobody sends the reply that would lead there.
    let row = "      - { from: works, when: worked, to: closes, sends: reply }\n";
    let silent = ASKING.replace(row, "      - { from: works, when: worked, to: closes }\n");
    let silent = silent.replace("when: reply, to: none, public: true", "when: reply, to: told, public: true");
    let told = "      told: { kind: idle, shows: none, doc: \"knows it\" }\n";
    let place = "    transitions:\n      - { from: none, when: ask";
    let silent = silent.replace(place, &format!("{told}{place}"));
    assert!(silent.contains("to: told") && silent.contains("told: {"));
    assert!(matches!(result(&silent, "possible: client.told, from: client begins"), Outcome::Fails(_)));
}
