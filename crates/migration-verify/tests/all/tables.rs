//! The tables that the tests verify, and what is said of them beyond their rows.

use migration_table::Span;
use migration_table::model::Table;
use migration_verify::{Act, Claim, Marker, Outcome, Property, Report, System, verify};

/// The project's table before both machines were first verified together.
pub(crate) const OWN: &str = include_str!("../../../../api/releases/0.1.yaml");
/// The project's table as it is.
pub(crate) const MENDED: &str = include_str!("../../../../states.yaml");
/// The two sides of a migration in Propolis.
pub(crate) const PROPOLIS: &str = include_str!("../tables/propolis.yaml");

/// Reads a table that has no errors.
pub(crate) fn table(text: &str) -> Table {
    let loaded = migration_table::load(text);
    loaded.table.expect("the table can be read")
}

/// A table with one line changed.
pub(crate) fn changed(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in the table");
    text.replace(from, to)
}

/// What is said of a table with the properties that it states, as a system of this kind.
pub(crate) fn report_of(table: &Table, system: &System) -> Report {
    verify(table, system, &table.properties, &mut |_| {}).expect("the names are right")
}

/// The same, as the system that the table describes.
pub(crate) fn report(table: &Table) -> Report {
    report_of(table, &System::of(table))
}

/// What a report says of a property.
pub(crate) fn outcome<'r>(report: &'r Report, property: &str) -> &'r Outcome {
    let verdict = report.verdicts.iter().find(|verdict| verdict.property == property);
    &verdict.unwrap_or_else(|| panic!("`{property}` is decided: {}", report.text())).result
}

pub(crate) fn fails(report: &Report, property: &str) -> bool {
    matches!(outcome(report, property), Outcome::Fails(_))
}

/// What the project's table leaves unsaid: where the guest runs, and what an operator does after a failure in doubt.
pub(crate) fn own_system() -> System {
    let marker = |machine: &str, initially, set_in: &[&str], cleared_in: &[&str]| Marker {
        name: "runs".to_owned(),
        machine: machine.to_owned(),
        initially,
        set_in: owned(set_in),
        cleared_in: owned(cleared_in),
        guard: None,
        span: Span::default(),
    };
    System {
        markers: vec![
            marker("source", true, &["failing", "cancelling"], &["guest_stopped"]),
            marker("destination", false, &["starting"], &["failing", "closing"]),
        ],
        acts: vec![Act {
            name: "sees that the guest does not run there, and runs it here".to_owned(),
            machine: "source".to_owned(),
            when: "source.failed and not source.runs and not destination.runs".to_owned(),
            sets: "runs".to_owned(),
            span: Span::default(),
        }],
        ..System::default()
    }
}

pub(crate) fn property(name: &str, claim: Claim) -> Property {
    Property { name: name.to_owned(), doc: name.replace('-', " "), claim, spans: Vec::new() }
}

/// What the project promises of both machines.
pub(crate) fn own_properties() -> Vec<Property> {
    vec![
        property("one-side-runs", Claim::AtMostOne("runs".to_owned())),
        property("only-what-is-here-leaves", Claim::Never("source.connecting and not source.runs".to_owned())),
        property(
            "refused-guest-goes-on",
            Claim::LeadsTo {
                whenever: "source hears refused".to_owned(),
                eventually: "source.runs or source.down".to_owned(),
                waiting: None,
            },
        ),
        property(
            "cancel-wins",
            Claim::After {
                when: "source accepts cancel".to_owned(),
                never: "source enters completed".to_owned(),
                until: Some("source begins".to_owned()),
            },
        ),
    ]
}

pub(crate) fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
