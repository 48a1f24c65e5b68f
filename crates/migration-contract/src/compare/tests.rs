//! Comparisons of automata that are written down, and of random ones against counting everything out.

mod bounds;
mod brute;
mod changing;
mod notation;
mod parameters;
mod random;
mod reasons;
mod vocabulary;

use super::{Change, Channel, Headline, Key, Level, Repeat, Report, Unknown, compare};
use crate::public::{Label, Public, PublicObserver, Reply, project};
use migration_table::testing::load;
use notation::{always, public};

fn compared(new: &Public, old: &Public) -> Report {
    compare(new, old).unwrap()
}

/// What clients can observe of the table of a text.
fn public_of(text: &str) -> Public {
    project(&load(text)).unwrap()
}

fn keys(report: &Report) -> Vec<String> {
    report.changes.iter().map(|change| change.key().to_string()).collect()
}

fn change<'r>(report: &'r Report, key: &str) -> &'r Change {
    let found = report.changes.iter().find(|change| change.key().to_string() == key);
    found.unwrap_or_else(|| panic!("no `{key}` in {:#?}", keys(report)))
}

fn breaks(change: &Change) -> Vec<&str> {
    change.breaks.iter().map(String::as_str).collect()
}

/// An observation, as the notation writes it.
fn word(label: &Label) -> String {
    match label {
        Label::Event(shown) => format!("!{shown}"),
        Label::Reply(command, Reply::Success) => format!("?{command}+"),
        Label::Reply(command, Reply::Error(class)) => format!("?{command}-{class}"),
    }
}

const PLAIN: &str = "0 none .$ : ?migrate+ 1, ?cancel+ 0
     1 none : !setup 2
     2 setup : !active 3, !failed 5, ?migrate-Busy 2, ?cancel+ 6
     3 active : !completed 4, !failed 5, ?migrate-Busy 3, ?cancel+ 6
     4 completed .$ : ?migrate+ 1, ?cancel+ 4
     5 failed .$ : ?migrate+ 1, ?cancel+ 5
     6 active : !cancelling 7
     7 cancelling : !cancelled 8, ?migrate-Busy 7, ?cancel+ 7
     8 cancelled .$ : ?migrate+ 1, ?cancel+ 8";

#[test]
fn a_side_is_identical_to_itself() {
    let report = compared(&always(PLAIN), &always(PLAIN));
    assert_eq!((report.headline, &report.changes[..]), (Headline::Identical, &[][..]));
    assert!(report.verdicts.iter().all(|verdict| verdict.compatible && verdict.headline == Headline::Identical));
}

#[test]
fn a_status_between_two_that_clients_know_is_one_finding() {
    let new = PLAIN.replace("3 active : !completed 4, !failed 5", "3 active : !device 9, !failed 5")
        + "\n9 device : !completed 4, !failed 5, ?migrate-Busy 9, ?cancel+ 6";
    let old = always(PLAIN);
    let report = compared(&always(&new), &old);
    assert_eq!(keys(&report), ["status-added: device"]);
    assert_eq!(breaks(change(&report, "status-added: device")), ["E!", "P!"]);

    // It is no new name: the old side has it elsewhere.
    let mut old = old;
    old.statuses.insert("device".into(), crate::public::PublicName::default());
    let report = compared(&always(&new), &old);
    let key = "event-new-successor: source: active -> device";
    assert_eq!(keys(&report), ["event-lost-successor: source: active -> completed", key]);
    assert_eq!(breaks(change(&report, key)), ["E", "E!", "El", "P", "P!"]);
    assert_eq!(change(&report, key).evidence.len(), 4);
    assert_eq!(report.verdicts[0].headline, Headline::Incomparable);
}

#[test]
fn an_observer_that_only_the_new_side_declares_takes_no_promise_away() {
    let new = PLAIN.replace("3 active : !completed 4, !failed 5", "3 active : !device 9, !failed 5")
        + "\n9 device : !completed 4, !failed 5, ?migrate-Busy 9, ?cancel+ 6";
    let mut new = always(&new);
    let class = (Channel::Poll, Unknown::Skip, Repeat::Skip);
    new.observers
        .insert("panel".into(), PublicObserver { channel: class.0, unknown: class.1, repeat: class.2, gate: true });
    assert_eq!(change(&compared(&new, &always(PLAIN)), "status-added: device").level, Level::Break);
    // Where the old side declares it, nobody else was promised anything.
    let mut old = always(PLAIN);
    old.observers.clone_from(&new.observers);
    assert_eq!(change(&compared(&new, &old), "status-added: device").level, Level::Warn);
}

#[test]
fn what_comes_late_is_no_effect_of_a_command_that_is_answered_before_it() {
    let late = PLAIN.replace("6 active : !cancelling 7", "6 active : !cancelling 7, ?migrate-Busy 6, ?cancel+ 6");
    let keys = keys(&compared(&always(&late), &always(PLAIN)));
    assert!(keys.contains(&"event-timing: source: cancel after cancel".to_string()), "{keys:?}");
    assert!(!keys.iter().any(|key| key.starts_with("command-effect-changed")), "{keys:?}");
}

#[test]
fn a_cancel_that_may_come_too_late_is_an_outcome() {
    let new = PLAIN.replace("7 cancelling : !cancelled 8", "7 cancelling : !cancelled 8, !completed 4");
    let report = compared(&always(&new), &always(PLAIN));
    assert_eq!(keys(&report), ["outcome-added: source: cancelling -> completed"]);
    assert_eq!(report.headline, Headline::Extended);
}

#[test]
fn what_is_forgotten_hangs_the_client() {
    let new = PLAIN.replace("7 cancelling : !cancelled 8", "7 cancelling .@ : ");
    let new = new.replace(": , ", ": ").replace("8 cancelled .$ : ?migrate+ 1, ?cancel+ 8", "8 x : ");
    let report = compared(&always(&new), &always(PLAIN));
    let key = "quiescence-added: source: cancelling";
    assert_eq!(change(&report, key).level, Level::Break);
    assert_eq!(breaks(change(&report, key)), ["E", "E!", "El", "P", "P!"]);
    assert!(keys(&report).contains(&"outcome-lost: source: cancelled".to_string()));
}

#[test]
fn a_command_that_is_refused_where_it_succeeded() {
    let new = PLAIN.replace(
        "3 active : !completed 4, !failed 5, ?migrate-Busy 3, ?cancel+ 6",
        "3 active : !completed 4, !failed 5, ?migrate-Busy 3, ?cancel-Late 3",
    );
    let report = compared(&always(&new), &always(PLAIN));
    let key = "command-rejected: source: cancel in active";
    assert_eq!(breaks(change(&report, key)), ["E", "E!", "El", "P", "P!"]);
    let back = compared(&always(PLAIN), &always(&new));
    assert!(keys(&back).contains(&"command-newly-accepted: source: cancel in active".to_string()), "{:?}", keys(&back));
    assert!(back.verdicts.iter().filter(|verdict| verdict.observer.starts_with('E')).all(|verdict| verdict.compatible));
}

#[test]
fn another_class_of_error_hides_nothing_behind_it() {
    let old = "0 none .$ : ?migrate+ 1, ?cancel+ 0
        1 none : !active 2
        2 active : !completed 4, !failed 5, ?migrate-Busy 2, ?cancel+ 3, ?cancel-Late 6
        3 active : !failed 5, ?migrate-Busy 3, ?cancel+ 3
        4 completed .$ : ?migrate+ 1, ?cancel+ 4
        5 failed .$ : ?migrate+ 1, ?cancel+ 5
        6 active : !failed 5, ?migrate-Busy 6, ?cancel-Late 6";
    let new = old.replace("?cancel+ 3, ?cancel-Late 6", "?cancel+ 3, ?cancel-Never 2");
    let report = compared(&always(&new), &always(old));
    assert!(
        keys(&report).contains(&"error-class-changed: source: cancel in active: Never".to_string()),
        "{:?}",
        keys(&report)
    );
    let behind = change(&report, "outcome-added: source: active -> completed");
    assert_eq!(breaks(behind), ["E", "E!", "El", "P", "P!"], "{:?}", keys(&report));
    assert_eq!(
        behind.evidence.iter().filter_map(|step| step.label.as_ref()).map(word).collect::<Vec<_>>(),
        ["?migrate+", "!active", "?cancel-Never", "!completed"]
    );
}

#[test]
fn a_command_that_succeeded_where_the_new_side_never_comes_is_lost_and_not_refused() {
    let old = "0 none .$ : ?migrate+ 1, ?continue-Early 0
        1 none : !active 2
        2 active : !paused 3, !failed 4, ?migrate-Busy 2, ?continue-Early 2
        3 paused . : !failed 4, ?migrate-Busy 3, ?continue+ 5
        4 failed .$ : ?migrate+ 1, ?continue-Early 4
        5 paused : !failed 4, ?migrate-Busy 5, ?continue-Early 5";
    let new = old.replace("2 active : !paused 3, !failed 4", "2 active : !failed 4");
    let new: String = new.lines().filter(|line| !line.trim().starts_with(['3', '5'])).collect::<Vec<_>>().join("\n");
    let new = new.replace('4', "3");
    let report = compared(&always(&new), &always(old));
    assert!(report.verdicts.iter().all(|verdict| verdict.compatible), "{:?}", keys(&report));
    assert!(keys(&report).contains(&"event-lost-successor: source: active -> paused".to_string()));
}

/// A client that could wait for ever has lost no end.
#[test]
fn an_attempt_that_could_wait_for_ever_before_loses_no_progress() {
    let old = "0 none .$ : ?run+ 1
        1 none : !running 2
        2 running . : !done 3, ?run+ 2, ?stop+ 4
        3 done .$ : ?run+ 1, ?stop+ 3
        4 running : !done 3";
    let new = old.replace("2 running . : !done 3,", "2 running .@ :");
    let told = keys(&compared(&always(&new), &always(old)));
    assert_eq!(told, ["event-lost-successor: source: running -> done", "outcome-lost: source: done"]);
    let always_ended = old.replace("2 running . :", "2 running :");
    let told = keys(&compared(&always(&new), &always(&always_ended)));
    assert!(told.contains(&"quiescence-added: source: running".to_owned()), "{told:?}");
}

#[test]
fn keys_are_read_back() {
    let new = "settings pause
        machine source
        under not pause
        0 none .$ : ?migrate+ 1
        1 none : !device 2
        2 device .$ :
        under pause
        0 none .$ : ?migrate+ 1
        1 none : !active 2
        2 active : !device 3
        3 device .$ :";
    let old = new.replace("1 none : !device 2\n        2 device .$ :", "1 none : !active 2\n        2 active .$ :");
    let report = compared(&public(new), &public(&old));
    assert!(!report.changes.is_empty());
    for change in &report.changes {
        assert_eq!(change.condition, "not pause");
        assert_eq!(change.key().to_string().parse::<Key>().unwrap(), change.key());
    }
    assert!("event-new-successors: source: a -> b".parse::<Key>().unwrap_err().to_string().contains("did you mean"));
    assert!("event-new-successor: a -> b".parse::<Key>().is_err());
}

#[test]
fn a_finding_as_text() {
    let new = "settings pause
        machine source
        under not pause
        0 none .$ : ?migrate+ 1
        1 none : !active 2
        2 active : !device 3, !failed 4, ?cancel+ 2
        3 device : !completed 4, ?cancel-Late 3
        4 completed .$ : ?migrate+ 1
        under pause
        0 none .$ : ?migrate+ 1
        1 none : !active 2
        2 active : !device 3
        3 device .$ :";
    let old = new.replace("!device 3, !failed 4", "!completed 4, !failed 4");
    let report = compared(&public(new), &public(&old));
    let invocation = migration_table::Invocation::default();
    let one = |change| super::render_one(change, "1.0", None, migration_table::Style::Plain, &invocation) + "\n";
    insta::assert_snapshot!(report.changes.iter().map(one).collect::<String>());
}

/// After `go` the machine is about to show `active`, or it rests and never will: a query tells which.
const TOLD: &str = "0 none .$ : ?go+ 1, ?stop-Busy 0
    1 none . : !active 2, ?go-Busy 4, ?stop+ 3, ~none. 4
    2 active . : ?go-Busy 2, ?stop+ 2
    3 none .$ : ?go-Busy 3, ?stop-Busy 3
    4 none . : ?go-Busy 4, ?stop+ 3";

#[test]
fn what_a_query_excluded_and_no_longer_does_is_seen_by_those_that_ask() {
    let untold = TOLD.replace(", ~none. 4", "");
    let report = compared(&always(&untold), &always(TOLD));
    let key = "status-shows-changed: source: none -> active";
    assert_eq!(keys(&report), [key]);
    assert_eq!(breaks(change(&report, key)), ["P", "P!"]);
    let evidence = change(&report, key).evidence.iter().filter_map(|step| step.label.as_ref()).map(word);
    assert_eq!(evidence.collect::<Vec<_>>(), ["?go+", "!none", "!active"]);
    // To be told more breaks nobody.
    assert!(compared(&always(TOLD), &always(&untold)).verdicts.iter().all(|verdict| verdict.compatible));
}
