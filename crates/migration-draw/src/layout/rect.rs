//! Points and boxes.

/// A place. To the right and down is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From above.
    pub y: i32,
}

/// A box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rect {
    /// Its left side.
    pub x: i32,
    /// Its upper side.
    pub y: i32,
    /// Its width.
    pub w: i32,
    /// Its height.
    pub h: i32,
}

impl Rect {
    /// The x of its right side.
    #[must_use]
    pub fn right(self) -> i32 {
        self.x + self.w
    }

    /// The y of its lower side.
    #[must_use]
    pub fn bottom(self) -> i32 {
        self.y + self.h
    }

    /// Its middle.
    #[must_use]
    pub fn center(self) -> Point {
        Point { x: self.x + self.w / 2, y: self.y + self.h / 2 }
    }

    /// The box around both.
    #[must_use]
    pub fn union(self, other: Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Rect { x, y, w: right - x, h: bottom - y }
    }

    /// The box that reaches farther by so much on every side.
    #[must_use]
    pub fn grown(self, by: i32) -> Rect {
        Rect { x: self.x - by, y: self.y - by, w: self.w + 2 * by, h: self.h + 2 * by }
    }

    /// Whether the two share more than a border.
    #[must_use]
    pub fn meets(self, other: Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether the other is all within.
    #[must_use]
    pub fn holds(self, other: Rect) -> bool {
        self.x <= other.x && self.y <= other.y && other.right() <= self.right() && other.bottom() <= self.bottom()
    }

    /// Whether a level or upright line goes through the inside.
    #[must_use]
    pub fn is_crossed(self, a: Point, b: Point) -> bool {
        let (left, right) = (a.x.min(b.x), a.x.max(b.x));
        let (top, bottom) = (a.y.min(b.y), a.y.max(b.y));
        left < self.right() && right > self.x && top < self.bottom() && bottom > self.y
    }

    /// The same box, moved.
    #[must_use]
    pub fn moved(self, dx: i32, dy: i32) -> Rect {
        Rect { x: self.x + dx, y: self.y + dy, ..self }
    }
}

/// Whether a level line and an upright one cross.
pub(super) fn cross(one: (Point, Point), other: (Point, Point)) -> bool {
    let is_level = |(a, b): (Point, Point)| a.y == b.y;
    let (level, upright) = match (is_level(one), is_level(other)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        (true, true) | (false, false) => return false,
    };
    let within = |value: i32, a: i32, b: i32| a.min(b) <= value && value <= a.max(b);
    within(upright.0.x, level.0.x, level.1.x) && within(level.0.y, upright.0.y, upright.1.y)
}
