//! A right table of somebody else: what is said of it is true, and it is not accused.

use migration_verify::{Outcome, Report, System, UnreachedKind, verify};

use crate::tables::{changed, table};

const SPOOLER: &str = include_str!("../tables/spooler.yaml");

fn report(text: &str) -> Report {
    let table = table(text);
    verify(&table, &System::of(&table), &table.properties, &mut |_| {}).expect("the names are right")
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

#[test]
fn without_a_normal_course_nobody_is_known_to_have_given_up() {
    let text = changed(SPOOLER, "    happy_path: [none, queued, printing, closing, over]\n", "");
    let text = changed(&text, "    happy_path: [none, ready, working, closing]\n", "");
    let report = report(&text);
    let vacuous = results(&report).into_iter().filter(|(_, result)| matches!(result, Outcome::Vacuous { .. }));
    assert_eq!(vacuous.map(|(name, _)| name).collect::<Vec<_>>(), ["messages-are-heard"], "{}", report.text());
}
