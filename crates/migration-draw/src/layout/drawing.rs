//! A panel with a place for everything, and what moves in it.

use super::super::figure::{Course, Panel, Tail};
use super::measure;
use super::rect::{self, Point, Rect};

const MARGIN: i32 = 10;

/// Where everything of a panel stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Width of the whole, from 0.
    pub width: i32,
    /// Height of the whole, from 0.
    pub height: i32,
    /// Boxes of the nodes, in the order of [`Panel::nodes`].
    pub nodes: Vec<Rect>,
    /// Borders of the clusters, in the order of [`Panel::clusters`].
    pub clusters: Vec<Rect>,
    /// The words at the borders, in the same order.
    pub titles: Vec<Rect>,
    /// The arrows, in the order of [`Panel::arrows`].
    pub routes: Vec<Route>,
    /// The dot where the machine starts.
    pub start: Option<Point>,
}

/// How an arrow goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Its corners, from tail to head. Lines between them are level or upright.
    pub points: Vec<Point>,
    /// The words beside it, as lines, and where they stand.
    pub label: Option<Label>,
    /// The small copy of the state that it points to, if it is drawn short: what it says, and where it stands.
    pub copy: Option<(String, Rect)>,
}

/// Words beside an arrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The words.
    pub lines: Vec<String>,
    /// Where they stand.
    pub rect: Rect,
    /// From the words to the arrow, where they stand away from it.
    pub leader: Option<(Point, Point)>,
}

impl Layout {
    /// How many times lines of different arrows cross.
    #[must_use]
    pub fn crossings(&self) -> usize {
        let lines =
            |route: &Route| -> Vec<(Point, Point)> { route.points.windows(2).map(|pair| (pair[0], pair[1])).collect() };
        let all: Vec<Vec<(Point, Point)>> = self.routes.iter().map(lines).collect();
        let mut count = 0;
        for (at, one) in all.iter().enumerate() {
            for other in all[at + 1..].iter().flatten() {
                count += one.iter().filter(|line| rect::cross(**line, *other)).count();
            }
        }
        count
    }

    /// Moves whatever is behind a line away from it; borders around things on both sides grow.
    pub(super) fn stretch(&mut self, panel: &Panel, by: Stretch) {
        self.nodes.iter_mut().for_each(|rect| by.carry(rect));
        self.clusters.iter_mut().for_each(|rect| by.widen(rect));
        for route in &mut self.routes {
            route.copy.iter_mut().for_each(|(_, rect)| by.carry(rect));
            if let Some(label) = &mut route.label {
                by.carry(&mut label.rect);
                if let Some((from, to)) = &mut label.leader {
                    by.shift(from);
                    by.shift(to);
                    // Words that stay where they are while the arrow moves away have a longer line to it.
                    from.y = label.rect.bottom() + 1;
                }
            }
            route.points.iter_mut().for_each(|point| by.shift(point));
        }
        self.start.iter_mut().for_each(|point| by.shift(point));
        self.titles = measure::titles(panel, &self.clusters);
    }

    /// Moves everything to the upper left corner, and measures the whole.
    pub(super) fn crop(&mut self, panel: &Panel) {
        let mut all = self.nodes.iter().chain(&self.clusters).chain(&self.titles).copied().collect::<Vec<_>>();
        for route in &self.routes {
            all.extend(route.copy.iter().map(|(_, rect)| *rect));
            all.extend(route.label.iter().map(|label| label.rect));
            all.extend(route.points.iter().map(|point| Rect { x: point.x, y: point.y, w: 0, h: 0 }));
        }
        all.extend(self.start.map(|point| Rect { x: point.x - 7, y: point.y - 7, w: 14, h: 14 }));
        let Some(whole) = all.into_iter().reduce(Rect::union) else { return };
        let (x, y) = (MARGIN - whole.x, MARGIN - whole.y);
        self.stretch(panel, Stretch { axis: Axis::X, at: i32::MIN, by: x });
        self.stretch(panel, Stretch { axis: Axis::Y, at: i32::MIN, by: y });
        (self.width, self.height) = (whole.w + 2 * MARGIN, whole.h + 2 * MARGIN);
    }
}

/// Space that is put into a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) axis: Axis,
    /// What has its middle behind this moves.
    pub(super) at: i32,
    pub(super) by: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    X,
    Y,
}

impl Stretch {
    /// A box moves as a whole, with its middle.
    fn carry(self, rect: &mut Rect) {
        match self.axis {
            Axis::X if rect.x + rect.w / 2 >= self.at => rect.x += self.by,
            Axis::Y if rect.y + rect.h / 2 >= self.at => rect.y += self.by,
            Axis::X | Axis::Y => {}
        }
    }

    /// A border moves where it is all behind the line, and grows where the line goes through it.
    fn widen(self, rect: &mut Rect) {
        let (start, length) = match self.axis {
            Axis::X => (&mut rect.x, &mut rect.w),
            Axis::Y => (&mut rect.y, &mut rect.h),
        };
        if *start >= self.at {
            *start += self.by;
        } else if *start + *length > self.at {
            *length += self.by;
        }
    }

    fn shift(self, point: &mut Point) {
        match self.axis {
            Axis::X if point.x >= self.at => point.x += self.by,
            Axis::Y if point.y >= self.at => point.y += self.by,
            Axis::X | Axis::Y => {}
        }
    }
}

/// Whether an arrow is one of the straight heavy line. The last one of a path that ends where it began leads back.
pub(super) fn is_straight(panel: &Panel, arrow: usize) -> bool {
    let this = &panel.arrows[arrow];
    let place = |node: usize| panel.path.iter().position(|known| *known == node);
    if let Tail::Node(tail) = this.tail
        && place(tail) >= place(this.to)
    {
        return false;
    }
    let first = panel
        .arrows
        .iter()
        .position(|other| other.course == Course::Path && other.tail == this.tail && other.to == this.to);
    this.course == Course::Path && first == Some(arrow)
}
