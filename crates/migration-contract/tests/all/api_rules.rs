//! The registry of API rules: every rule has a name and a reason of its own, and three tables that show it.
//!
//! `old.yaml` is what was released, `new.yaml` a change on which the rule fires, `kept.yaml` one on which it is silent.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use migration_contract::compare::{Report, compare, rules};
use migration_contract::public::{Public, project};
use migration_table::read;

fn public(rule: &str, file: &str) -> Public {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api").join(rule).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let read = read(&text);
    let table = read.table.unwrap_or_else(|| panic!("{}: {:#?}", path.display(), read.findings));
    project(&table).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fires(rule: &str, report: &Report) -> bool {
    report.changes.iter().any(|change| change.rule == rule)
}

#[test]
fn every_rule_has_a_name_and_a_reason_of_its_own() {
    let names: BTreeSet<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(names.len(), rules().count());
    for rule in rules() {
        for text in [rule.definition, rule.why, rule.keep_compatible, rule.accept] {
            assert!(text.len() > 12 && !text.contains("  "), "{}: {text}", rule.id);
        }
        assert!(rule.definition.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn every_rule_fires_on_its_change_and_is_silent_on_the_other() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let old = public(rule.id, "old.yaml");
        let new = compare(&public(rule.id, "new.yaml"), &old).expect("the tables are small");
        let kept = compare(&public(rule.id, "kept.yaml"), &old).expect("the tables are small");
        let found: Vec<String> = new.changes.iter().map(|change| change.key().to_string()).collect();
        if !fires(rule.id, &new) || fires(rule.id, &kept) {
            wrong.push(format!("{}: {found:?}", rule.id));
        }
        assert!(compare(&old, &old).expect("the tables are small").changes.is_empty(), "{}", rule.id);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A rule that fires where another one is shown, or does not any more, is looked at by a person.
#[test]
fn what_each_change_gives() {
    let mut text = String::new();
    for rule in rules() {
        let old = public(rule.id, "old.yaml");
        let report = compare(&public(rule.id, "new.yaml"), &old).expect("the tables are small");
        text += &format!("{}\n", rule.id);
        for change in &report.changes {
            let breaks: Vec<&str> = change.breaks.iter().map(String::as_str).collect();
            text += &format!("  {} {} ({})\n", change.level.name(), change.key(), breaks.join(" "));
        }
    }
    insta::assert_snapshot!(text);
}
