//! The project's own table is sound.

use migration_contract::load;

const STATES: &str = include_str!("../../../../states.yaml");

#[test]
fn the_projects_own_table_gives_no_finding() {
    let loaded = load(STATES);
    let findings: Vec<_> = loaded.findings.iter().collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(loaded.table.is_some());
}
