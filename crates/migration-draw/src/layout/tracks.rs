//! The tracks on which arrows may go: level and upright lines through the middles of boxes and beside their sides.

use super::drawing::Layout;
use super::rect::Rect;

/// Two tracks are at least so far apart, unless both go through middles of boxes.
const APART: i32 = 9;

/// Coordinates of the tracks, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tracks {
    pub(super) xs: Vec<i32>,
    pub(super) ys: Vec<i32>,
}

impl Tracks {
    /// The tracks of a layout. `crowd` says how many tracks stand beside each box.
    pub(super) fn new(layout: &Layout, crowd: usize) -> Tracks {
        let copies = layout.routes.iter().filter_map(|route| route.copy.as_ref().map(|(_, rect)| *rect));
        let nodes: Vec<Rect> = layout.nodes.iter().copied().chain(copies).collect();
        let around = layout.clusters.iter().copied();
        let all = nodes.iter().copied().chain(around.clone()).reduce(Rect::union).unwrap_or_default();
        let level = |rect: &Rect| (rect.y, rect.h);
        let upright = |rect: &Rect| (rect.x, rect.w);
        let clusters: Vec<Rect> = around.collect();
        Tracks {
            xs: tracks(&nodes, &clusters, crowd, upright, (all.x, all.right())),
            ys: tracks(&nodes, &clusters, crowd, level, (all.y, all.bottom())),
        }
    }
}

fn tracks(
    nodes: &[Rect],
    clusters: &[Rect],
    crowd: usize,
    side: impl Fn(&Rect) -> (i32, i32),
    (low, high): (i32, i32),
) -> Vec<i32> {
    // The middles first, so that a straight line stays one; then what stands beside, nearest first.
    let mut wanted: Vec<i32> = nodes.iter().map(&side).map(|(start, length)| start + length / 2).collect();
    for ring in 0..crowd {
        let off = 14 + 11 * i32::try_from(ring).unwrap_or(0);
        for (start, length) in nodes.iter().map(&side) {
            wanted.extend([start - off, start + length + off]);
            let inner = length / 2 - 9 - 11 * i32::try_from(ring).unwrap_or(0);
            if inner > APART {
                wanted.extend([start + length / 2 - inner, start + length / 2 + inner]);
            }
        }
        for (start, length) in clusters.iter().map(&side) {
            wanted.extend([start - off, start + length + off]);
        }
        wanted.extend([low - off, high + off]);
    }
    let borders: Vec<i32> = clusters.iter().map(&side).flat_map(|(start, length)| [start, start + length]).collect();
    let mut chosen = std::collections::BTreeSet::new();
    for (at, track) in wanted.into_iter().enumerate() {
        let is_middle = at < nodes.len();
        let near = chosen.range(track - APART + 1..track + APART).next().is_some();
        let on_border = borders.iter().any(|border| (border - track).abs() < 4);
        if (is_middle && !chosen.contains(&track)) || (!near && !on_border) {
            chosen.insert(track);
        }
    }
    chosen.into_iter().collect()
}
