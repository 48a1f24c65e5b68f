//! Statuses that a table declares and no state shows: they belong to the vocabulary that is frozen.

use super::{breaks, change, compared, keys, public_of};
use crate::public::lock;

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
machines:
  source:
    doc: 'the only machine'
    states:
      none:    { kind: idle, shows: none, initial: true, doc: 'nothing was done' }
      active:  { kind: work, shows: active, doc: 'at work' }
      waiting: { kind: work, shows: waiting, doc: 'at work' }
    transitions:
      - { from: none, when: start, to: active, public: true }
      - { from: active, when: done, to: waiting, public: true }
      - { from: waiting, when: done, to: none, public: true }
    answers:
      - { in: work, trigger: start, answer: ignore }
";

/// The table whose second step shows the same status as the first.
fn unshown(status: &str) -> String {
    let text = TABLE.replace("kind: work, shows: waiting", "kind: work, shows: active");
    let text = text.replace("when: done, to: waiting, public: true", "when: done, to: waiting");
    text.replace("  waiting: { since: '0.1', doc: 'it waits' }\n", status)
}

#[test]
fn a_status_that_is_declared_and_not_shown_any_more_is_not_gone() {
    let new = public_of(&unshown(
        "  waiting: { since: '0.1', deprecated: { since: '0.2', use: active }, doc: 'it waits' }\n",
    ));
    let found = keys(&compared(&new, &public_of(TABLE)));
    assert!(found.contains(&"status-unreachable: waiting".to_owned()), "{found:#?}");
    for rule in ["status-removed", "deprecation-missing", "tombstone-missing"] {
        assert!(!found.iter().any(|key| key.starts_with(rule)), "{found:#?}");
    }
    // Without its declaration it is gone.
    let found = keys(&compared(&public_of(&unshown("")), &public_of(TABLE)));
    assert!(found.contains(&"status-removed: waiting".to_owned()), "{found:#?}");
    assert!(found.contains(&"tombstone-missing: waiting".to_owned()), "{found:#?}");
}

#[test]
fn a_status_that_is_declared_and_not_shown_yet_is_new() {
    let new = public_of(&TABLE.replace("triggers:", "  later: { since: '0.2', doc: 'some day' }\ntriggers:"));
    let report = compared(&new, &public_of(TABLE));
    assert_eq!(breaks(change(&report, "status-added: later")), ["E!", "P!"]);
    assert_eq!(report.changes.len(), 1, "{:#?}", keys(&report));
    assert!(report.changes[0].message.contains("no machine shows it yet"), "{}", report.changes[0].message);
    // Shown at last, it is no news to clients that know the vocabulary.
    let shown = public_of(
        &TABLE
            .replace("shows: waiting", "shows: later")
            .replace("triggers:", "  later: { since: '0.2', doc: 'some day' }\ntriggers:"),
    );
    assert!(!keys(&compared(&shown, &new)).contains(&"status-added: later".to_owned()));
}

#[test]
fn a_reserved_name_that_is_declared_again_is_reused() {
    let reserved = "reserved:\n  Later: { was: status, removed: '0.1', doc: 'given up' }\ntriggers:";
    let old = public_of(&TABLE.replace("triggers:", reserved));
    let again = "  later: { since: '0.2', wire: Later, doc: 'some day' }\ntriggers:";
    let found = keys(&compared(&public_of(&TABLE.replace("triggers:", again)), &old));
    assert!(found.contains(&"reserved-reused: Later".to_owned()), "{found:#?}");
}

#[test]
fn a_lock_keeps_what_is_declared_and_one_that_does_not_is_still_read() {
    let now = public_of(&unshown("  waiting: { since: '0.1', doc: 'it waits' }\n"));
    let text = lock::write(&now);
    assert!(text.contains("\nstatus waiting since 0.1\n"), "{text}");
    assert_eq!(lock::read(&text).unwrap().statuses, now.statuses);
    let before = text.replace("status waiting since 0.1\n", "");
    assert_eq!(lock::read(&before).unwrap().statuses.len(), 2);
}

/// One that asks and passes over the new status is shown nothing at the beginning, where no other status followed before.
#[test]
fn nothing_that_is_known_is_shown_where_a_new_status_is() {
    let fresh = "  fresh: { since: '0.2', doc: 'nothing was done yet' }\ntriggers:";
    let table = TABLE.replace("to: none, public", "to: active, public");
    let new = table.replace("kind: idle, shows: none", "kind: idle, shows: fresh").replace("triggers:", fresh);
    let report = compared(&public_of(&new), &public_of(&table));
    let message = &change(&report, "status-now-terminal: source: fresh").message;
    assert!(message.contains("nothing that it knows") && !message.contains("always followed"), "{message}");
}

/// A setting that is gone, while one that is new decides all that it did.
#[test]
fn it_is_asked_whether_a_setting_has_a_new_name() {
    let table = TABLE
        .replace("when: done, to: waiting", "when: done and fast, to: waiting")
        .replace(
            "    answers:",
            "      - { from: active, when: done and not fast, to: none, public: true }\n    answers:",
        )
        .replace("machines:", "guards:\n  fast: { capability: fast, fixed: true, doc: 'quick' }\nmachines:");
    let report = compared(&public_of(&table.replace("capability: fast", "capability: quick")), &public_of(&table));
    let message = &change(&report, "configuration-removed: fast").message;
    assert!(message.contains("`quick` decides what it did: is it renamed?"), "{message}");
    assert!(keys(&report).contains(&"tombstone-missing: fast".to_owned()), "{:?}", keys(&report));
}
