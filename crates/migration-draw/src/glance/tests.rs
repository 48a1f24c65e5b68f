//! The views of the project's own table, and of a small one whose guards and pending triggers matter.

mod brute;

use super::*;
use migration_table::testing::load;

const STATES: &str = include_str!("../../../../states.yaml");

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

/// Two machines: what comes from outside leads on whenever it comes, a message that nobody has read may be read later, and
/// attempts end for different reasons.
const OUTSIDE: &str = r#"
format: 1
machine: outside
statuses:
  idle:   { since: "1.0", doc: "nothing" }
  open:   { since: "1.0", doc: "both sides send" }
  half:   { since: "1.0", doc: "one side sends" }
reasons:
  reset:  { since: "1.0", doc: "the peer gave up" }
  closed: { since: "1.0", doc: "both sides are done" }
triggers:
  start:  { command: start, doc: "open" }
  close:  { command: close, doc: "send no more" }
events:
  pushed: { outside: true, doc: "the peer opens" }
  ended:  { outside: true, doc: "the peer sends no more" }
  torn:   { outside: true, doc: "the peer gives up" }
  broken: { carries: cause, doc: "the work failed" }
messages:
  bye: { number: 1, from: other, to: here, doc: "the other side leaves" }
machines:
  here:
    doc: "one end"
    precedence: [torn, broken, bye, close, ended]
    states:
      rest: { kind: idle, shows: idle, initial: true, doc: "rests" }
      open: { kind: wait, shows: open, doc: "both send" }
      half: { kind: wait, shows: half, doc: "the peer sends" }
    transitions:
      - { from: rest, when: start or pushed, to: open, public: true }
      - { from: open, when: close, to: half, public: true }
      - { from: open, when: ended, to: half, public: true }
      - { from: half, when: ended, to: rest, public: true, reason: closed }
      - { from: [open, half], when: bye, to: rest, public: true, reason: closed }
      - { from: [open, half], when: torn, to: rest, public: true, reason: reset }
      - { from: [open, half], when: broken, to: rest, public: true }
    answers:
      - { in: [open, half], trigger: start, answer: refuse, because: "it is open" }
      - { in: [rest, half], trigger: close, answer: ignore }
  other:
    doc: "the other end"
    states:
      rest: { kind: idle, shows: idle, initial: true, doc: "rests" }
      busy: { kind: work, shows: open, doc: "works" }
    transitions:
      - { from: rest, when: start, to: busy, public: true }
      - { from: busy, when: broken, to: rest, public: true, sends: [bye] }
    answers:
      - { in: busy, trigger: start, answer: refuse, because: "it is open" }
      - { in: any, trigger: close, answer: ignore }
"#;

/// Events from outside lead on in states where nothing works, and are not called late there.
#[test]
fn what_comes_from_outside_is_not_late() {
    let table = load(OUTSIDE);
    let page = tables(&table.machines[0]).unwrap();
    assert!(page.markdown().contains("| rest | go open | - | - | stale | stale |"), "{}", page.markdown());
    let races = race_page(&table.machines[0]).unwrap().markdown();
    assert!(races.contains("close first: half, ended leads to rest"), "{races}");
    assert!(races.contains("rest: order of arrival decides the reason"), "{races}");
}

/// What is undecided is an error of the table: nothing is called so that `check` passes.
#[test]
fn nothing_is_ambiguous_where_check_finds_no_collision() {
    let mut together = 0;
    for seed in 0..3000 {
        let table = migration_contract::testing::random(seed);
        let mut findings = migration_table::Findings::default();
        migration_table::check::run(&table, &mut findings);
        if findings.iter().any(|finding| finding.code.0 == "T0401") {
            continue;
        }
        for race in table.machines.iter().flat_map(|machine| races(machine).unwrap()).filter(|race| race.is_together) {
            assert!(race.at_once.iter().all(|once| once.rule != Rule::Ambiguous), "{seed}: {race:?}");
            together += 1;
        }
    }
    assert!(together > 50, "{together}");
}

fn each(view: impl Fn(&Machine) -> Page) -> Vec<Page> {
    load(STATES).machines.iter().map(view).collect()
}

/// Whoever chooses a status from the list sees which ones are to go.
#[test]
fn the_list_of_statuses_says_which_are_to_go() {
    let deprecated = WAITING.replace(
        "  active: { since: \"1.0\",",
        "  active: { since: \"1.0\", deprecated: { since: \"1.2\", use: none },",
    );
    let list = statuses(&load(&deprecated)).markdown();
    assert!(list.contains("| active | 1.0 | something<br>deprecated since 1.2; use none |"), "{list}");
    assert!(statuses(&load(WAITING)).markdown().contains("| active | 1.0 | something |"));
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
    let table = load(STATES);
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

/// A table in which public names come and go.
const CHANGING: &str = include_str!("../../../migration-table/tests/fixtures/keys/all.yaml");

#[test]
fn what_clients_are_promised() {
    let table = load(CHANGING);
    let mut all = String::new();
    for name in ["paused", "old", "done", "go_on", "cancel", "asleep", "go", "manager", "panel", "cancel_ends"] {
        let page = describe(&table, "all.yaml", name).unwrap().unwrap();
        all += &format!("==== {name}\n{}\n", page.text(Some(120)));
    }
    insta::assert_snapshot!("promises", all);
}

#[test]
fn guards_and_waiting_triggers() {
    let table = load(WAITING);
    let machine = &table.machines[0];
    let views = [tables(machine).unwrap(), race_page(machine).unwrap()];
    insta::assert_snapshot!("waiting", text(&views, None));
}

#[test]
fn what_a_command_needs_is_said() {
    let text = WAITING.replacen("command: migrate,", "command: migrate, needs: [allowed, idle_now],", 1);
    let table = load(&text);
    let needs = "allowed (capability allowed) or idle_now";
    let answers = tables(&table.machines[0]).unwrap().text(None);
    assert!(answers.contains(&format!("migrate needs {needs}: without it, the command is refused")), "{answers}");
    let described = |name: &str| describe(&table, "waiting.yaml", name).unwrap().unwrap().text(None);
    assert!(described("migrate").contains(&format!("{needs}; without it, the command is refused")));
    assert!(described("allowed").contains("needed by   migrate"), "{}", described("allowed"));
}

#[test]
fn every_name_is_described_and_others_are_not() {
    let table = load(STATES);
    let unknown = describe(&table, "states.yaml", "cancle").unwrap().unwrap_err();
    assert_eq!(unknown.meant.as_deref(), Some("cancel"));
    for (_, names) in &unknown.known {
        for name in names {
            assert!(describe(&table, "states.yaml", name).unwrap().is_ok(), "{name}");
        }
    }
    assert!(describe(&table, "states.yaml", "destination.pre_switchover").unwrap().is_err());
}

/// A machine in which a row asks a guard besides the trigger, and one leaves a group but for a state.
const GUARDED: &str = r#"
format: 1
machine: guarded
statuses:
  none: { since: "1", doc: "nothing is under way" }
  busy: { since: "1", doc: "something is under way" }
triggers:
  begin: { command: begin, doc: "start it" }
  go_on: { command: go-on, doc: "continue" }
  abort: { command: abort, doc: "give up" }
events:
  removed: { doc: "everything is released" }
guards:
  resolved: { doc: "the conflict is gone" }
machines:
  m:
    doc: "waits for a user"
    precedence: [abort, go_on]
    states:
      none:     { kind: idle, shows: none, initial: true, doc: "nothing happens" }
      conflict: { kind: wait, shows: busy, doc: "waits for the user" }
      saving:   { kind: cleanup, shows: busy, doc: "keeps what is there" }
      undoing:  { kind: cleanup, shows: busy, doc: "goes back" }
    transitions:
      - { from: none, when: begin, to: conflict, public: true }
      - { from: conflict, when: go_on and resolved, to: saving }
      - { from: any, except: [idle, cleanup], when: abort, to: undoing, drops: go_on }
      - { from: cleanup, when: removed, to: none, public: true }
    answers:
      - { trigger: [begin, go_on], answer: ignore }
      - { in: [idle, cleanup], trigger: abort, answer: refuse, because: "it is over" }
"#;

#[test]
fn what_comes_first_acts_only_if_its_guard_holds() {
    let page = race_page(&load(GUARDED).machines[0]).unwrap().markdown();
    assert!(page.contains("go_on first: saving if resolved, abort is refused"), "{page}");
    assert!(page.contains("abort first: undoing, go_on is ignored"), "{page}");
}

#[test]
fn a_row_is_shown_with_the_states_that_it_leaves_out() {
    let table = load(GUARDED);
    for name in ["abort", "conflict"] {
        let page = describe(&table, "guarded.yaml", name).unwrap().unwrap().markdown();
        assert!(page.contains("any, except idle, cleanup"), "{page}");
    }
}
