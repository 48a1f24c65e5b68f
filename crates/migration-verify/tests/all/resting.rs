//! Machines that rest, wait for their user, or begin the same wait again and again.

use migration_verify::{Bounds, Outcome, Report, System};

use crate::tables::{changed, fails, outcome, report_of, table};

/// A dial whose every position is a rest.
const DIAL: &str = include_str!("../tables/dial.yaml");

/// Two machines whose paths end in a state that no step rests in.
const PASSING: &str = include_str!("../tables/letters.yaml");

/// A client that asks again after each second of silence.
const CALLER: &str = include_str!("../tables/caller.yaml");

/// A job that is done when its user says so.
const JOB: &str = include_str!("../tables/job.yaml");

fn report(text: &str) -> Report {
    let table = table(text);
    report_of(&table, &System { bounds: Bounds { kills: 0, ..Bounds::default() }, ..System::of(&table) })
}

#[test]
fn a_machine_may_go_from_rest_to_rest_as_often_as_it_likes() {
    let report = report(DIAL);
    assert!(fails(&report, "short"), "{}", report.text());
}

#[test]
fn a_timer_that_begins_anew_with_each_visit_need_not_run_out() {
    let again = report(CALLER);
    assert!(fails(&again, "ends"), "{}", again.text());
    // In a visit that nothing ends before, it runs out.
    let once = changed(CALLER, "      - { from: asking, when: silent, to: asking }\n", "");
    let once = changed(&once, "timeout: { event: silent, after_ms: 1000 }, ", "");
    let once = report(&once);
    assert!(!fails(&once, "ends"), "{}", once.text());
}

#[test]
fn work_that_lacks_nothing_but_a_command_waits_for_its_user() {
    let waits = report(JOB);
    assert!(!fails(&waits, "nobody-waits-for-ever"), "{}", waits.text());
    // A command that gives up is no way on: work that need not bring anything is stuck.
    let stuck = report(&changed(JOB, "drained: { ", "drained: { rare: true, "));
    assert!(fails(&stuck, "nobody-waits-for-ever"), "{}", stuck.text());
}

/// Whoever passes through the end of its path has come to it, although no configuration has it there.
#[test]
fn an_end_that_is_left_in_the_same_step_is_reached() {
    let result = |text: &str| outcome(&report_of(&table(text), &System::default()), "can-succeed").clone();
    assert_eq!(result(PASSING), Outcome::Holds { needs: Vec::new() });
    // Where nobody thanks, the writer never comes to its end.
    assert!(matches!(result(&changed(PASSING, "to: done, sends: thanks,", "to: done,")), Outcome::Fails(_)));
}

/// What is sent before anything was read is on no connection, which the report says.
#[test]
fn messages_before_anything_was_read_are_said_to_be_lost() {
    let report = |text: &str| report_of(&table(text), &System::default()).text();
    let text = report(&changed(
        PASSING,
        "to: waiting, public: true }\n      - { from: waiting, when: letter",
        "to: waiting, sends: thanks, public: true }\n      - { from: waiting, when: letter",
    ));
    assert!(text.contains("note: `thanks` of reader is taken to be lost"), "{text}");
    assert!(!report(PASSING).contains("taken to be lost"));
}
