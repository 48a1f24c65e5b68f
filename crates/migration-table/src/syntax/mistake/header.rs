//! A line that begins a block and is lost: what stood under it has no place in the block before it.

use super::found::Mistake;
use super::key::{is_entry, word};
use super::line::Line;
use super::words::Words;

const WHAT: &str = "the line that begins a block is missing";

/// Finds the first line under the one that is lost, by the line in which the parser noticed something.
pub(super) fn missing(source: &str, noticed: usize, words: Words) -> Option<Mistake> {
    let start = source[..noticed].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let here = Line::at(source, start).filter(|line| is_entry(line.text))?;
    let above = Line::above(source, start);
    block(source, &here, &above, words).or_else(|| name(&here, &above, words))
}

/// An entry under a line that has a value already, or an item of a list beside an entry that is none.
fn block<'t>(source: &'t str, here: &Line<'t>, above: &[Line<'t>], words: Words) -> Option<Mistake> {
    let before = above.first()?;
    let is_below = before.is_complete() && !before.is_item() && here.indentation > before.indentation;
    let sibling = above.iter().find(|line| line.indentation <= here.indentation);
    let is_beside = here.is_item()
        && !(before.opens() || before.is_item())
        && sibling.is_some_and(|line| is_entry(line.text) && !line.is_item() && line.indentation == here.indentation);
    if !is_below && !is_beside {
        return None;
    }
    let sibling = if is_below { Some(before) } else { above.iter().find(|line| line.indentation < here.indentation) };
    let column = sibling.map_or(String::new(), |line| format!(", indented like `{}:`", word(line.text)));
    let (label, key) = match here.block(source, words) {
        Some(key) => (format!("an entry of `{key}`"), format!("`{key}:`")),
        None => ("under nothing that it could be part of".to_owned(), "the key that this belongs to".to_owned()),
    };
    Some(Mistake::new(here.bytes(), WHAT, label, format!("write {key} in a line before this one{column}")))
}

/// Keys of the format that are indented further than the entry after them, for lack of a name before them.
fn name(here: &Line<'_>, above: &[Line<'_>], words: Words) -> Option<Mistake> {
    let parent = above.iter().position(|line| line.indentation < here.indentation)?;
    let first = &above[parent.checked_sub(1)?];
    let is_lost = above[parent].opens()
        && here.opens()
        && first.indentation > here.indentation
        && (words.is_key)(word(first.text))
        && !(words.is_key)(word(here.text));
    let help = format!("write its name in a line before this one, indented like `{}:`", word(here.text));
    is_lost.then(|| {
        Mistake::new(first.bytes(), WHAT, format!("under `{}:`, and has no name", word(above[parent].text)), help)
    })
}
