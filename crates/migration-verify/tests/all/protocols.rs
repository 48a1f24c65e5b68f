//! Protocols of other people: a token that is passed on, a two-phase commit, and an alternating-bit link. Each table is
//! sound as far as its protocol is; then a fault of a known kind is planted, and has to be found by a shortest run.

use migration_table::model::Table;
use migration_verify::{Claim, Network, Outcome, Report, System, verify};

use crate::tables::{self, changed, outcome, property, report_of, table};
use crate::unnoticed::CLIENT;

const TOKEN: &str = include_str!("../tables/token.yaml");
const COMMIT: &str = include_str!("../tables/two-phase-commit.yaml");
const LINK: &str = include_str!("../tables/link.yaml");

/// Hosts that live on, and a network that loses and doubles messages where that is said.
fn system(table: &Table, is_bad: bool) -> System {
    let mut system = System::of(table);
    system.bounds.kills = 0;
    system.network = Network { lose: is_bad, duplicate: is_bad, ..Network::default() };
    system
}

fn report(text: &str, is_bad: bool) -> Report {
    let table = table(text);
    report_of(&table, &system(&table, is_bad))
}

/// What fails, each with the number of steps of its run.
fn failures(report: &Report) -> Vec<(&str, usize)> {
    let failing = report.verdicts.iter().filter_map(|verdict| match &verdict.result {
        Outcome::Fails(run) => Some((verdict.property.as_str(), run.steps.len())),
        Outcome::NotExhausted => panic!("{} is not decided", verdict.property),
        Outcome::Holds { .. } | Outcome::Vacuous { .. } => None,
    });
    failing.collect()
}

fn planted(text: &str, changes: &[(&str, &str)], is_bad: bool) -> Report {
    let text = changes.iter().fold(text.to_owned(), |text, (from, to)| changed(&text, from, to));
    report(&text, is_bad)
}

#[test]
fn nothing_is_wrong_with_a_token_that_is_passed_on() {
    assert_eq!(failures(&report(TOKEN, false)), []);
}

#[test]
fn a_server_that_takes_its_token_back_answers_beside_the_other_one() {
    let change = (
        "when: silence, to: leaving }\n      - { from: passing,  when: lost,    to: leaving }",
        "when: silence, to: serving, public: true }\n      - { from: passing,  when: lost,    to: leaving }",
    );
    let found = planted(TOKEN, &[change], false);
    // Serve, pass, drained, taken back; watch, greeted, passed on.
    assert_eq!(failures(&found), [("one_answers", 7)], "{}", found.text());
}

#[test]
fn a_server_that_is_started_again_answers_beside_the_other_one() {
    // The table says nothing of it, and it is so: what a dead server knew is lost.
    let table = table(TOKEN);
    let found = tables::report(&table);
    assert_eq!(failures(&found), [("one_answers", 9)], "{}", found.text());
}

#[test]
fn two_servers_that_wait_for_each_other_are_found() {
    let found = planted(
        TOKEN,
        &[
            ("to: passing,  public: true, sends: yours }", "to: passing,  public: true }"),
            (
                "      - { from: passing,  when: mine,    to: leaving }\n      - { from: passing,  when: silence, to: leaving }\n",
                "      - { from: passing,  when: mine,    to: leaving, sends: yours }\n",
            ),
            ("      - { from: next,     when: silence,  to: over,     public: true }\n", ""),
            (
                "holds: address, timeout: { event: silence, after_ms: 5000 }, doc: \"waits until",
                "holds: address, doc: \"waits until",
            ),
            ("timeout: { event: silence, after_ms: 60000 }, doc: \"is the next", "doc: \"is the next"),
        ],
        false,
    );
    let names: Vec<&str> = failures(&found).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["no-deadlock", "nobody-waits-for-ever", "nobody-waits-for-ever"], "{}", found.text());
}

#[test]
fn both_sides_of_a_two_phase_commit_do_the_same_and_one_may_wait_for_the_other() {
    // That a participant that has voted waits for a coordinator that is gone is known of the protocol.
    assert_eq!(failures(&report(COMMIT, false)), []);
    // Where the table does not say so, it is found.
    let silenced = ", T0419: \"only the coordinator knows the decision: a participant that has voted waits\"";
    let found = planted(COMMIT, &[(silenced, "")], false);
    assert!(failures(&found).contains(&("no-deadlock", 7)), "{}", found.text());
    assert!(found.text().contains("participant is in `uncertain`; only `commit` or `abort` can change that"));
}

#[test]
fn a_participant_that_gives_up_after_its_vote_splits_the_decision() {
    let found = planted(
        COMMIT,
        &[
            (
                "      - { from: uncertain,  when: abort,    to: aborting }",
                "      - { from: uncertain,  when: abort,    to: aborting }\n      - { from: uncertain,  when: silence,  to: aborting }",
            ),
            ("doc: \"has voted, and waits", "timeout: { event: silence, after_ms: 2000 }, doc: \"has voted, and waits"),
        ],
        false,
    );
    assert_eq!(failures(&found), [("all_or_nothing", 6)], "{}", found.text());
}

#[test]
fn nothing_is_wrong_with_an_alternating_bit_on_any_network() {
    for is_bad in [false, true] {
        assert_eq!(failures(&report(LINK, is_bad)), []);
    }
}

#[test]
fn a_receiver_without_the_bit_reads_a_letter_twice() {
    let change = (
        "letter_0, to: half,    sends: ack_0 }\n      - { from: half,    when: letter_1",
        "letter_0, to: both,    sends: ack_1 }\n      - { from: half,    when: letter_1",
    );
    let found = planted(LINK, &[change], false);
    // Sent, sent again, listening, read, read again.
    assert_eq!(failures(&found), [("read_once", 5)], "{}", found.text());
}

#[test]
fn a_letter_that_is_lost_and_not_sent_again_is_missed() {
    let changes = [
        ("      - { from: second, when: resend, to: second, sends: letter_1 }\n", ""),
        (
            "      - { from: [wait], when: stop,   to: filing }\n",
            "      - { from: first,  when: stop,   to: filing }\n",
        ),
        ("{ in: [quiet, filing, done], trigger: stop", "{ in: [quiet, second, filing, done], trigger: stop"),
        (
            "timeout: { event: resend, after_ms: 100 }, doc: \"waits for the answer to bit 1\"",
            "doc: \"waits for the answer to bit 1\"",
        ),
    ];
    let found = planted(LINK, &changes, true);
    let names: Vec<&str> = failures(&found).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["no-deadlock", "nobody-waits-for-ever"], "{}", found.text());
}

#[test]
fn a_sender_that_nothing_can_stop_sends_for_ever() {
    // The receiver is done, and nobody is left to answer: the sender moves all the time, and gets nowhere.
    let changes = [
        ("      - { from: [wait], when: stop,   to: filing }\n", ""),
        ("{ in: [quiet, filing, done], trigger: stop", "{ in: [quiet, first, second, filing, done], trigger: stop"),
    ];
    let found = planted(LINK, &changes, true);
    let names: Vec<&str> = failures(&found).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["attempts-can-end"], "{}", found.text());
    assert!(found.text().contains("from here the attempt of sender never ends, whatever is done"));
}

#[test]
fn what_a_host_takes_in_ends_a_scope_before_what_it_does_then() {
    let table = table(LINK);
    let claim = |until: &str| Claim::After {
        when: "sender begins".to_owned(),
        never: "sender enters second".to_owned(),
        until: Some(until.to_owned()),
    };
    let asked = [property("own", claim("sender hears ack_0")), property("other", claim("sender hears ack_1"))];
    let found = verify(&table, &system(&table, false), &asked, &mut |_| {}).expect("the names are right");
    let failing: Vec<&str> = failures(&found).into_iter().map(|(name, _)| name).collect();
    assert_eq!(failing, ["other"], "{}", found.text());
}

#[test]
fn a_host_begins_before_what_it_does_then() {
    let table = table(CLIENT);
    let before = |first: &str, then: &str| Claim::Before { first: first.to_owned(), then: then.to_owned() };
    let after = |when: &str, until: Option<&str>| Claim::After {
        when: when.to_owned(),
        never: "client enters asking".to_owned(),
        until: until.map(str::to_owned),
    };
    let asked = [
        property("right", before("client begins", "client enters asking")),
        property("wrong", before("client enters asking", "client begins")),
        property("at-once", after("client accepts ask", None)),
        property("over", after("client hears answer", Some("client begins"))),
    ];
    let found = verify(&table, &system(&table, false), &asked, &mut |_| {}).expect("the names are right");
    assert!(matches!(outcome(&found, "right"), Outcome::Holds { .. }), "{}", found.text());
    assert!(matches!(outcome(&found, "wrong"), Outcome::Fails(_)), "{}", found.text());
    assert!(matches!(outcome(&found, "at-once"), Outcome::Fails(run) if run.steps.len() == 1), "{}", found.text());
    assert!(matches!(outcome(&found, "over"), Outcome::Holds { .. }), "{}", found.text());
}
