//! An SVG, read back: boxes, lines and words, with their places.

use migration_draw::layout::{LINE, Point, Rect, Size, text_width};
use roxmltree::{Document, Node};

/// What stands in a picture. Machines are kept apart, since each has its own coordinates.
#[derive(Debug, Default)]
pub(super) struct Machine {
    /// Boxes of the states, by their ids.
    pub(super) states: Vec<(String, Rect)>,
    /// Corners of the arrows, by their ids, and the class of each.
    pub(super) arrows: Vec<(String, String, Vec<Point>)>,
    /// Words beside arrows, copies of states and titles of clusters.
    pub(super) words: Vec<(String, Rect)>,
}

/// Reads a picture.
pub(super) fn read(svg: &str) -> Vec<Machine> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("no well-formed XML: {error}\n{svg}"));
    let root = document.descendants().find(|node| node.has_tag_name("svg")).expect("there is an svg");
    root.children().filter(|node| node.attribute("transform").is_some()).map(machine).collect()
}

/// Every id, in the order of the text.
pub(super) fn ids(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).expect("it is well-formed");
    document.descendants().filter_map(|node| node.attribute("id")).map(str::to_owned).collect()
}

fn machine(group: Node<'_, '_>) -> Machine {
    let mut found = Machine::default();
    for node in group.descendants().filter(|node| node.has_tag_name("g")) {
        let class = node.attribute("class").unwrap_or_default();
        let id = node.attribute("id").unwrap_or_default().to_owned();
        let is = |word: &str| class.split(' ').any(|other| other == word);
        if is("state") {
            let shape = node.children().find(|child| child.has_tag_name("rect")).expect("a state has a box");
            found.states.push((id, rect(shape)));
        } else if is("arrow") {
            let line = node.children().find(|child| child.attribute("class") == Some("line"));
            let line = line.and_then(|line| line.attribute("d")).expect("an arrow has a line");
            found.arrows.push((id.clone(), class.to_owned(), points(line)));
            found.words.extend(
                node.children().filter(|child| child.has_tag_name("text")).map(|text| (id.clone(), words(&[text]))),
            );
        } else if is("words") {
            let lines: Vec<Node<'_, '_>> = node.children().filter(|child| child.has_tag_name("text")).collect();
            let arrow = node.parent().and_then(|parent| parent.attribute("id")).unwrap_or_default();
            found.words.push((arrow.to_owned(), words(&lines)));
        } else if is("cluster") {
            let title = node.children().find(|child| child.has_tag_name("text"));
            found.words.extend(title.map(|text| (id, words(&[text]))));
        }
    }
    found
}

fn number(node: Node<'_, '_>, name: &str) -> i32 {
    node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number `{name}`"))
}

fn rect(node: Node<'_, '_>) -> Rect {
    Rect { x: number(node, "x"), y: number(node, "y"), w: number(node, "width"), h: number(node, "height") }
}

fn words(lines: &[Node<'_, '_>]) -> Rect {
    let line = |node: &Node<'_, '_>| {
        let w = text_width(node.text().unwrap_or_default(), Size::Small);
        let x = number(*node, "x") - if node.attribute("text-anchor") == Some("middle") { w / 2 } else { 0 };
        Rect { x, y: number(*node, "y") - LINE + 4, w, h: LINE }
    };
    lines.iter().map(line).reduce(Rect::union).expect("words have lines")
}

/// The corners of a line; where it is rounded, the corner that it goes round.
fn points(d: &str) -> Vec<Point> {
    let mut found = Vec::new();
    for part in d.split(['M', 'L']) {
        let numbers =
            |text: &str| -> Vec<i32> { text.split([' ', ',']).filter_map(|word| word.parse().ok()).collect() };
        let mut pieces = part.split('Q');
        let straight = numbers(pieces.next().unwrap_or_default());
        if let [x, y] = straight.as_slice() {
            found.push(Point { x: *x, y: *y });
        }
        for curve in pieces {
            if let [x, y, end_x, end_y] = numbers(curve).as_slice() {
                found.pop();
                found.extend([Point { x: *x, y: *y }, Point { x: *end_x, y: *end_y }]);
            }
        }
    }
    simplified(&found)
}

/// Without points in the middle of a straight stretch.
fn simplified(points: &[Point]) -> Vec<Point> {
    let mut found: Vec<Point> = Vec::new();
    for point in points {
        if let [.., a, b] = found.as_slice()
            && ((a.x == b.x && b.x == point.x) || (a.y == b.y && b.y == point.y))
        {
            found.pop();
        }
        found.push(*point);
    }
    found
}

/// How many times lines of different arrows cross.
pub(super) fn crossings(machine: &Machine) -> usize {
    let arrows = &machine.arrows;
    let mut count = 0;
    for (at, (_, _, one)) in arrows.iter().enumerate() {
        for (_, _, other) in &arrows[at + 1..] {
            let pairs = one.windows(2).flat_map(|a| other.windows(2).map(move |b| (a, b)));
            count += pairs.filter(|(a, b)| cross(a, b)).count();
        }
    }
    count
}

fn cross(one: &[Point], other: &[Point]) -> bool {
    let is_level = |line: &[Point]| line[0].y == line[1].y;
    let (level, upright) = match (is_level(one), is_level(other)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        (true, true) | (false, false) => return false,
    };
    let within = |value: i32, a: i32, b: i32| a.min(b) <= value && value <= a.max(b);
    within(upright[0].x, level[0].x, level[1].x) && within(level[0].y, upright[0].y, upright[1].y)
}
