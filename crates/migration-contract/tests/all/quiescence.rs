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
