//! New connections within an attempt.

use migration_verify::{Bounds, Counterexample, Fate, Outcome, System};

use crate::tables::{outcome, report_of, table};

/// A client that asks again on a new connection.
const CLIENT: &str = include_str!("../tables/asks-anew.yaml");

/// Verifies a table whose client begins so many attempts, and returns the report with the run that breaks a property.
fn broken(text: &str, attempts: u8, property: &str) -> (String, Box<Counterexample>) {
    let table = table(text);
    let bounds = Bounds { attempts, kills: 0, ..Bounds::default() };
    let report = report_of(&table, &System { bounds, ..System::of(&table) });
    let Outcome::Fails(run) = outcome(&report, property) else { panic!("{}", report.text()) };
    (report.text(), run.clone())
}

#[test]
fn what_a_new_connection_loses_is_what_the_old_one_carried() {
    let (told, run) = broken(CLIENT, 1, "never_told");
    let messages = run.steps.iter().flat_map(|step| &step.messages);
    let fates: Vec<(&str, Fate)> = messages.map(|passing| (passing.message.as_str(), passing.fate)).collect();
    let expected = [("hello", Fate::Sent), ("hello", Fate::Lost), ("again", Fate::Sent), ("again", Fate::Arrives)];
    assert_eq!(fates, expected, "{told}");
}

#[test]
fn a_host_that_has_begun_anew_takes_a_new_connection_of_an_older_attempt() {
    let changed = CLIENT.replace(
        "never_told: { never: server.told, doc: \"the second question is not heard\" }",
        "told_after: { after: server hears hello, never: server enters told, until: client begins, doc: \"never both\" }",
    );
    let (told, run) = broken(&changed, 2, "told_after");
    // go, serve, hello is heard, lost, serve, again is heard: nobody needs a second attempt of the client.
    assert_eq!(run.steps.len(), 6, "{told}");
}
