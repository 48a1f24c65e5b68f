//! Locks that older versions of the program wrote.

use migration_contract::frozen::{LockState, lock_state};
use migration_contract::public::{Public, lock, project};

const STATES: &str = include_str!("../../../../states.yaml");
const LOCK: &str = include_str!("../../../../api/current.lock");
const TABLE: &str = include_str!("../api/configuration-removed/old.yaml");

#[test]
fn a_lock_from_before_terms_and_unshown_statuses_need_not_be_written_anew() {
    let status = "  failed: { since: \"1.0\", doc: \"it went wrong\" }\n";
    let with_another = format!("{status}  paused: {{ since: \"1.0\", doc: \"nothing moves\" }}\n");
    let text = TABLE.replacen(status, &with_another, 1);
    let table = migration_table::read(&text).table.expect("the table is sound");
    let now = project(&table).expect("the table is small");
    assert!(now.statuses.contains_key("paused") && !now.terms.is_empty());
    assert!(matches!(lock_state(&lock::write(&now), &now), LockState::Current));
    let mut once = Public { terms: Default::default(), ..now.clone() };
    once.statuses.remove("paused");
    assert!(matches!(lock_state(&lock::write(&once), &now), LockState::Current));
    once.statuses.entry("failed".to_owned()).or_default().since = Some("1.1".to_owned());
    assert!(matches!(lock_state(&lock::write(&once), &now), LockState::Stale(_)));
}

#[test]
fn a_lock_from_before_queries_need_not_be_written_anew() {
    let table = migration_table::read(STATES).table.expect("the table is sound");
    let now = project(&table).expect("the table is small");
    assert!(lock::write(&now).contains("\nquery ") && !LOCK.contains("\nquery "));
    assert!(matches!(lock_state(LOCK, &now), LockState::Current));
    assert!(matches!(lock_state(&lock::write(&now), &now), LockState::Current));
}
