//! A right table of somebody else: what is said of it is true, and it is not accused.

use migration_verify::{Outcome, Report, UnreachedKind};

use crate::tables::{self, changed, table};

const SPOOLER: &str = include_str!("../tables/spooler.yaml");

fn report(text: &str) -> Report {
    tables::report(&table(text))
}

fn results(report: &Report) -> Vec<(&str, &Outcome)> {
    report.verdicts.iter().map(|verdict| (verdict.property.as_str(), &verdict.result)).collect()
}

#[test]
fn a_line_that_fires_in_one_of_its_states_is_not_said_to_fire_never() {
    // `begun` is always before `jam`, so that only `printing` hears it. The line is two rows: one of them publishes.
    let report = report(SPOOLER);
    let [only] = report.unreached.as_slice() else { panic!("{}", report.text()) };
    assert_eq!(only.what, UnreachedKind::RowFrom("jam".to_owned(), "queued".to_owned()));
    assert!(results(&report).iter().all(|(_, result)| matches!(result, Outcome::Holds { .. })), "{}", report.text());
}

#[test]
fn a_machine_whose_normal_course_ends_where_it_began_can_succeed() {
    let report = report(&changed(SPOOLER, "working, closing]", "working, closing, none]"));
    assert!(results(&report).iter().all(|(_, result)| matches!(result, Outcome::Holds { .. })), "{}", report.text());
}

/// The table without a `happy_path`.
fn without_a_normal_course() -> String {
    let text = changed(SPOOLER, "    happy_path: [none, queued, printing, closing, over]\n", "");
    changed(&text, "    happy_path: [none, ready, working, closing]\n", "")
}

#[test]
fn a_message_that_no_run_reads_is_told_whether_a_row_needs_it_or_not() {
    // `begun` is always before `jam`, so that nobody in `queued` can read it.
    let text = changed(&without_a_normal_course(), "from: wait,     when: jam,", "from: queued,   when: jam,");
    let told = |text: &str| {
        let report = report(text);
        let fails = results(&report).into_iter().find(|(name, _)| *name == "messages-are-heard");
        if let Some((_, Outcome::Fails(run))) = fails { run.because.clone() } else { String::new() }
    };
    let expected = "`jam` has arrived, and spooler never reads it: the row that needs it never fires (line 42)";
    assert_eq!(told(&text), expected);
    let row = "      - { from: queued,   when: jam,     to: failing,  public: true }\n";
    let without_row = changed(&changed(&text, row, ""), "silence, jam]", "silence]");
    assert_eq!(told(&without_row), "`jam` has arrived, and no row of spooler reads it");
    let by_name = "doc: \"the page is not printed\", allow: { T0411: \"for releases to come\" } }";
    assert_eq!(told(&changed(&without_row, "doc: \"the page is not printed\" }", by_name)), "");
}

#[test]
fn without_a_normal_course_nobody_is_known_to_have_given_up() {
    let report = report(&without_a_normal_course());
    let vacuous = results(&report).into_iter().filter(|(_, result)| matches!(result, Outcome::Vacuous { .. }));
    assert_eq!(vacuous.map(|(name, _)| name).collect::<Vec<_>>(), ["messages-are-heard"], "{}", report.text());
}

#[test]
fn success_that_one_machine_does_not_define_is_said_not_to_be_asked() {
    let report = report(&changed(SPOOLER, "    happy_path: [none, ready, working, closing]\n", ""));
    let asked = results(&report).into_iter().find(|(name, _)| *name == "can-succeed");
    assert!(matches!(asked, Some((_, Outcome::Vacuous { .. }))), "{}", report.text());
}
