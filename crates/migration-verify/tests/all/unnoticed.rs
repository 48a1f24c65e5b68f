//! Breaks and deaths that nobody notices: only a limit of time, a user or work leads on.

use migration_verify::{Bounds, Network, Outcome, System, What};

use crate::tables::{changed, fails, outcome, report_of, table};

/// A client that waits for an answer and hears nothing but that the connection is lost.
pub(crate) const CLIENT: &str = include_str!("../tables/question.yaml");

/// What the run shows that breaks the property, if one does, and where its client stays for ever, if it may.
fn ends(text: &str, cut: bool, kills: u8) -> (Option<Vec<What>>, bool) {
    let table = table(text);
    let system = System {
        bounds: Bounds { attempts: 1, kills, ..Bounds::default() },
        network: Network { cut, ..Network::default() },
        ..System::of(&table)
    };
    let report = report_of(&table, &system);
    let mut run = None;
    if let Outcome::Fails(found) = outcome(&report, "ends") {
        run = Some(found.steps.iter().map(|step| step.what.clone()).collect());
    }
    (run, fails(&report, "nobody-waits-for-ever"))
}

fn bounded() -> String {
    let timer = "kind: wait, shows: asking, timer: { event: late, after_ms: 9000 }, doc: \"waits\" }";
    let text = changed(CLIENT, "kind: wait, shows: asking, doc: \"waits\" }", timer);
    changed(&text, "when: answer or lost", "when: answer or lost or late")
}

#[test]
fn a_wait_that_only_a_break_ends_need_not_end() {
    let (run, waits) = ends(CLIENT, true, 0);
    let run = run.expect("a run that breaks it");
    assert!(waits && matches!(run.as_slice(), [What::Raise { .. }, What::Cut]), "{run:?}");
    assert_eq!(ends(&bounded(), true, 1), (None, false));
}

#[test]
fn of_a_death_nobody_need_hear() {
    let (run, waits) = ends(CLIENT, false, 1);
    let run = run.expect("a run that breaks it");
    assert!(waits && run.len() == 2 && run.contains(&What::Kill), "{run:?}");
}

#[test]
fn a_peer_that_lives_says_that_it_closes_the_connection() {
    assert_eq!(ends(CLIENT, false, 0), (None, false));
}
