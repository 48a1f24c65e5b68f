//! Nothing covers anything else, the happy path is level, and arrows cross seldom.

use migration_table::draw::layout::{Layout, Rect};
use migration_table::draw::svg::{Options, svg};
use migration_table::draw::{self, Figure, View};

use super::{drawn, figures};

/// What the layout says of itself.
fn of_layout(figure: &Figure) -> Vec<String> {
    let mut wrong = Vec::new();
    for panel in &figure.panels {
        let layout = Layout::new(panel);
        let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| *rect));
        let words = layout.routes.iter().filter_map(|route| route.label.as_ref().map(|label| label.rect));
        let titles = layout.titles.iter().copied().filter(|rect| rect.w > 0);
        let all: Vec<Rect> = layout.nodes.iter().copied().chain(copies).chain(words).chain(titles).collect();
        wrong.extend(overlapping(&all));
        let heights: Vec<i32> = panel.path.iter().map(|node| layout.nodes[*node].center().y).collect();
        wrong.extend(heights.windows(2).any(|pair| pair[0] != pair[1]).then(|| format!("heights {heights:?}")));
        let lefts: Vec<i32> = panel.path.iter().map(|node| layout.nodes[*node].x).collect();
        wrong.extend(lefts.windows(2).any(|pair| pair[0] >= pair[1]).then(|| format!("from the left {lefts:?}")));
    }
    wrong
}

/// What the SVG says.
fn of_svg(figure: &Figure) -> Vec<String> {
    let mut wrong = Vec::new();
    for machine in drawn::read(&svg(figure, &Options::default())) {
        let all: Vec<(String, Rect)> = machine.states.iter().chain(&machine.words).cloned().collect();
        for (at, (name, one)) in all.iter().enumerate() {
            let covered = all[at + 1..].iter().filter(|(_, other)| one.meets(*other));
            wrong.extend(covered.map(|(other, _)| format!("`{name}` and `{other}` cover each other")));
        }
        for (arrow, class, points) in &machine.arrows {
            for (state, rect) in &machine.states {
                let through = points.windows(2).any(|pair| rect.grown(-1).is_crossed(pair[0], pair[1]));
                wrong.extend(through.then(|| format!("`{arrow}` goes through `{state}`")));
            }
            let is_level = points.windows(2).all(|pair| pair[0].y == pair[1].y && pair[0].x < pair[1].x);
            wrong.extend((class == "arrow path" && !is_level).then(|| format!("`{arrow}` is not level: {points:?}")));
        }
    }
    wrong
}

fn overlapping(all: &[Rect]) -> Vec<String> {
    let pairs = all.iter().enumerate().flat_map(|(at, one)| all[at + 1..].iter().map(move |other| (one, other)));
    pairs.filter(|(one, other)| one.meets(**other)).map(|(one, other)| format!("{one:?} and {other:?}")).collect()
}

#[test]
fn nothing_covers_anything_and_the_path_is_level_in_every_view_of_the_own_table() {
    figures::of_own(|name, figure| {
        assert_eq!(of_layout(figure), [""; 0], "{name}");
        assert_eq!(of_svg(figure), [""; 0], "{name}");
    });
}

#[test]
fn nothing_covers_anything_and_the_path_is_level_in_what_is_shown_of_qemu() {
    figures::of_qemu(|name, figure| assert_eq!(of_svg(figure), [""; 0], "{name}"));
}

/// The most crossings that the picture of a whole machine may have.
const BUDGETS: [(&str, &str, usize); 12] = [
    ("own", "source", 0),
    ("own", "destination", 0),
    ("9.0", "source", 260),
    ("9.0", "destination", 12),
    ("9.1", "source", 260),
    ("9.1", "destination", 12),
    ("10.0", "source", 200),
    ("10.0", "destination", 12),
    ("10.2", "source", 400),
    ("10.2", "destination", 12),
    ("11.0", "source", 290),
    ("11.0", "destination", 12),
];

#[test]
fn arrows_cross_no_more_often_than_they_may() {
    let mut over = Vec::new();
    for (release, machine, budget) in BUDGETS {
        let table = if release == "own" { figures::own() } else { figures::qemu(release) };
        let found = table.machine(machine).expect("the table has both machines");
        let whole = svg(&draw::whole(&table, found), &Options::default());
        let crossings: usize = drawn::read(&whole).iter().map(drawn::crossings).sum();
        println!("{release} {machine}: {crossings} crossings of {budget}");
        over.extend((crossings > budget).then(|| format!("{release} {machine}: {crossings} of {budget}")));
    }
    assert_eq!(over, [""; 0]);
}

#[test]
fn the_overviews_of_the_own_table_have_no_crossing() {
    let table = figures::own();
    for machine in &table.machines {
        let figure = draw::figure(&table, &[machine], &View::Overview).expect("it can be drawn");
        let crossings: usize = drawn::read(&svg(&figure, &Options::default())).iter().map(drawn::crossings).sum();
        assert_eq!(crossings, 0, "{}", machine.name);
    }
}
