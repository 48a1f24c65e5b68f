//! The picture in plain characters keeps to its columns and leaves nothing out.

use super::super::figure::Figure;
use super::super::ways::exits;
use super::super::{View, figure, whole};
use super::draw;
use super::words::{COLUMNS, fold, plain};
use migration_table::model::{Machine, Table};
use migration_table::testing::load;

const TABLES: [&str; 2] = [
    include_str!("../../../../states.yaml"),
    // The largest one there is.
    include_str!("../../../../tests/tables/qemu-11.0.yaml"),
];

fn tables() -> Vec<Table> {
    TABLES.map(load).to_vec()
}

#[test]
fn pictures_of_the_migration() {
    let [table, largest] = &tables()[..] else { panic!("two tables") };
    for machine in &table.machines {
        insta::assert_snapshot!(machine.name.clone(), draw(&whole(table, machine)));
    }
    insta::assert_snapshot!("largest", draw(&whole(largest, &largest.machines[0])));
    let views = [
        View::Trigger("cancel"),
        View::Overview,
        View::Diff { old: largest, verdict: Some("another machine"), run: None },
    ];
    for (name, view) in ["trigger", "overview", "changes"].iter().zip(&views) {
        let destination = table.machine("destination").expect("the table has a destination");
        insta::assert_snapshot!(*name, draw(&figure(table, &[destination], view).expect("it can be drawn")));
    }
}

#[test]
fn lines_are_short_and_of_seven_bits() {
    for table in tables() {
        let machines: Vec<&Machine> = table.machines.iter().collect();
        let figures = [View::Full, View::Overview, View::Trigger("cancel"), View::Phase("cancellable")]
            .map(|view| figure(&table, &machines, &view));
        for figure in figures.iter().flatten() {
            for line in draw(figure).lines() {
                assert!(line.is_ascii() && line.len() <= COLUMNS, "{}: {line}", figure.view);
                assert_eq!(line, line.trim_end());
            }
        }
    }
}

#[test]
fn every_state_is_boxed_and_every_way_out_listed_once() {
    for table in tables() {
        for machine in &table.machines {
            let figure: Figure = whole(&table, machine);
            let (panel, text) = (&figure.panels[0], draw(&figure));
            let (picture, _) = text.split_once("Every way out").expect("the list stands beneath the picture");
            for (at, state) in machine.states.iter().enumerate() {
                let name = fold(&state.name, 24).swap_remove(0);
                let is_box = |line: &str| line.contains(&format!("| {name} ")) || line.contains(&format!(" : {name} "));
                assert_eq!(picture.lines().filter(|line| is_box(line)).count(), 1, "`{name}`\n{picture}");
                let lines = machine.lines().into_iter();
                let rows = lines.filter(|row| row.from.iter().any(|from| from.index() == at));
                let mut lines: Vec<usize> = rows.map(|row| row.span.line).collect();
                let mut listed: Vec<usize> = exits(panel, at).iter().map(|exit| exit.way.line).collect();
                lines.sort_unstable();
                listed.sort_unstable();
                assert_eq!(listed, lines, "`{}`", state.name);
            }
            for arrow in &panel.arrows {
                let to = fold(&panel.nodes[arrow.to].label, 24).swap_remove(0);
                assert!(picture.contains(&to));
            }
        }
    }
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for table in tables() {
        let machine = &table.machines[0];
        let mut shuffled = machine.clone();
        shuffled.rows.reverse();
        shuffled.groups.reverse();
        assert_eq!(draw(&whole(&table, &shuffled)), draw(&whole(&table, machine)));
    }
}

#[test]
fn long_names_are_broken_at_their_joints() {
    assert_eq!(fold("pre_switchover_postcopy_released now", 24), ["pre_switchover_postcopy_", "released", "now"]);
    assert_eq!(fold("abcdefghijkl", 10), ["abcdefghij", "kl"]);
    assert_eq!(plain("  \u{201c}a\u{201d} \u{2014}\nb\u{e9} "), "\"a\" - b?");
}
