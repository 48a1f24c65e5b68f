//! Large machines: compared in reasonable time, or refused; never passed unseen.

use std::collections::{BTreeMap, BTreeSet};

use super::notation::named;
use crate::compare::{CompareError, compare};
use crate::public::{Automaton, AutomatonState, Behaviour, Edge, Label, Public, PublicMachine, Reply, Settings, Shown};

fn side(states: Vec<AutomatonState>) -> Public {
    let behaviours = vec![Behaviour { under: Settings::always(), automaton: Automaton { states } }];
    named(
        Vec::new(),
        vec![PublicMachine { name: "source".into(), settings: Vec::new(), behaviours, changes: Default::default() }],
    )
}

fn edge(to: usize) -> Edge {
    Edge { to, places: Vec::new() }
}

/// What a client that asks knows of this machine is which of the last twenty commands were `a`: it may have gone into
/// the chain at each of them, silently.
fn forgetful(rests_at_last: bool) -> Public {
    const CHAIN: usize = 20;
    let reply = |command: &str| Label::Reply(command.into(), Reply::Success);
    let state = |edges, rests| AutomatonState {
        shows: BTreeSet::from([Shown::status("s")]),
        rests,
        ends: false,
        trapped: false,
        edges,
        queries: BTreeMap::new(),
    };
    let begins =
        BTreeMap::from([(reply("a"), edge(0)), (reply("b"), edge(0)), (Label::Event(Shown::status("s")), edge(1))]);
    let mut states = vec![state(begins, false), state(BTreeMap::from([(reply("a"), edge(2))]), false)];
    for at in 2..CHAIN {
        states.push(state(BTreeMap::from([(reply("a"), edge(at + 1)), (reply("b"), edge(at + 1))]), false));
    }
    states.push(state(BTreeMap::new(), rests_at_last));
    side(states)
}

#[test]
fn a_comparison_that_cannot_be_finished_is_refused() {
    let refused = compare(&forgetful(true), &forgetful(false));
    assert_eq!(refused, Err(CompareError { machine: "source".into() }));
    assert!(refused.unwrap_err().to_string().contains("`source`"));
    // Equal behaviours need no walk.
    assert!(compare(&forgetful(true), &forgetful(true)).unwrap().changes.is_empty());
}

/// A machine of a thousand states that shows twenty statuses in turn; one row more in the middle.
fn long(has_row: bool) -> Public {
    const STATES: usize = 1000;
    let status = |at: usize| format!("s{:02}", at / 50);
    let mut states = Vec::new();
    for at in 0..STATES {
        let mut edges = BTreeMap::from([(Label::Reply("go".into(), Reply::Success), edge(at))]);
        let next = (at + 1) % STATES;
        edges.insert(Label::Event(Shown::status(status(next))), edge(next));
        if has_row && at == STATES / 2 {
            edges.insert(Label::Event(Shown::status(status(7 * 50))), edge(7 * 50));
        }
        let shows = BTreeSet::from([Shown::status(status(at))]);
        let queries = BTreeMap::new();
        states.push(AutomatonState { shows, rests: at == 0, ends: at == 0, trapped: false, edges, queries });
    }
    side(states)
}

#[test]
fn a_thousand_states_are_compared() {
    let report = compare(&long(true), &long(false)).unwrap();
    let subjects: Vec<_> = report.changes.iter().map(|change| change.key().to_string()).collect();
    assert_eq!(
        subjects,
        ["status-newly-skippable: source: s10 before s07", "status-newly-skippable: source: s11 before s07"]
    );
}
