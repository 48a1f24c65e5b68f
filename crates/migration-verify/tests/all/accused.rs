//! Machines that are right and are not accused: a service that works until it is told to stop, two kinds of attempt, a
//! wait whose bound the table leaves out for a reason.

use migration_table::model::Table;
use migration_verify::{Bounds, Outcome, Report, System, Verdict, add_mends, verify};

use crate::tables::{changed, table};

/// A service that works until a user stops it.
const SERVICE: &str = r#"
format: 1
machine: svc
statuses:
  stopped: { since: "1", doc: "no service" }
  running: { since: "1", doc: "the service answers" }
triggers:
  start: { command: start, doc: "start it" }
  stop:  { command: stop, doc: "stop it" }
events:
  failed: { carries: cause, doc: "the service is broken" }
  closed: { doc: "everything is released" }
machines:
  svc:
    doc: "a service"
    precedence: [stop]
    states:
      down:     { kind: idle, shows: stopped, initial: true, doc: "nothing runs" }
      up:       { kind: work, shows: running, doc: "serves until it is told to stop" }
      stopping: { kind: cleanup, shows: running, doc: "closes" }
    transitions:
      - { from: down, when: start, to: up, public: true }
      - { from: up, when: stop, to: stopping }
      - { from: up, when: failed, to: stopping }
      - { from: stopping, when: closed, to: down, public: true }
    answers:
      - { trigger: start, answer: refuse, because: "it runs" }
      - { trigger: stop, answer: ignore }
"#;

/// Control groups as Linux has them: to thaw is an attempt of its own.
const FREEZER: &str = r#"
format: 1
machine: freezer
statuses:
  thawed:   { since: "2.6", wire: "THAWED", doc: "tasks run" }
  freezing: { since: "2.6", wire: "FREEZING", doc: "tasks are being stopped" }
  frozen:   { since: "2.6", wire: "FROZEN", doc: "no task runs" }
triggers:
  freeze: { command: "echo FROZEN", doc: "stop all tasks" }
  thaw:   { command: "echo THAWED", doc: "let all tasks run" }
events:
  stopped: { doc: "every task has stopped" }
  woken:   { doc: "every task runs" }
machines:
  cgroup:
    doc: "one control group"
    precedence: [thaw]
    happy_path: [thawed_st, freezing, frozen]
    states:
      thawed_st: { kind: idle, shows: thawed, initial: true, doc: "tasks run" }
      freezing:  { kind: work, shows: freezing, doc: "stops tasks" }
      frozen:    { kind: idle, shows: frozen, doc: "no task runs" }
      thawing:   { kind: work, shows: freezing, doc: "wakes tasks" }
    transitions:
      - { from: thawed_st, when: freeze, to: freezing, public: true }
      - { from: freezing, when: stopped, to: frozen, public: true }
      - { from: freezing, when: thaw, to: thawing }
      - { from: frozen, when: thaw, to: thawing, public: true }
      - { from: thawing, when: woken, to: thawed_st, public: true }
    answers:
      - { in: [freezing, frozen], trigger: freeze, answer: ignore }
      - { in: thawing, trigger: freeze, answer: refuse, because: "EBUSY" }
      - { in: [thawed_st, thawing], trigger: thaw, answer: ignore }
"#;

/// A volume whose happy path goes through an idle state: to attach and to mount are two attempts.
const VOLUME: &str = r#"
format: 1
machine: csi
statuses:
  created:    { since: "1.0", wire: "CREATED", doc: "the volume is on no node" }
  publishing: { since: "1.0", wire: "CONTROLLER_PUBLISHING", doc: "the volume is being attached" }
  node-ready: { since: "1.0", wire: "NODE_READY", doc: "the volume is attached" }
  published:  { since: "1.0", wire: "PUBLISHED", doc: "the volume is mounted" }
  unpublishing: { since: "1.0", wire: "CONTROLLER_UNPUBLISHING", doc: "the volume is being detached" }
  attach-error: { since: "1.1", wire: "ATTACH_ERROR", doc: "the volume could not be attached" }
triggers:
  attach:  { command: ControllerPublishVolume, doc: "attach the volume to a node" }
  mount:   { command: NodePublishVolume, doc: "mount the volume" }
  unmount: { command: NodeUnpublishVolume, doc: "unmount the volume" }
  detach:  { command: ControllerUnpublishVolume, doc: "detach the volume" }
events:
  attached: { doc: "the node has the device" }
  mounted:  { doc: "the file system is there" }
  unmounted: { doc: "the file system is gone" }
  detached: { doc: "the node has no device any more" }
  failed:   { carries: cause, doc: "the call has failed" }
  node_lost: { outside: true, carries: cause, doc: "the node was removed" }
machines:
  volume:
    doc: "one volume and one node"
    precedence: [node_lost, detach, failed]
    happy_path: [none, attaching, attached, mounting, mounted]
    states:
      none:       { kind: idle, shows: created, initial: true, doc: "not attached" }
      attaching:  { kind: work, shows: publishing, doc: "attaches" }
      attached:   { kind: idle, shows: node-ready, doc: "can be mounted" }
      mounting:   { kind: work, shows: node-ready, doc: "mounts" }
      mounted:    { kind: idle, shows: published, doc: "is in use" }
      unmounting: { kind: work, shows: published, doc: "unmounts" }
      detaching:  { kind: cleanup, shows: unpublishing, doc: "detaches" }
      failing:    { kind: cleanup, shows: publishing, doc: "detaches what is half attached" }
      broken:     { kind: idle, shows: attach-error, doc: "could not be attached" }
    transitions:
      - { from: [none, broken], when: attach, to: attaching, public: true }
      - { from: attaching, when: attached, to: attached, public: true }
      - { from: attaching, when: failed or detach, to: failing }
      - { from: attached, when: mount, to: mounting }
      - { from: mounting, when: mounted, to: mounted, public: true }
      - { from: mounting, when: failed, to: attached }
      - { from: mounted, when: unmount, to: unmounting }
      - { from: unmounting, when: unmounted, to: attached, public: true }
      - { from: unmounting, when: failed, to: mounted }
      - { from: attached, when: detach, to: detaching, public: true }
      - { from: [attached, mounting, mounted, unmounting], when: node_lost, to: detaching, public: true }
      - { from: detaching, when: detached, to: none, public: true }
      - { from: failing, when: detached, to: broken, public: true }
    answers:
      - { trigger: attach, answer: ignore }
      - { trigger: mount, answer: refuse, because: "FAILED_PRECONDITION: not staged" }
      - { in: [mounting, mounted], trigger: mount, answer: ignore }
      - { trigger: unmount, answer: ignore }
      - { in: [mounting, mounted, unmounting], trigger: detach, answer: refuse, because: "FAILED_PRECONDITION: in use" }
      - { trigger: detach, answer: ignore }
"#;

/// A host that waits for a hint as long as it likes.
const PATIENT: &str = r#"
format: 1
machine: x
statuses:
  none: { since: "1", doc: "nothing" }
  busy: { since: "1", doc: "under way" }
triggers:
  start: { command: start, doc: "begin it" }
  stop:  { command: stop, doc: "end it" }
events:
  failed: { carries: cause, doc: "the work cannot go on" }
  gone:   { doc: "all is released" }
messages:
  hint: { number: 1, from: a, to: b, doc: "look here" }
machines:
  a:
    doc: "the one"
    precedence: [stop]
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      up:   { kind: work, shows: busy, doc: "serves" }
      ending: { kind: cleanup, shows: busy, doc: "ends" }
    transitions:
      - { from: none, when: start, to: up, public: true, sends: hint }
      - { from: up, when: stop or failed, to: ending }
      - { from: ending, when: gone, to: none, public: true }
    answers:
      - { trigger: start, answer: ignore }
      - { trigger: stop, answer: ignore }
  b:
    doc: "the other"
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      up:   { kind: wait, shows: busy, allow: { T0419: "users may be silent" }, doc: "serves" }
    transitions:
      - { from: none, when: start, to: up, public: true }
      - { from: up, when: hint, to: none, public: true }
    answers:
      - { trigger: start, answer: ignore }
"#;

/// The right to a token is handed over; the taker does not say that it has it.
const TOKEN: &str = r#"
format: 1
machine: token
statuses:
  none:   { since: "1", doc: "nothing" }
  busy:   { since: "1", doc: "under way" }
  done:   { since: "1", doc: "it is over" }
  failed: { since: "1", doc: "it was given up" }
triggers:
  give:   { command: give, doc: "hand the token over" }
  take:   { command: take, doc: "wait for the token" }
  cancel: { command: cancel, doc: "keep the token" }
events:
  silent: { carries: cause, doc: "nothing was heard" }
  broken: { carries: cause, doc: "the work cannot go on" }
  ready:  { doc: "all is prepared" }
messages:
  hello:   { number: 1, from: giver, to: taker, doc: "are you there" }
  welcome: { number: 2, from: taker, to: giver, doc: "give it to me" }
  token:   { number: 3, from: giver, to: taker, doc: "it is yours" }
  thanks:  { number: 4, from: taker, to: giver, doc: "it is mine" }
  sorry:   { number: 5, from: taker, to: giver, carries: cause, doc: "it cannot be mine" }
machines:
  giver:
    doc: "has the token"
    precedence: [cancel, broken, sorry, silent]
    happy_path: [none, asking, handing, gone]
    markers:
      owns: { initially: true, set_in: kept, cleared_in: [handing, gone, unknown], guard: have, doc: "has the token" }
    states:
      none:    { kind: idle, shows: none, initial: true, doc: "has it" }
      asking:  { kind: wait, shows: busy, timer: { event: silent, after_ms: 5000 }, doc: "waits for welcome" }
      handing: { kind: wait, shows: busy, timer: { event: silent, after_ms: 10000 }, doc: "waits for thanks" }
      gone:    { kind: idle, shows: done, doc: "has it no more" }
      kept:    { kind: idle, shows: failed, doc: "has it still" }
      unknown: { kind: idle, shows: failed, doc: "does not know" }
    transitions:
      - { from: [none, kept], when: give and have, to: asking, public: true, sends: hello }
      - { from: asking, when: welcome, to: handing, sends: token }
      - { from: asking, when: cancel, to: kept, public: true }
      - { from: asking, when: silent or broken or sorry, to: kept, public: true }
      - { from: handing, when: thanks, to: gone, public: true }
      - { from: handing, when: sorry, to: kept, public: true }
      - { from: handing, when: silent or broken, to: unknown, public: true }
    answers:
      - { trigger: give, answer: refuse, because: "not now" }
      - { in: handing, trigger: cancel, answer: refuse, because: "too late" }
      - { trigger: cancel, answer: ignore }
  taker:
    doc: "gets the token"
    precedence: [broken, silent, token]
    happy_path: [none, waiting, standby, starting, runs]
    markers:
      owns: { set_in: runs, doc: "has the token" }
    states:
      none:     { kind: idle, shows: none, initial: true, doc: "has nothing" }
      waiting:  { kind: wait, shows: busy, timer: { event: silent, after_ms: 60000 }, doc: "waits for hello" }
      standby:  { kind: wait, shows: busy, timer: { event: silent, after_ms: 4000 }, doc: "waits for the token" }
      starting: { kind: work, shows: busy, doc: "takes it" }
      runs:     { kind: idle, shows: done, doc: "has it" }
      lost:     { kind: idle, shows: failed, doc: "has nothing" }
    transitions:
      - { from: [none, lost], when: take, to: waiting, public: true }
      - { from: waiting, when: hello, to: standby, sends: welcome }
      - { from: [waiting, standby], when: silent or broken, to: lost, public: true }
      - { from: standby, when: token, to: starting }
      - { from: starting, when: ready, to: runs, public: true }
      - { from: starting, when: broken, to: lost, public: true }
    answers:
      - { trigger: take, answer: refuse, because: "not now" }
guards:
  have: { fixed: true, doc: "the token is here" }
properties:
  one:     { at_most_one: owns, doc: "one has the token" }
  notboth: { never: giver.unknown and taker.standby, doc: "when the giver does not know, the taker has given up or has it" }
  order:   { first: giver sends token, then: taker enters runs, doc: "nobody runs unasked" }
  cancelled: { after: giver accepts cancel, never: giver enters gone, until: giver begins, doc: "a cancel is not overtaken" }
  ends:    { whenever: giver begins, eventually: giver.idle or giver.down, doc: "an attempt ends" }
  can:     { possible: taker.runs and giver.gone, from: giver begins, doc: "it can be handed over" }
"#;

/// Work whose end leads on only if a guard holds then, and nothing looks again.
const GUARDED: &str = r#"
format: 1
machine: g
statuses:
  none: { since: "1", doc: "nothing" }
  busy: { since: "1", doc: "under way" }
triggers:
  start: { command: start, doc: "begin it" }
events:
  ended: { doc: "the work is done" }
guards:
  good: { doc: "the result is what was wanted" }
machines:
  m:
    doc: "works"
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      work_a: { kind: work, shows: busy, doc: "does it" }
      fin:  { kind: cleanup, shows: busy, doc: "releases all" }
    transitions:
      - { from: none, when: start, to: work_a, public: true }
      - { from: work_a, when: ended and good, to: fin }
      - { from: fin, when: ended, to: none, public: true }
    answers:
      - { trigger: start, answer: ignore }
"#;

fn report(table: &Table) -> Report {
    verify(table, &System::of(table), &table.properties, &mut |_| {}).expect("the names are right")
}

fn verdict<'r>(report: &'r Report, property: &str) -> &'r Verdict {
    let found = report.verdicts.iter().find(|verdict| verdict.property == property);
    found.unwrap_or_else(|| panic!("`{property}` is decided: {}", report.text()))
}

fn fails(text: &str, property: &str) -> bool {
    matches!(verdict(&report(&table(text)), property).result, Outcome::Fails(_))
}

#[test]
fn work_that_only_a_user_or_a_failure_ends_serves_until_it_is_told() {
    assert!(!fails(SERVICE, "nobody-waits-for-ever"));
    // Work that comes to an end by itself, but need not, is stuck.
    let done = changed(SERVICE, "events:\n", "events:\n  done: { rare: true, doc: \"all is done\" }\n");
    let row = "      - { from: up, when: failed, to: stopping }\n";
    let done = changed(&done, row, &format!("{row}      - {{ from: up, when: done, to: stopping }}\n"));
    assert!(fails(&done, "nobody-waits-for-ever"));
}

#[test]
fn an_attempt_that_leaves_the_happy_path_at_once_need_not_come_to_its_end() {
    assert!(!fails(FREEZER, "can-succeed"));
    // One that is on the path has to be able to.
    let row = "      - { from: freezing, when: stopped, to: frozen, public: true }\n";
    let stuck = changed(FREEZER, row, "      - { from: freezing, when: stopped, to: thawing }\n");
    assert!(fails(&stuck, "can-succeed"));
}

#[test]
fn a_host_may_stand_still_where_the_table_says_why_it_has_no_timeout() {
    assert!(!fails(PATIENT, "no-deadlock"));
    let without = changed(PATIENT, " allow: { T0419: \"users may be silent\" },", "");
    assert!(fails(&without, "no-deadlock"));
}

#[test]
fn a_change_that_the_checks_refuse_is_not_proposed() {
    let table = table(TOKEN);
    let mut report = report(&table);
    add_mends(&table, &System::of(&table), migration_table::check::run, &mut report).expect("the names are right");
    let mends = &verdict(&report, "can-succeed").mends;
    assert!(mends.iter().any(|mend| mend.what.contains("when it enters `starting`")), "{mends:?}");
    // It would send on entering an idle state.
    assert!(mends.iter().all(|mend| !mend.what.contains("when it enters `runs`")), "{mends:?}");
}

#[test]
fn a_state_that_more_attempts_could_enter_is_told_with_their_number() {
    let text = changed(
        FREEZER,
        "transitions:\n",
        "transitions:\n      - { from: fourth, when: freeze, to: freezing, public: true }\n",
    );
    let rests = "      again: { kind: idle, shows: thawed, doc: \"once\" }\n      third: { kind: work, shows: freezing, doc: \"wakes\" }\n      fourth: { kind: idle, shows: thawed, doc: \"twice\" }\n";
    let text = changed(&text, "    transitions:\n", &format!("{rests}    transitions:\n"));
    let text = changed(&text, "when: woken, to: thawed_st,", "when: woken, to: again,");
    let rows = "      - { from: again, when: freeze, to: third, public: true }\n      - { from: third, when: woken, to: fourth, public: true }\n    answers:\n";
    let text = changed(&text, "    answers:\n", rows);
    let table = table(&text);
    let bounds = Bounds { attempts: 1, ..Bounds::default() };
    let once = System { bounds, ..System::of(&table) };
    let once = verify(&table, &once, &[], &mut |_| {}).expect("the names are right").text();
    assert!(once.contains("state `fourth` of cgroup is never entered in 1 attempt of each host"), "{once}");
    assert!(!report(&table).text().contains("never entered"));
}

#[test]
fn work_that_ended_while_its_guard_did_not_hold_is_stuck() {
    assert!(fails(GUARDED, "nobody-waits-for-ever"));
    let row = "      - { from: work_a, when: ended and good, to: fin }\n";
    let both = changed(GUARDED, row, &format!("{row}      - {{ from: work_a, when: ended and not good, to: fin }}\n"));
    assert!(!fails(&both, "nobody-waits-for-ever"));
}

#[test]
fn an_attempt_that_comes_to_an_idle_state_of_the_path_has_succeeded() {
    assert!(!fails(VOLUME, "can-succeed"));
    // To come back to where it began is no success.
    let row = "      - { from: mounting, when: mounted, to: mounted, public: true }\n";
    assert!(fails(&changed(VOLUME, row, ""), "can-succeed"));
}
