//! Reasons compared, on sides that are written down.

use super::{always, breaks, change, compared, keys, public};
use crate::compare::{Headline, Report};
use crate::public::Public;

const TOLD: &str = "0 none .$ : ?migrate+ 1
     1 active : !failing(lost) 2, !failing(refused) 3, !completed 4, ?migrate-Busy 1
     2 failing(lost) : !failed(lost) 5, ?migrate-Busy 2
     3 failing(refused) : !failed(refused) 6, ?migrate-Busy 3
     4 completed .$ : ?migrate+ 1
     5 failed(lost) .$ : ?migrate+ 1
     6 failed(refused) .$ : ?migrate+ 1";

const EVERYBODY: [&str; 5] = ["E", "E!", "El", "P", "P!"];

fn evidence(report: &Report, key: &str) -> Vec<String> {
    let steps = change(report, key).evidence.iter();
    let words = steps.map(|step| match &step.label {
        Some(label) if step.assumed => format!("[{}]", super::word(label)),
        Some(label) => super::word(label),
        None => "~".to_owned(),
    });
    words.collect()
}

#[test]
fn reasons_where_none_were_break_nobody() {
    let old = TOLD.replace("(lost)", "").replace("(refused)", "");
    let old =
        old.replace("!failing 2, !failing 3", "!failing 2").replace("3 failing : !failed 6", "3 failing : !failed 5");
    let old: Vec<&str> =
        old.lines().filter(|line| !line.trim().starts_with('3') && !line.trim().starts_with('6')).collect();
    let old = always(
        &old.join("\n")
            .replace("4 completed", "3 completed")
            .replace("!completed 4", "!completed 3")
            .replace("5 failed", "4 failed")
            .replace("!failed 5", "!failed 4"),
    );
    let report = compared(&always(TOLD), &old);
    assert_eq!(keys(&report), ["reason-introduced: lost", "reason-introduced: refused"]);
    assert_eq!(report.headline, Headline::Extended);
    assert!(report.verdicts.iter().all(|verdict| verdict.compatible && verdict.headline == Headline::Extended));
    // The other way round, clients that read them are told none.
    let report = compared(&old, &always(TOLD));
    let missing = ["reason-missing: source: failed after failing", "reason-missing: source: failing after active"];
    let gone = ["reason-removed: lost", "reason-removed: refused"];
    let found = keys(&report);
    assert!(missing.iter().chain(&gone).all(|key| found.iter().any(|it| it == key)), "{found:?}");
    assert_eq!(breaks(change(&report, missing[1])), EVERYBODY);
    assert!(report.verdicts.iter().all(|verdict| !verdict.compatible));
}

#[test]
fn another_reason_is_told_at_the_nearest_place_and_once() {
    let new = TOLD
        .replace("!failing(refused) 3", "!failing(crashed) 3")
        .replace("3 failing(refused)", "3 failing(crashed)")
        .replace("!failed(refused)", "!failed(crashed)")
        .replace("6 failed(refused)", "6 failed(crashed)");
    let mut old = always(TOLD);
    // A reason that clients do not know: those who pass over it live with it.
    let report = compared(&always(&new), &old);
    let key = "reason-added: crashed";
    assert_eq!(breaks(change(&report, key)), ["E!", "P!"]);
    assert_eq!(evidence(&report, key), ["?migrate+", "!failing because crashed"]);
    let message = &change(&report, "reason-removed: refused").message;
    assert!(message.contains("`crashed` is given wherever it was: is it renamed?"), "{message}");
    // One that they know from elsewhere.
    old.reasons.insert("crashed".to_owned(), Default::default());
    let report = compared(&always(&new), &old);
    let key = "reason-changed: source: failing because crashed after active";
    assert_eq!(breaks(change(&report, key)), EVERYBODY);
    assert_eq!(evidence(&report, key), ["?migrate+", "!failing because crashed"]);
    assert_eq!(change(&report, key).before, ["failing because lost", "failing because refused"]);
    let lost = change(&report, "reason-lost: source: failing because refused");
    assert!(lost.breaks.is_empty(), "{lost:?}");
}

#[test]
fn a_reason_that_is_told_later_is_missing_before() {
    let new = TOLD
        .replace("!failing(lost) 2, !failing(refused) 3", "!failing 2")
        .replace("2 failing(lost) : !failed(lost) 5", "2 failing : !failed(lost) 4, !failed(refused) 5")
        .lines()
        .filter(|line| !line.trim().starts_with('3'))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("4 completed", "3 completed")
        .replace("!completed 4", "!completed 3")
        .replace("5 failed(lost)", "4 failed(lost)")
        .replace("6 failed(refused)", "5 failed(refused)");
    let report = compared(&always(&new), &always(TOLD));
    assert_eq!(
        keys(&report),
        [
            "reason-lost: source: failing because lost",
            "reason-lost: source: failing because refused",
            "reason-missing: source: failing after active",
        ]
    );
    assert_eq!(breaks(change(&report, "reason-missing: source: failing after active")), EVERYBODY);
}

#[test]
fn a_status_that_is_new_is_told_by_its_own_rule() {
    let new = TOLD.replace("!completed 4, ?migrate-Busy 1", "!completed 4, !gone(lost) 7, ?migrate-Busy 1")
        + "\n7 gone(lost) .$ : ?migrate+ 1";
    let report = compared(&always(&new), &always(TOLD));
    let found = keys(&report);
    assert!(found.iter().any(|key| key == "status-added: gone"), "{found:?}");
    assert!(found.iter().all(|key| !key.starts_with("reason-")), "{found:?}");
}

/// Under which settings a reason differs is part of the finding.
#[test]
fn a_reason_that_changes_under_a_setting_says_so() {
    let side = |text: &str| -> Public {
        public(&format!("settings fast\nmachine source\nunder not fast\n{TOLD}\nunder fast\n{text}"))
    };
    let old = side(&TOLD.replace("none", "none|none"));
    let new = side(&TOLD.replace("!failing(refused) 3", "!failing 3").replace("3 failing(refused)", "3 failing"));
    let report = compared(&new, &old);
    let key = "reason-missing: source: failing after active [when fast]";
    assert!(keys(&report).iter().any(|it| it == key), "{:?}", keys(&report));
}

/// The same statuses came before, and never with this reason: the stream in which it comes now is one of its own.
#[test]
fn a_reason_that_changes_behind_another_reason_is_told() {
    let old = "0 none .$ : ?move+ 1
     1 active : !stopping(pulled) 2, !stopping(broken) 3
     2 stopping(pulled) : !active 1
     3 stopping(broken) : !failed(broken) 4
     4 failed(broken) .$ : ?move+ 1";
    let new = "0 none .$ : ?move+ 1
     1 active : !stopping(pulled) 2
     2 stopping(pulled) : !active 1, !failed(pulled) 3
     3 failed(pulled) .$ : ?move+ 1";
    let mut new = always(new);
    new.reasons.insert("broken".to_owned(), Default::default());
    let report = compared(&new, &always(old));
    let key = "reason-changed: source: failed because pulled after stopping";
    assert_eq!(breaks(change(&report, key)), ["E", "E!", "El", "P", "P!"]);
    assert_eq!(change(&report, key).before, ["failed because broken"]);
    assert!(keys(&report).iter().any(|it| it == "reason-removed: broken"), "no row gives it any more");
}

/// After the same statuses it came for the same reason before, although the reasons on the way were others.
#[test]
fn a_reason_that_came_after_the_same_statuses_is_no_news() {
    let old = "0 none .$ : ?move+ 1
     1 active : !stopping(pulled) 2, !stopping(broken) 3
     2 stopping(pulled) : !active 1
     3 stopping(broken) : !failed(broken) 4
     4 failed(broken) .$ : ?move+ 1";
    let new = old.replace("!active 1", "!active 1, !failed(broken) 4");
    let report = compared(&always(&new), &always(old));
    assert_eq!(keys(&report), [""; 0]);
    assert!(report.verdicts.iter().all(|verdict| verdict.compatible), "{:?}", report.verdicts);
}
