//! Machines that are right and are not accused: a service that works until it is told to stop, two kinds of attempt, a
//! wait whose bound the table leaves out for a reason.

use migration_verify::{Bounds, System, add_mends, verify};

use crate::tables::{changed, fails, report, table};

/// A service that works until a user stops it.
const SERVICE: &str = include_str!("../tables/service.yaml");

/// Control groups as Linux has them: to thaw is an attempt of its own.
const FREEZER: &str = include_str!("../tables/freezer.yaml");

/// A volume whose happy path goes through an idle state: to attach and to mount are two attempts.
const VOLUME: &str = include_str!("../tables/volume.yaml");

/// A host that waits for a hint as long as it likes.
const PATIENT: &str = include_str!("../tables/hint.yaml");

/// The right to a token is handed over; the taker does not say that it has it.
const TOKEN: &str = include_str!("../tables/hand-over.yaml");

/// Work whose end leads on only if a guard holds then, and nothing looks again.
const GUARDED: &str = include_str!("../tables/guarded.yaml");

fn is_accused(text: &str, property: &str) -> bool {
    fails(&report(&table(text)), property)
}

#[test]
fn work_that_only_a_user_or_a_failure_ends_serves_until_it_is_told() {
    assert!(!is_accused(SERVICE, "nobody-waits-for-ever"));
    // Work that comes to an end by itself, but need not, is stuck.
    let done = changed(SERVICE, "events:\n", "events:\n  done: { rare: true, doc: \"all is done\" }\n");
    let row = "      - { from: up, when: failed, to: stopping, reason: broken }\n";
    let done = changed(&done, row, &format!("{row}      - {{ from: up, when: done, to: stopping }}\n"));
    assert!(is_accused(&done, "nobody-waits-for-ever"));
}

#[test]
fn an_attempt_that_leaves_the_happy_path_at_once_need_not_come_to_its_end() {
    assert!(!is_accused(FREEZER, "can-succeed"));
    // One that is on the path has to be able to.
    let row = "      - { from: freezing, when: stopped, to: frozen, public: true }\n";
    let stuck = changed(FREEZER, row, "      - { from: freezing, when: stopped, to: thawing }\n");
    assert!(is_accused(&stuck, "can-succeed"));
}

#[test]
fn a_host_may_stand_still_where_the_table_says_why_it_has_no_timeout() {
    assert!(!is_accused(PATIENT, "no-deadlock"));
    let without = changed(PATIENT, " allow: { T0419: \"users may be silent\" },", "");
    assert!(is_accused(&without, "no-deadlock"));
}

#[test]
fn a_change_that_the_checks_refuse_is_not_proposed() {
    let table = table(TOKEN);
    let mut report = report(&table);
    add_mends(&table, &System::of(&table), migration_table::check::run, &mut report).expect("the names are right");
    let verdict = report.verdicts.iter().find(|verdict| verdict.property == "can-succeed").expect("it is decided");
    let mends = &verdict.mends;
    assert!(mends.iter().any(|mend| mend.what.contains("when it enters `starting`")), "{mends:?}");
    // It would send on entering an idle state.
    assert!(mends.iter().all(|mend| !mend.what.contains("when it enters `runs`")), "{mends:?}");
}

#[test]
fn a_state_that_more_attempts_could_enter_is_told_with_their_number() {
    let text = changed(
        FREEZER,
        "transitions:\n",
        "transitions:\n      - { from: fourth, when: freeze, to: freezing, public: true }\n",
    );
    let rests = "      again: { kind: idle, shows: thawed, doc: \"once\" }\n      third: { kind: work, shows: freezing, doc: \"wakes\" }\n      fourth: { kind: idle, shows: thawed, doc: \"twice\" }\n";
    let text = changed(&text, "    transitions:\n", &format!("{rests}    transitions:\n"));
    let text = changed(&text, "when: woken, to: thawed_st,", "when: woken, to: again,");
    let rows = "      - { from: again, when: freeze, to: third, public: true }\n      - { from: third, when: woken, to: fourth, public: true }\n    answers:\n";
    let text = changed(&text, "    answers:\n", rows);
    let table = table(&text);
    let bounds = Bounds { attempts: 1, ..Bounds::default() };
    let once = System { bounds, ..System::of(&table) };
    let once = verify(&table, &once, &[], &mut |_| {}).expect("the names are right").text();
    assert!(once.contains("state `fourth` of cgroup is never entered in 1 attempt of each host"), "{once}");
    assert!(!report(&table).text().contains("never entered"));
}

#[test]
fn work_that_ended_while_its_guard_did_not_hold_is_stuck() {
    assert!(is_accused(GUARDED, "nobody-waits-for-ever"));
    let row = "      - { from: work_a, when: ended and good, to: fin }\n";
    let both = changed(GUARDED, row, &format!("{row}      - {{ from: work_a, when: ended and not good, to: fin }}\n"));
    assert!(!is_accused(&both, "nobody-waits-for-ever"));
}

#[test]
fn an_attempt_that_comes_to_an_idle_state_of_the_path_has_succeeded() {
    assert!(!is_accused(VOLUME, "can-succeed"));
    // To come back to where it began is no success.
    let row = "      - { from: mounting, when: mounted, to: mounted, public: true }\n";
    assert!(is_accused(&changed(VOLUME, row, ""), "can-succeed"));
}
