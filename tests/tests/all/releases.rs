//! The tables of released QEMUs: what the checks say about each, and what must be true of all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use migration_contract::load;
use migration_draw::{View, figure};
use migration_table::Findings;
use migration_table::explore::Space;
use migration_table::model::{Machine, StatusId, Table};

/// The releases, oldest first.
const RELEASES: [&str; 5] = ["9.0", "9.1", "10.0", "10.2", "11.0"];

fn release(name: &str) -> (Table, Findings) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tables/qemu-{name}.yaml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let loaded = load(&text);
    (loaded.table.unwrap_or_else(|| panic!("{} cannot be resolved", path.display())), loaded.findings)
}

/// A finding that appears or goes away is looked at by a person: is it a fault of that release?
#[test]
fn findings_of_each_release() {
    for name in RELEASES {
        let (_, findings) = release(name);
        let mut text = String::new();
        for finding in findings.iter() {
            let (line, severity) = (finding.span.line, finding.severity.name());
            writeln!(text, "{line}: {severity}[{}] {}", finding.code.0, finding.message).expect("a text grows");
        }
        insta::assert_snapshot!(format!("qemu_{}", name.replace('.', "_")), text);
    }
}

/// No release took a status away, and a table says since when it knows each.
#[test]
fn vocabularies_only_grow() {
    let version = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().expect("a number")).collect() };
    let mut before: Vec<String> = Vec::new();
    for (index, name) in RELEASES.iter().enumerate() {
        let (table, _) = release(name);
        let now: Vec<String> = table.statuses.iter().map(|status| status.name.clone()).collect();
        let kept: Vec<&String> = now.iter().filter(|status| before.contains(status)).collect();
        assert_eq!(kept, before.iter().collect::<Vec<_>>(), "{name} reorders or takes away");
        for status in &table.statuses {
            let is_new = index > 0 && !before.contains(&status.name);
            assert!(version(&status.since) <= version(name), "`{}` of {name} comes later", status.name);
            assert!(!is_new || version(&status.since) > version(RELEASES[index - 1]), "`{}` is older", status.name);
        }
        before = now;
    }
    assert_eq!(before.len(), 17);
}

/// A table shows every change of status that its release can show, and none that it cannot; so does its overview.
#[test]
fn statuses_follow_each_other_as_in_the_release() {
    let list = include_str!("../../data/status-changes.txt");
    for name in RELEASES {
        let listed: BTreeSet<&str> = list
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(": "))
            .filter(|(_, releases)| releases.split(' ').any(|release| release == name))
            .map(|(change, _)| change)
            .collect();
        assert!(listed.len() > 40, "{name}: {listed:?}");
        let table = release(name).0;
        for shown in [changes(&table), drawn(&table)] {
            let shown: BTreeSet<&str> = shown.iter().map(String::as_str).collect();
            let (missing, invented) = (listed.difference(&shown), shown.difference(&listed));
            let (missing, invented): (Vec<_>, Vec<_>) = (missing.collect(), invented.collect());
            assert!(missing.is_empty() && invented.is_empty(), "{name} lacks {missing:?} and invents {invented:?}");
        }
    }
}

/// Every change of status that the overview of a table has, and the machine whose it is.
fn drawn(table: &Table) -> BTreeSet<String> {
    let machines: Vec<&Machine> = table.machines.iter().collect();
    let figure = figure(table, &machines, &View::Overview).expect("every machine can be drawn in overview");
    let mut found = BTreeSet::new();
    for panel in &figure.panels {
        for arrow in &panel.arrows {
            for from in panel.tail_nodes(arrow.tail) {
                let (before, after) = (&panel.nodes[from].status, &panel.nodes[arrow.to].status);
                found.insert(format!("{} {before} {after}", panel.machine));
            }
        }
    }
    found
}

/// Every change of status that some run of a table publishes, and the machine that does.
fn changes(table: &Table) -> BTreeSet<String> {
    let mut changes = BTreeSet::new();
    let status = |id: StatusId| &table.statuses[id.index()].name;
    for machine in &table.machines {
        let mut space = Space::new(machine).expect("it is small enough");
        let reached = space.explore().expect("it is small enough");
        for state in machine.state_ids().filter(|state| reached.is_reached(*state)) {
            for row in machine.rows_of(state).iter().filter(|row| row.public) {
                let (before, after) = (machine.state(state).shows, machine.state(row.to).shows);
                changes.insert(format!("{} {} {}", machine.name, status(before), status(after)));
            }
        }
    }
    changes
}

/// Every status is shown by some state, but those that a release could not show any more.
#[test]
fn every_status_is_shown() {
    for name in RELEASES {
        let (table, _) = release(name);
        for (index, status) in table.statuses.iter().enumerate() {
            let shows =
                table.machines.iter().flat_map(|machine| &machine.states).any(|state| state.shows.index() == index);
            assert!(shows, "no state of {name} shows `{}`", status.name);
        }
    }
}
