//! The views of the project's own table, and of a small one whose guards and pending triggers matter.

use super::*;

const STATES: &str = include_str!("../../../states.yaml");

/// A machine in which triggers wait, guards decide answers, and precedence decides.
const WAITING: &str = r#"
format: 1
machine: waiting
statuses:
  none:   { since: "1.0", doc: "nothing" }
  active: { since: "1.0", doc: "something" }
triggers:
  migrate:  { command: migrate, doc: "start" }
  cancel:   { command: migrate_cancel, doc: "stop" }
  postcopy: { command: migrate-start-postcopy, doc: "let the guest go first" }
events:
  ready: { doc: "everything else is ready" }
  done:  { doc: "the end" }
  busy:  { doc: "not now" }
guards:
  allowed: { capability: allowed, fixed: true, doc: "postcopy may be used" }
  idle_now: { doc: "nothing else is going on" }
machines:
  source:
    doc: "a machine"
    precedence: [cancel]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: "nothing" }
      active: { kind: work, shows: active, doc: "moves" }
      late:   { kind: work, shows: active, doc: "moves after the guest" }
    transitions:
      - { from: none, when: migrate, to: active, public: true }
      - { from: active, when: ready and postcopy and allowed, to: late }
      - { from: active, when: done and not (ready and postcopy) and not busy, to: none, public: true }
      - { from: active, when: cancel and (ready or idle_now), to: none, public: true, drops: [postcopy] }
      - { from: late, when: done, to: none, public: true }
    answers:
      - { in: [active, late], trigger: migrate, answer: refuse, because: "it runs already" }
      - { in: [none, active, late], trigger: postcopy, answer: refuse, because: "it is not allowed" }
      - { in: [none, late], trigger: cancel, answer: ignore }
"#;

fn table(text: &str) -> Table {
    let loaded = crate::load(text);
    loaded.table.unwrap_or_else(|| panic!("{:#?}", loaded.findings))
}

fn each(view: impl Fn(&Machine) -> Page) -> Vec<Page> {
    table(STATES).machines.iter().map(view).collect()
}

fn text(pages: &[Page], width: Option<usize>) -> String {
    pages.iter().map(|page| page.text(width)).collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_of_the_projects_own_machines() {
    let pages = each(|machine| tables(machine).unwrap());
    insta::assert_snapshot!("tables", text(&pages, None));
    insta::assert_snapshot!("tables_narrow", text(&pages[1..], Some(60)));
    insta::assert_snapshot!("tables_markdown", pages.iter().map(Page::markdown).collect::<Vec<_>>().join("\n"));
}

#[test]
fn races_of_the_projects_own_machines() {
    let pages = each(|machine| race_page(machine).unwrap());
    insta::assert_snapshot!("races", text(&pages, Some(140)));
    insta::assert_snapshot!("races_markdown", pages[1].markdown());
}

#[test]
fn names_of_the_projects_own_table() {
    let table = table(STATES);
    let mut all = String::new();
    for name in ["active", "cancel", "source.cancel", "ready", "failed", "pre-switchover", "channels"] {
        let page = describe(&table, "states.yaml", name).unwrap().unwrap();
        all += &format!("==== {name}\n{}\n", page.text(None));
    }
    for name in ["source.device", "destination.loads", "source.wait", "pause_before_switchover"] {
        let page = describe(&table, "states.yaml", name).unwrap().unwrap();
        all += &format!("==== {name}\n{}\n", page.text(Some(80)));
    }
    insta::assert_snapshot!("names", all);
}

#[test]
fn guards_and_waiting_triggers() {
    let table = table(WAITING);
    let machine = &table.machines[0];
    let views = [tables(machine).unwrap(), race_page(machine).unwrap()];
    insta::assert_snapshot!("waiting", text(&views, None));
}

#[test]
fn every_name_is_described_and_others_are_not() {
    let table = table(STATES);
    let unknown = describe(&table, "states.yaml", "cancle").unwrap().unwrap_err();
    assert_eq!(unknown.meant.as_deref(), Some("cancel"));
    for (_, names) in &unknown.known {
        for name in names {
            assert!(describe(&table, "states.yaml", name).unwrap().is_ok(), "{name}");
        }
    }
    assert!(describe(&table, "states.yaml", "destination.pre_switchover").unwrap().is_err());
}

/// Two facts are said to be together just where a run has both, which is found by trying every sequence of facts.
#[test]
fn what_meets_is_what_runs_have() {
    use crate::interpret::Run;
    use std::collections::BTreeSet;
    let table = table(WAITING);
    let machine = &table.machines[0];
    let all = races(machine).unwrap();
    let mut met = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let guards: Vec<u64> = (0..4).map(|bits: u64| bits << machine.guards().trailing_zeros()).collect();
    let mut todo = vec![Run::new(machine)];
    while let Some(run) = todo.pop() {
        if !seen.insert((run.state(), run.facts())) {
            continue;
        }
        for (fact, guards) in machine.fact_ids().flat_map(|fact| guards.iter().map(move |guards| (fact, *guards))) {
            let mut next = run.clone();
            next.set_guards(guards);
            let known = machine.rows.iter().filter(|row| row.from.contains(&run.state()));
            let mentions = known.fold(0, |mask, row| mask | row.mentions);
            let mut together = run.facts() | fact.bit();
            if machine.fact(fact).is_trigger() {
                if next.raise(fact) != crate::model::Answer::Accept {
                    continue;
                }
            } else if machine.fact(fact).is_event() && mentions & fact.bit() != 0 {
                if next.report(run.visit(), fact) == crate::interpret::Evidence::Stale {
                    continue;
                }
            } else {
                continue;
            }
            together &= machine.triggers() | machine.events();
            for (a, b) in machine.fact_ids().flat_map(|a| machine.fact_ids().map(move |b| (a, b))) {
                if a < b && together & a.bit() != 0 && together & b.bit() != 0 {
                    met.insert((run.state(), a, b));
                }
            }
            todo.push(next);
        }
    }
    let said: BTreeSet<_> =
        all.iter().filter(|race| race.is_together).map(|race| (race.state, race.facts.0, race.facts.1)).collect();
    assert_eq!(said, met);
}
