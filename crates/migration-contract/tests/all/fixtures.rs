//! The checks that need the public side, each with a table on which it fires and one on which it is silent.

use std::fs;
use std::path::Path;

use migration_contract::{checks, load};
use migration_table::check::checks as table_checks;
use migration_table::{Style, render};

#[test]
fn every_fixture_gives_the_findings_of_its_snapshot() {
    insta::glob!("../fixtures", "*/*.yaml", |path| {
        let text = fs::read_to_string(path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(path.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.set_omit_expression(true);
        settings.remove_input_file();
        let shown = render(&load(&text).findings, &text, "states.yaml", Style::Plain);
        settings.bind(|| insta::assert_snapshot!(name, shown));
    });
}

#[test]
fn every_check_of_this_crate_fires_on_its_fixture_and_is_silent_on_the_other() {
    let mut shown = 0;
    for check in checks().filter(|check| table_checks().all(|of_table| of_table.code != check.code)) {
        let folder = format!("{}-{}", check.code, check.name);
        for (file, fires) in [("fires.yaml", true), ("silent.yaml", false)] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(&folder).join(file);
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let found = load(&text).findings.iter().any(|finding| finding.code == check.code);
            assert_eq!(found, fires, "{}", path.display());
        }
        shown += 1;
    }
    assert_eq!(shown, 1);
}

/// The fixtures of the crate below are about other rules, so the checks of this one stay silent on them.
#[test]
fn the_checks_of_this_crate_add_nothing_to_the_fixtures_below() {
    insta::glob!("../../../migration-table/tests/fixtures", "*/*.yaml", |path| {
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(load(&text).findings, migration_table::load(&text).findings, "{}", path.display());
    });
}
