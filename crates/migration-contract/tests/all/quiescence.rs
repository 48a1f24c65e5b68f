//! Where a client can wait for ever: work goes on by what it does, and a failure need not come.

use migration_contract::compare::{Report, compare};
use migration_contract::public::{Public, project};

const OLD: &str = include_str!("../api/quiescence-added/old.yaml");

fn public(text: &str) -> Public {
    let table = migration_table::read(text).table.expect("the table is sound");
    project(&table).expect("the table is small")
}

fn changed(changes: &[(&str, &str)]) -> Report {
    let text = changes.iter().fold(OLD.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in the table");
        text.replace(from, to)
    });
    compare(&public(&text), &public(OLD)).expect("the tables are small")
}

fn quiescent(report: &Report) -> Vec<String> {
    let found = report.changes.iter().filter(|change| change.rule == "quiescence-added");
    found.map(|change| change.key().to_string()).collect()
}

/// A new command, which clients of the old side never send.
const SEAL: [(&str, &str); 3] = [
    (
        "  cancel: { command: migrate_cancel,",
        "  seal: { command: seal, doc: \"go on\" }\n  cancel: { command: migrate_cancel,",
    ),
    (
        "trigger: cancel, answer: refuse, because: \"not now\" }",
        "trigger: cancel, answer: refuse, because: \"not now\" }\n      - { trigger: seal, answer: refuse, because: \"not now\" }",
    ),
    ("precedence: [cancel, broken]", "precedence: [cancel, broken, seal]"),
];

#[test]
fn work_that_needs_a_new_command_waits_although_it_could_fail() {
    let waits = [SEAL.as_slice(), &[("when: moved, to: device", "when: moved and seal, to: device")]].concat();
    let report = changed(&waits);
    assert_eq!(quiescent(&report), ["quiescence-added: source: active"]);
    assert!(report.verdicts.iter().all(|verdict| !verdict.compatible));
}

#[test]
fn work_that_goes_on_by_itself_or_by_a_time_that_is_over_does_not_wait() {
    let also = [SEAL.as_slice(), &[("when: moved, to: device", "when: moved or seal, to: device")]].concat();
    assert_eq!(quiescent(&changed(&also)), Vec::<String>::new());
    // A failure that is reported when a time is over comes in the end.
    let timed = [
        SEAL.as_slice(),
        &[
            ("when: moved, to: device", "when: moved and seal, to: device"),
            (
                "active: { kind: work, shows: active, doc",
                "active: { kind: work, shows: active, timer: { event: broken, after_ms: 1000 }, doc",
            ),
        ],
    ]
    .concat();
    assert_eq!(quiescent(&changed(&timed)), Vec::<String>::new());
}

/// Something of which clients know nothing.
const HIDDEN: [(&str, &str); 1] = [(
    "machines:\n",
    "guards:\n  warm: { doc: \"it is warm\" }\n  keen: { fixed: true, doc: \"asked once\" }\nmachines:\n",
)];

/// What is reported comes once. Where a guard that does not hold keeps the machine from going on, nothing more may come.
#[test]
fn work_waits_where_a_guard_of_which_clients_know_nothing_may_not_hold() {
    let after = |condition: &str, more: &str| {
        let row = "      - { from: active, when: moved, to: device, public: true }\n";
        let rows = format!("      - {{ from: active, when: {condition}, to: device, public: true }}\n{more}");
        changed(&[HIDDEN.as_slice(), &[(row, rows.as_str())]].concat())
    };
    let waits = ["quiescence-added: source: active"];
    assert_eq!(quiescent(&after("moved and warm", "")), waits);
    assert_eq!(quiescent(&after("moved and not warm", "")), waits);
    assert_eq!(quiescent(&after("moved and keen", "")), waits);
    // That it could fail instead is no way on: a failure need not come.
    let fails = "      - { from: active, when: broken and warm, to: failed, public: true }\n";
    assert_eq!(quiescent(&after("moved and warm", fails)), waits);
    // Whatever the guard says, one row leads on.
    let otherwise = "      - { from: active, when: moved and not warm, to: completed, public: true }\n";
    let decided = after("moved and warm", otherwise);
    assert_eq!(quiescent(&decided), Vec::<String>::new());
    assert!(decided.verdicts.iter().any(|verdict| !verdict.compatible), "another status can come");
    // Another event of the work leads on, and that comes as well.
    let other = "      - { from: active, when: connected, to: device, public: true }\n";
    assert_eq!(quiescent(&after("moved and warm", other)), Vec::<String>::new());
    // A guard that never holds takes a row away, and a row that never fired means nothing.
    let never = "      - { from: active, when: connected and warm and not warm, to: completed, public: true }\n";
    assert!(after("moved", never).changes.is_empty());
}

/// What others report need not come, and a client that only waits gives no command.
#[test]
fn work_waits_where_only_something_outside_or_a_command_leads_on() {
    let outside = ("  moved: { doc: \"moved\" }", "  moved: { outside: true, doc: \"moved\" }");
    let waits = ["quiescence-added: source: active"];
    assert_eq!(quiescent(&changed(&[outside])), waits);
    let pause = "      - { from: active, when: moved, to: device, public: true }\n      - { from: active, when: seal, to: setup, public: true }\n";
    let commanded =
        [SEAL.as_slice(), &[outside, ("      - { from: active, when: moved, to: device, public: true }\n", pause)]];
    assert_eq!(quiescent(&changed(&commanded.concat())), waits);
}

/// A machine that waits, until something is reported or its time is over.
const HELD: &str = r#"format: 1
machine: queue
statuses:
  empty: { since: "0.1", doc: "nothing is here" }
  held: { since: "0.1", doc: "it waits for paper" }
  printed: { since: "0.1", doc: "it is on paper" }
  removed: { since: "0.1", doc: "nobody came by" }
triggers:
  submit: { command: submit, doc: "print this now" }
events:
  fed: { doc: "paper was put in" }
  expired: { doc: "nobody came by" }
guards:
  clear: { doc: "nobody uses it" }
machines:
  queue:
    doc: "a print queue"
    precedence: [fed, expired]
    states:
      empty: { kind: idle, shows: empty, initial: true, doc: "nothing is here" }
      held: { kind: wait, shows: held, timer: { event: expired, after_ms: 1000 }, doc: "waits for paper" }
      printed: { kind: idle, shows: printed, doc: "it is on paper" }
      removed: { kind: idle, shows: removed, doc: "nobody came by" }
    transitions:
      - { from: idle, when: submit, to: held, public: true }
      - { from: held, when: fed, to: printed, public: true }
      - { from: held, when: expired, to: removed, public: true }
    answers:
      - { in: held, trigger: submit, answer: refuse, because: "one at a time" }
"#;

/// Where the machine waits, nothing works that could report an event: only the end of its time comes for certain.
#[test]
fn a_wait_whose_time_leads_nowhere_is_endless() {
    let row = "when: expired, to: removed, public: true";
    let [nowhere, at_times] = ["when: expired, to: held", "when: expired and clear, to: removed, public: true"]
        .map(|other| HELD.replace(row, other));
    let found = |new: &str, old: &str| quiescent(&compare(&public(new), &public(old)).expect("the tables are small"));
    let waits = ["quiescence-added: queue: held"];
    assert_eq!(found(&nowhere, HELD), waits);
    assert_eq!(found(&at_times, HELD), waits);
    // Without a time it waits no longer than that.
    let untimed = HELD
        .replace(" timer: { event: expired, after_ms: 1000 },", "")
        .replace(&format!("      - {{ from: held, {row} }}\n"), "");
    assert_eq!(found(&untimed, HELD), waits);
    assert_eq!(found(&untimed, &nowhere), Vec::<String>::new());
    let works = HELD.replace("kind: wait, shows: held, ", "kind: work, shows: held, ");
    assert_eq!(found(&works.replace(row, "when: expired, to: held"), &works), Vec::<String>::new());
}
