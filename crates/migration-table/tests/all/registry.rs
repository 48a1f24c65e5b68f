//! The registry: every check has a code and a name of its own, a reason, and fixtures that show it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use migration_table::check::{Check, Notes, can_be_silenced, checks};
use migration_table::load_with;

/// Checks whose firing fixture would be too large to keep; `bounds.rs` shows them.
const SHOWN_ELSEWHERE: &[&str] = &["T0109"];

fn fixture(check: &Check, file: &str) -> PathBuf {
    let folder = format!("{}-{}", check.code, check.name);
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder).join(file)
}

fn fires(check: &Check, path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    load_with(&text, Notes::Listed).findings.iter().any(|finding| finding.code == check.code)
}

#[test]
fn every_check_has_a_code_a_name_and_a_reason_of_its_own() {
    let codes: Vec<_> = checks().map(|check| check.code).collect();
    assert!(codes.is_sorted(), "the registry is in the order of the codes: {codes:?}");
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "a code stands for one check");
    assert_eq!(checks().map(|check| check.name).collect::<BTreeSet<_>>().len(), codes.len());
    for check in checks() {
        assert!(check.explain.len() > 60 && check.explain.ends_with('.'), "{}: {}", check.code, check.explain);
        let says_when = check.explain.contains("Silence it ");
        assert_eq!(can_be_silenced(check), says_when, "{} says when it is right to silence it", check.code);
    }
}

/// Machines of other projects, written as their authors would.
#[test]
fn machines_of_other_projects_have_no_finding() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/machines");
    let mut machines = 0;
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "yaml") {
            let loaded = load_with(&fs::read_to_string(&file).unwrap(), Notes::LeftOut);
            let found: Vec<&String> = loaded.findings.iter().map(|finding| &finding.message).collect();
            assert!(found.is_empty(), "{}: {found:#?}", file.display());
            machines += 1;
        }
    }
    assert!(machines > 1, "{machines} machines were looked at");
}

#[test]
fn every_check_fires_on_its_fixture_and_is_silent_on_the_other() {
    for check in checks() {
        assert!(!fires(check, &fixture(check, "silent.yaml")), "{} {} is silent", check.code, check.name);
        if !SHOWN_ELSEWHERE.contains(&check.code.0) {
            assert!(fires(check, &fixture(check, "fires.yaml")), "{} {} fires", check.code, check.name);
        }
    }
}
