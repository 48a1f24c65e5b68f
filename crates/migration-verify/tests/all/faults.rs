//! Faults that are known, found in the tables that have them, and nothing where there are none.

use migration_table::model::Table;
use migration_verify::{Property, Report, System, Verdict, add_mends, verify};

use crate::tables::{MENDED, OWN, PROPOLIS, changed, own_properties, own_system, report, report_of, table};

fn own(text: &str) -> Report {
    verify(&table(text), &own_system(), &own_properties(), &mut |_| {}).expect("the names are right")
}

/// The changes of one rule that make a property hold, as the report names them.
fn mends(text: &str, properties: Vec<Property>, system: &System) -> Vec<(String, Vec<String>)> {
    let table = Table { properties, ..table(text) };
    let mut report = report_of(&table, system);
    add_mends(&table, system, migration_table::check::run, &mut report).expect("the names are right");
    let failing = report.verdicts.iter().filter(|verdict| verdict.is_new_failure());
    let told = |verdict: &Verdict| {
        let mends = verdict.mends.iter().map(|mend| format!("{} (line {})", mend.what, mend.line));
        (verdict.property.clone(), mends.collect())
    };
    failing.map(told).collect()
}

#[test]
fn the_rules_that_would_have_to_change_are_named_where_a_change_of_one_is_enough() {
    let silent = changed(OWN, "to: negotiating,    sends: [hello] }", "to: negotiating }");
    let deaf = changed(OWN, "from: hears_peer,     when: refused", "from: awaits_peer,     when: refused");
    insta::assert_debug_snapshot!([
        mends(OWN, own_properties(), &own_system()),
        mends(&silent, Vec::new(), &System::default()),
        mends(&deaf, Vec::new(), &System::default()),
    ]);
}

fn alone(text: &str) -> Report {
    verify(&table(text), &System::default(), &[], &mut |_| {}).expect("the names are right")
}

/// An event from outside begins an attempt as a command does, and is bounded like one.
#[test]
fn attempts_that_events_from_outside_begin_are_bounded() {
    let report = alone(include_str!("../../../migration-table/tests/fixtures/machines/pod.yaml"));
    assert!(!report.is_undecided(), "{}", report.text());
    let text = report.text();
    assert!(!text.contains("the row `node_lost`"), "the end of a pod is left by it: {text}");
}

#[test]
fn the_own_table_ran_the_guest_twice_and_lost_it() {
    insta::assert_snapshot!(own(OWN).text());
}

#[test]
fn the_own_table_keeps_what_it_promises() {
    let table = table(MENDED);
    insta::assert_snapshot!(report(&table).text());
}

#[test]
fn a_guest_in_doubt_may_leave_only_where_its_user_runs_it() {
    let table = table(MENDED);
    // With a guard that says anything, a guest leaves that nobody runs here.
    let mut system = System::of(&table);
    system.markers.iter_mut().for_each(|marker| marker.guard = None);
    let text = report_of(&table, &system).text();
    assert!(text.contains("fails: only_what_is_here_leaves"), "{text}");
    // With the marker behind it, it never does, and the row still fires.
    let text = report(&table).text();
    assert!(text.contains("holds: only_what_is_here_leaves") && !text.contains("runs_here"), "{text}");
}

#[test]
fn two_machines_that_wait_for_each_other_never_succeed() {
    let text = changed(OWN, "to: negotiating,    sends: [hello] }", "to: negotiating }");
    let text =
        changed(&text, "to: active,         public: true }", "to: active,         public: true, sends: [hello] }");
    insta::assert_snapshot!(alone(&text).text());
}

#[test]
fn a_refusal_is_not_heard_where_the_source_waits_for_its_user() {
    let text = changed(OWN, "from: hears_peer,     when: refused", "from: awaits_peer,     when: refused");
    insta::assert_snapshot!(alone(&text).text());
}

#[test]
fn nothing_is_wrong_between_the_two_sides_of_propolis() {
    insta::assert_snapshot!(alone(PROPOLIS).text());
}

#[test]
fn propolis_never_succeeds_without_any_one_of_its_answers() {
    for (from, to) in [
        (
            "public: true, sends: [okay, mem_query] }\n      - { from: ram_push,",
            "public: true, sends: [mem_query] }\n      - { from: ram_push,",
        ),
        ("when: time_data, to: device, sends: okay }", "when: time_data, to: device }"),
        (
            "when: devices, to: ram_pull, public: true, sends: [okay, mem_query] }",
            "when: devices, to: ram_pull, public: true, sends: [mem_query] }",
        ),
        ("when: history, to: imported, sends: okay }", "when: history, to: imported }"),
        ("when: prepared, to: finishing, sends: okay }", "when: prepared, to: finishing }"),
    ] {
        let report = alone(&changed(PROPOLIS, from, to));
        let text = report.text();
        assert!(text.contains("fails: can-succeed"), "without `{from}`:\n{text}");
    }
}
