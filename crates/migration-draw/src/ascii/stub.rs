//! Branches: what leaves a state or a bracket to the right, a line or more each, joined by a line down.

use super::super::figure::{Arrow, Course, Panel};
use super::super::label;
use super::node::frame_of_box;
use super::words::{COLUMNS, fold, marked, plain};

/// Less room than this beside a name is not used, in characters.
const ROOM_MIN: usize = 20;

/// Something that leaves.
pub(super) enum Stub<'a> {
    /// It leads to a state that stands elsewhere.
    Named(&'a Arrow),
    /// It leads to a state that hangs here, and that is left by what follows.
    Hung(&'a Arrow, Vec<&'a Arrow>),
}

/// The lines of some branches, of which the first stands right of what they leave.
pub(super) fn lines(panel: &Panel, stubs: &[Stub<'_>], column: usize) -> Vec<String> {
    let named = |stub: &Stub<'_>| match stub {
        Stub::Named(arrow) => Some(target(panel, arrow).chars().count()),
        Stub::Hung(..) => None,
    };
    let widest = stubs.iter().filter_map(named).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (at, stub) in stubs.iter().enumerate() {
        let is_last = at + 1 == stubs.len();
        let joint = if !is_last {
            '+'
        } else if at == 0 {
            '-'
        } else {
            '\''
        };
        let bar = if is_last { ' ' } else { '|' };
        match stub {
            Stub::Named(arrow) => named_lines(panel, arrow, (joint, bar), widest, column, &mut lines),
            Stub::Hung(arrow, further) => hung_lines(panel, arrow, further, (joint, bar), column, &mut lines),
        }
    }
    lines
}

fn named_lines(
    panel: &Panel,
    arrow: &Arrow,
    (joint, bar): (char, char),
    widest: usize,
    column: usize,
    lines: &mut Vec<String>,
) {
    let target = target(panel, arrow);
    let head = format!("{}{} {target:widest$}  ", joint, shaft(arrow.course));
    // Where little room is left beside the target, the words stand below it.
    let room = COLUMNS.saturating_sub(column + head.chars().count());
    if room < ROOM_MIN {
        let names = fold(&target, COLUMNS.saturating_sub(column + 5));
        lines.push(format!("{joint}{} {}", shaft(arrow.course), names[0]));
        lines.extend(names[1..].iter().map(|line| format!("{bar}    {line}")));
        let words = words(arrow, COLUMNS.saturating_sub(column + 7));
        lines.extend(words.iter().map(|line| format!("{bar}      {line}")));
        return;
    }
    for (at, line) in words(arrow, room).iter().enumerate() {
        let before = if at == 0 { head.clone() } else { format!("{bar}{}", " ".repeat(head.chars().count() - 1)) };
        lines.push(format!("{before}{line}"));
    }
}

fn hung_lines(
    panel: &Panel,
    arrow: &Arrow,
    further: &[&Arrow],
    (joint, bar): (char, char),
    column: usize,
    lines: &mut Vec<String>,
) {
    let room = COLUMNS.saturating_sub(column + 7);
    for (at, line) in words(arrow, room).iter().enumerate() {
        let before = if at == 0 { format!("{joint}----.") } else { format!("{bar}    |") };
        lines.push(format!("{before} {line}"));
    }
    lines.push(format!("{bar}    v"));
    let hung = frame_of_box(&panel.nodes[arrow.to], 0);
    lines.extend(hung.iter().map(|line| format!("{bar} {line}")));
    let stubs: Vec<Stub<'_>> = further.iter().map(|arrow| Stub::Named(arrow)).collect();
    let below = self::lines(panel, &stubs, column + 6);
    for (at, line) in below.iter().enumerate() {
        // The first joint is a corner here: it comes from above.
        let line = match (at, line.strip_prefix('-')) {
            (0, Some(rest)) => format!("'{rest}"),
            _ => line.clone(),
        };
        lines.push(format!("{bar}     {line}"));
    }
}

/// What stands beside an arrow, with the sign of its mark and the numbers of its steps.
pub(super) fn words(arrow: &Arrow, width: usize) -> Vec<String> {
    let mut entries: Vec<String> = arrow.words.iter().map(|entry| plain(entry)).collect();
    if let Some(first) = entries.first_mut() {
        *first = marked(arrow.mark, &label::numbered(&arrow.steps, first));
    }
    entries.iter().flat_map(|entry| fold(entry, width)).collect()
}

fn target(panel: &Panel, arrow: &Arrow) -> String {
    plain(&panel.nodes[arrow.to].label)
}

/// How an arrow says what it is.
pub(super) fn shaft(course: Course) -> &'static str {
    match course {
        Course::Path | Course::Forward => "-->",
        Course::Aside => "..>",
        Course::Again => "~~>",
    }
}
