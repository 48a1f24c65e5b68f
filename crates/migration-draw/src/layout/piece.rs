//! A part of a picture that was laid out by itself.

use super::rect::Rect;

/// Something that has been laid out, with its upper left corner at zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) w: i32,
    pub(super) h: i32,
    /// The height of the line on which the happy path goes through, from above.
    pub(super) spine: i32,
    /// Boxes of what is in it.
    pub(super) nodes: Vec<(usize, Rect)>,
    pub(super) clusters: Vec<(usize, Rect)>,
    pub(super) copies: Vec<(usize, Rect)>,
}

impl Piece {
    /// Puts another piece into this one.
    pub(super) fn take(&mut self, other: Piece, x: i32, y: i32) {
        self.nodes.extend(other.nodes.into_iter().map(|(at, rect)| (at, rect.moved(x, y))));
        self.clusters.extend(other.clusters.into_iter().map(|(at, rect)| (at, rect.moved(x, y))));
        self.copies.extend(other.copies.into_iter().map(|(at, rect)| (at, rect.moved(x, y))));
    }
}
