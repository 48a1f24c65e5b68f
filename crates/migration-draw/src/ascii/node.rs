//! The box of a state.

use super::super::figure::Node;
use super::super::label;
use super::words::{fold, marked, plain};
use migration_table::model::Kind;

/// Longer names are broken, in characters.
const BOX_MAX: usize = 24;

/// A box with a name, at least so wide.
pub(super) fn frame_of_box(node: &Node, width: usize) -> Vec<String> {
    let name = marked(node.mark, &label::numbered(&node.steps, &plain(&node.label)));
    let below = node.sublabel.as_deref().map(plain);
    let lines: Vec<String> = [Some(name), below].into_iter().flatten().flat_map(|text| fold(&text, BOX_MAX)).collect();
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let inner = widest.max(width.saturating_sub(4));
    let rule = match (node.kind == Kind::Idle, node.public) {
        (true, true) => "==",
        (true, false) => "= ",
        (false, true) => "--",
        (false, false) => "- ",
    };
    let rule: String = rule.chars().cycle().take(inner + 2).collect();
    let side = if node.public { '|' } else { ':' };
    let mut found = vec![format!("+{rule}+")];
    found.extend(lines.iter().map(|line| format!("{side} {line:inner$} {side}")));
    found.push(format!("+{rule}+"));
    found
}
