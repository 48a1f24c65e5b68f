//! Nothing covers anything else, the happy path is level, and arrows cross seldom.

use migration_draw::figure::Course;
use migration_draw::layout::{Layout, Point, Rect};
use migration_draw::svg::{Options, simplified, svg};
use migration_draw::{self as draw, Figure, View};

use super::{drawn, figures};

/// What the layout says of itself, of what is drawn.
fn of_layout(figure: &Figure) -> Vec<String> {
    let mut wrong = Vec::new();
    for panel in figure.panels.iter().map(simplified) {
        let layout = Layout::new(&panel);
        let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| *rect));
        let words = layout.routes.iter().filter_map(|route| route.label.as_ref().map(|label| label.rect));
        let titles = layout.titles.iter().copied().filter(|rect| rect.w > 0);
        let all: Vec<Rect> = layout.nodes.iter().copied().chain(copies).chain(words).chain(titles).collect();
        wrong.extend(overlapping(&all));
        let frames = panel.clusters.iter().zip(&layout.clusters).filter(|(cluster, _)| cluster.is_frame);
        for (cluster, border) in frames {
            let labels = layout.routes.iter().filter_map(|route| route.label.as_ref());
            let on_it = labels.filter(|label| border.meets(label.rect) && !border.holds(label.rect));
            wrong.extend(on_it.map(|label| format!("{:?} on the border of `{}`", label.lines, cluster.id)));
        }
        let heights: Vec<i32> = panel.path.iter().map(|node| layout.nodes[*node].center().y).collect();
        wrong.extend(heights.windows(2).any(|pair| pair[0] != pair[1]).then(|| format!("heights {heights:?}")));
        let lefts: Vec<i32> = panel.path.iter().map(|node| layout.nodes[*node].x).collect();
        wrong.extend(lefts.windows(2).any(|pair| pair[0] >= pair[1]).then(|| format!("from the left {lefts:?}")));
    }
    wrong
}

/// What the SVG says.
fn of_svg(svg: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for machine in drawn::read(svg) {
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

/// Two lines beside each other are at least so far apart.
const APART: i32 = 6;

/// Pairs of lines that nobody can tell apart, because they go beside each other for a while.
fn side_by_side(machine: &drawn::Machine) -> Vec<String> {
    let within = |a: (i32, i32), b: (i32, i32)| a.0.max(b.0) + APART < a.1.min(b.1);
    let span = |a: i32, b: i32| (a.min(b), a.max(b));
    let are_close = |one: &[Point], other: &[Point]| {
        let ((a, b), (c, d)) = ((one[0], one[1]), (other[0], other[1]));
        let upright = a.x == b.x && c.x == d.x && (a.x - c.x).abs() < APART && within(span(a.y, b.y), span(c.y, d.y));
        let level = a.y == b.y && c.y == d.y && (a.y - c.y).abs() < APART && within(span(a.x, b.x), span(c.x, d.x));
        upright || level
    };
    let mut found = Vec::new();
    for (at, (one, _, points)) in machine.arrows.iter().enumerate() {
        for (other, _, others) in &machine.arrows[at + 1..] {
            if points.windows(2).any(|pair| others.windows(2).any(|beside| are_close(pair, beside))) {
                found.push(format!("`{one}` and `{other}` are side by side"));
            }
        }
    }
    found
}

fn overlapping(all: &[Rect]) -> Vec<String> {
    let pairs = all.iter().enumerate().flat_map(|(at, one)| all[at + 1..].iter().map(move |other| (one, other)));
    pairs.filter(|(one, other)| one.meets(**other)).map(|(one, other)| format!("{one:?} and {other:?}")).collect()
}

#[test]
fn nothing_covers_anything_and_the_path_is_level_in_every_view_of_the_own_table() {
    for drawn in figures::of_own() {
        assert_eq!(of_layout(&drawn.figure), [""; 0], "{}", drawn.name);
        assert_eq!(of_svg(drawn.file()), [""; 0], "{}", drawn.name);
    }
}

#[test]
fn nothing_covers_anything_and_the_path_is_level_in_what_is_shown_of_qemu() {
    for drawn in figures::of_qemu() {
        assert_eq!(of_svg(drawn.file()), [""; 0], "{}", drawn.name);
    }
}

/// A path that ends where it began: its last arrow leads back, below or above the others.
#[test]
fn nothing_covers_anything_where_the_path_comes_back_to_its_beginning() {
    let table = figures::coming_back();
    let machine = table.machine("only").expect("there is one");
    let figure = draw::whole(&table, machine);
    for panel in figure.panels.iter().map(simplified) {
        let layout = Layout::new(&panel);
        let words = layout.routes.iter().filter_map(|route| route.label.as_ref().map(|label| label.rect));
        let all: Vec<Rect> = layout.nodes.iter().copied().chain(words).collect();
        assert_eq!(overlapping(&all), [""; 0]);
        let labels = layout.routes.iter().filter(|route| route.label.is_some()).count();
        assert_eq!(labels, panel.arrows.len(), "every arrow has words");
        let heavy = panel.arrows.iter().filter(|arrow| arrow.course == Course::Path);
        assert_eq!(heavy.filter(|arrow| arrow.to == panel.path[0]).count(), 1, "the last step is of the path");
        for label in layout.routes.iter().filter_map(|route| route.label.as_ref()) {
            let is_at_words = |(from, _): (Point, Point)| from.y == label.rect.bottom() + 1;
            assert!(label.leader.is_none_or(is_at_words), "{:?}", label.lines);
        }
    }
}

#[test]
fn lines_beside_each_other_can_be_told_apart() {
    let of = |svg: &str| -> Vec<String> { drawn::read(svg).iter().flat_map(side_by_side).collect() };
    for drawn in figures::of_own() {
        assert_eq!(of(drawn.file()), [""; 0], "{}", drawn.name);
    }
    // Both ways between two states, whose boxes have their middles almost in one line.
    let new = figures::own();
    let old = figures::back_to_stopping();
    let source = new.machine("source").expect("there is a source");
    let figure = draw::figure(&new, &[source], &View::Diff { old: &old, verdict: None, run: None });
    assert_eq!(of(&svg(&figure.expect("it can be compared"), &Options::default())), [""; 0]);
    // Where four arrows want to leave a small box, two of them do so as one.
    let of_one = |drawn: &figures::Drawn| {
        of(drawn.file()).into_iter().map(|it| format!("{}: {it}", drawn.name)).collect::<Vec<_>>()
    };
    let shared: Vec<String> = figures::of_qemu().iter().flat_map(of_one).collect();
    assert!(shared.len() <= 1, "{shared:?}");
}

/// The most crossings that the picture of a whole machine may have.
const BUDGETS: [(&str, &str, usize); 12] = [
    ("own", "source", 0),
    ("own", "destination", 0),
    ("9.0", "source", 170),
    ("9.0", "destination", 5),
    ("9.1", "source", 160),
    ("9.1", "destination", 5),
    ("10.0", "source", 125),
    ("10.0", "destination", 5),
    ("10.2", "source", 200),
    ("10.2", "destination", 8),
    ("11.0", "source", 180),
    ("11.0", "destination", 11),
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
fn no_arrows_cross_in_any_view_of_the_own_table() {
    for it in figures::of_own() {
        let crossings: usize = drawn::read(it.file()).iter().map(drawn::crossings).sum();
        // What only one of two tables has stands where it would not in a picture of one.
        let budget = usize::from(it.figure.view == "changes");
        assert!(crossings <= budget, "{}: {crossings} of {budget}", it.name);
    }
}
