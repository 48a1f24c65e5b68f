//! An arrow from a state to itself has a place of its own: nothing else stands there, and nothing goes through it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use migration_draw::figure::{Course, Panel, Tail};
use migration_draw::layout::{Layout, Point, Rect};
use migration_draw::svg::simplified;
use migration_draw::{self as draw, Figure, View};
use migration_table::model::{Machine, Table};
use migration_table::testing::load;

/// States that are left by themselves wherever a picture is crowded: on the happy path, at its beginning and end, in
/// frames, beside the path, and where runs end.
const LOOPS: &str = r#"
format: 1
machine: loops
statuses:
  quiet:  { since: "1.0", doc: "nothing runs" }
  busy:   { since: "1.0", doc: "at work" }
  ending: { since: "1.0", doc: "it is being cleaned up" }
  ended:  { since: "1.0", doc: "it is over" }
  failed: { since: "1.0", doc: "it went wrong" }
triggers:
  go:     { command: go,     doc: "begin" }
  again:  { command: again,  doc: "do it once more" }
  cancel: { command: cancel, doc: "give up" }
events:
  tick:   { doc: "time passes" }
  a_long_name_of_an_event: { doc: "it takes much room" }
  done:   { doc: "a part is done" }
  clean:  { doc: "all is released" }
  lost:   { carries: cause, doc: "it cannot go on" }
machines:
  only:
    doc: "comes back to itself"
    precedence: [lost, cancel, again, a_long_name_of_an_event, tick]
    happy_path: [quiet, first, second, third, closing, ended]
    groups:
      inner: [first, second]
      outer: [inner, third, aside]
    states:
      quiet:   { kind: idle,    shows: quiet, initial: true, doc: "at rest" }
      first:   { kind: work,    shows: busy,   doc: "first" }
      second:  { kind: work,    shows: busy,   doc: "second" }
      third:   { kind: work,    shows: busy,   doc: "third" }
      aside:   { kind: wait,    shows: busy,   doc: "beside" }
      closing: { kind: cleanup, shows: ending, doc: "last" }
      failing: { kind: cleanup, shows: ending, doc: "last, and wrong" }
      ended:   { kind: idle,    shows: ended,  doc: "at rest again" }
      failed:  { kind: idle,    shows: failed, doc: "at rest, and wrong" }
    transitions:
      - { from: quiet,   when: go,    to: first, public: true }
      - { from: quiet,   when: again, to: quiet }
      - { from: [ended, failed], when: again, to: first, public: true }
      - { from: ended,   when: cancel, to: ended }
      - { from: failed,  when: cancel, to: failed }
      - { from: [first, second, third, closing, failing], when: tick, to: first, public: true }
      - { from: first,   when: a_long_name_of_an_event or again, to: first }
      - { from: second,  when: a_long_name_of_an_event, to: second }
      - { from: second,  when: again, to: aside }
      - { from: aside,   when: tick or again, to: aside }
      - { from: aside,   when: done, to: third }
      - { from: third,   when: again, to: third }
      - { from: first,   when: done, to: second }
      - { from: second,  when: done, to: third }
      - { from: third,   when: done, to: closing, public: true }
      - { from: closing, when: again, to: closing }
      - { from: closing, when: clean, to: ended, public: true }
      - { from: failing, when: a_long_name_of_an_event, to: failing }
      - { from: failing, when: clean, to: failed, public: true }
      - { from: inner,   when: cancel, to: failing, public: true }
      - { from: outer,   when: lost,   to: failing, public: true }
"#;

/// The arrows of a panel from a state to itself.
fn loops(panel: &Panel) -> Vec<usize> {
    let is_loop = |arrow: &draw::figure::Arrow| arrow.tail == Tail::Node(arrow.to) && arrow.course != Course::Again;
    (0..panel.arrows.len()).filter(|at| is_loop(&panel.arrows[*at])).collect()
}

/// What is wrong about the arrows of a figure from states to themselves, and how many there are.
fn wrong(figure: &Figure) -> (Vec<String>, usize) {
    let (mut found, mut count) = (Vec::new(), 0);
    for panel in figure.panels.iter().map(simplified) {
        let loops = loops(&panel);
        count += loops.len();
        if loops.is_empty() {
            continue;
        }
        let layout = Layout::new(&panel);
        for at in loops {
            let node = panel.arrows[at].to;
            let said = in_the_way(&layout, at, node);
            found.extend(said.into_iter().map(|what| format!("{}: {what}", panel.nodes[node].id)));
        }
    }
    (found, count)
}

/// What stands where the arrow `at` of `node` goes or where its words stand, or goes through there.
fn in_the_way(layout: &Layout, at: usize, node: usize) -> Vec<String> {
    let mut found = Vec::new();
    let Some(words) = layout.routes[at].label.as_ref().map(|label| label.rect) else {
        return vec!["has no words".to_owned()];
    };
    let others: Vec<usize> = (0..layout.routes.len()).filter(|other| *other != at).collect();
    let box_of = |points: &[Point]| {
        let boxes = points.iter().map(|point| Rect { x: point.x, y: point.y, w: 0, h: 0 });
        boxes.reduce(Rect::union).unwrap_or_default()
    };
    let place = box_of(&layout.routes[at].points);
    let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| *rect));
    let labels = others.iter().filter_map(|other| layout.routes[*other].label.as_ref().map(|label| label.rect));
    let titles = layout.titles.iter().copied().filter(|rect| rect.w > 0);
    let nodes = layout.nodes.iter().enumerate();
    for rect in nodes.clone().map(|(_, rect)| *rect).chain(copies.clone()).chain(labels.clone()).chain(titles) {
        found.extend(words.meets(rect).then(|| format!("words {words:?} on {rect:?}")));
    }
    let foreign = nodes.filter(|(other, _)| *other != node).map(|(_, rect)| *rect);
    for rect in foreign.chain(copies).chain(labels) {
        found.extend(place.meets(rect).then(|| format!("the arrow, within {place:?}, goes round {rect:?}")));
    }
    for other in others.iter().chain([&at]) {
        let lines = layout.routes[*other].points.windows(2);
        let through = lines.filter(|pair| words.is_crossed(pair[0], pair[1]));
        found.extend(through.map(|pair| format!("{pair:?} goes through words {words:?}")));
    }
    found
}

/// Every table of the repository.
fn tables() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut folders, mut found) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns how many arrows from states to themselves the pictures of the machines of a table have.
fn check(name: &str, table: &Table) -> usize {
    let mut count = 0;
    let has_loop = |machine: &&Machine| machine.rows.iter().any(|row| row.from.contains(&row.to));
    for machine in table.machines.iter().filter(has_loop) {
        let (whole, readable) = (draw::whole(table, machine), draw::readable(table, machine));
        let is_other = readable.view != whole.view;
        for figure in [Some(whole), is_other.then_some(readable)].into_iter().flatten() {
            let (wrong, many) = wrong(&figure);
            assert_eq!(wrong, [""; 0], "{name}: {} of {}", figure.view, machine.name);
            count += many;
        }
    }
    count
}

#[test]
fn loops_have_places_of_their_own_in_a_crowded_machine() {
    let table = load(LOOPS);
    assert_eq!(check("loops", &table), 9);
    // Of two tables, a state can have several arrows to itself: one that is gone, one that is new.
    let mut old = table.clone();
    for row in &mut old.machines[0].rows {
        if row.from == [row.to] {
            row.cubes[0].set = old_facts(&table);
        }
    }
    let view = View::Diff { old: &old, verdict: None, run: None };
    let figure = draw::figure(&table, &[&table.machines[0]], &view).expect("it can be compared");
    let (wrong, count) = wrong(&figure);
    assert_eq!(wrong, [""; 0]);
    assert!(count > 9, "{count} arrows");
}

/// Facts that no row of [`LOOPS`] needs together.
fn old_facts(table: &Table) -> migration_table::model::FactSet {
    ["tick", "done"].into_iter().filter_map(|name| table.machines[0].fact_id(name)).collect()
}

#[test]
fn loops_have_places_of_their_own_in_every_table_of_the_repository() {
    let (mut count, mut known) = (0, BTreeSet::new());
    for path in tables() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        if !known.insert(text.clone()) {
            continue;
        }
        if let Some(table) = migration_table::load(&text).table {
            count += check(&path.display().to_string(), &table);
        }
    }
    assert!(count > 0, "some state of some table leads to itself");
}
