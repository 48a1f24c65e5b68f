//! What a bound of the search hides is neither said to hold nor to fail.

use migration_verify::{Bounds, Outcome, Report, System};

use crate::tables::{changed, outcome, report_of, table};

const TILL: &str = include_str!("../tables/till.yaml");
const CHATTER: &str = include_str!("../tables/chatter.yaml");

fn report(text: &str, attempts: u8) -> Report {
    let table = table(text);
    let bounds = Bounds { attempts, kills: 0, ..Bounds::default() };
    report_of(&table, &System { bounds, ..System::of(&table) })
}

#[test]
fn what_one_more_attempt_could_bring_is_not_denied() {
    // The last attempt that the search allows may fail; the next one could succeed all the same.
    for attempts in 1..=3 {
        let report = report(TILL, attempts);
        assert!(matches!(outcome(&report, "can_pay"), Outcome::Holds { .. }), "{}", report.text());
    }
    // A till without a timeout never pays once its connection is broken, however often the bank listens again.
    let deaf = changed(
        TILL,
        "asking: { kind: wait, shows: busy, timeout: { event: tired, after_ms: 1000 }",
        "asking: { kind: wait, shows: busy",
    );
    let deaf = changed(&deaf, "      - { from: asking, when: tired, to: none, public: true }\n", "");
    let deaf = changed(&deaf, "from: till begins", "from: bank reports tired");
    let report = report(&deaf, 2);
    let Outcome::Fails(run) = outcome(&report, "can_pay") else { panic!("{}", report.text()) };
    assert_eq!(run.because, "from here `till.paid` can never hold");
}

#[test]
fn what_never_ends_only_because_channels_grow_is_not_said_to_end() {
    let report = report(CHATTER, 2);
    assert!(matches!(outcome(&report, "ends"), Outcome::NotExhausted), "{}", report.text());
    assert!(report.is_undecided());
    // With one answer to a question no more than two messages are on their way, and all is decided.
    let text = changed(CHATTER, "when: said,     to: repeating, sends: reply", "when: said,     to: repeating");
    let report = self::report(&text, 2);
    let Outcome::Fails(run) = outcome(&report, "ends") else { panic!("{}", report.text()) };
    assert!(run.repeats_from.is_some(), "it asks for ever");
}
