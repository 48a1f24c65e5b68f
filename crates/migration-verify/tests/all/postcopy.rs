//! The post-copy of the project's table: one guest, and no way of losing it while both sides live.

use migration_table::model::{Claim, Property, Table};
use migration_verify::{Bounds, System};

use crate::tables::{MENDED as POSTCOPY, changed, report, report_of, table};

fn recovers() -> Property {
    Property {
        name: "paused_can_recover".to_owned(),
        spans: Vec::new(),
        claim: Claim::Possible {
            formula: "source.completed and destination.runs".to_owned(),
            from: Some("destination enters postcopy_paused".to_owned()),
        },
        doc: "a paused post-copy can be recovered, so that every page comes to the guest".to_owned(),
    }
}

/// Whatever broke, while both sides live and no user gives up.
fn recovery(text: &str) -> String {
    let table = Table { properties: vec![recovers()], ..table(text) };
    let bounds = Bounds { kills: 0, ..Bounds::default() };
    let system = System { bounds, without: vec!["give_up".to_owned()], ..System::of(&table) };
    report_of(&table, &system).text()
}

#[test]
fn a_paused_post_copy_can_always_be_recovered() {
    let text = recovery(POSTCOPY);
    assert!(text.contains("holds: paused_can_recover"), "{text}");
    let spoiled = changed(POSTCOPY, "public: true, sends: [missing] }", "public: true }");
    let text = recovery(&spoiled);
    assert!(text.contains("fails: paused_can_recover"), "{text}");
}

/// Rows that were spoiled: each fault is found.
#[test]
fn a_spoiled_row_of_the_post_copy_is_found() {
    for (from, to, fault) in [
        (
            "when: failed,         to: postcopy_failing,  sends: [refused], reason: error }\n      - { from: postcopy_loads,       when: timed_out",
            "when: failed,         to: postcopy_paused, public: true }\n      - { from: postcopy_loads,       when: timed_out",
            "fails: paused_guest_ran",
        ),
        (
            "[awaits_running, postcopy_awaits], when: refused, to: taking_back, public: true, reason: peer-refused",
            "[awaits_running, postcopy_awaits], when: refused, to: abandoning, public: true, reason: peer-refused",
            "fails: refused_guest_goes_on",
        ),
    ] {
        let table = table(&changed(POSTCOPY, from, to));
        let text = report(&table).text();
        assert!(text.contains(fault), "with `{to}`:\n{text}");
    }
}
