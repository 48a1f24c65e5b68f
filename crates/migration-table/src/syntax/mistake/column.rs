//! A line in a column of its own, between lines that begin in another one.

use super::found::Mistake;
use super::key::{is_entry, word};
use super::line::Line;
use super::words::Words;

const TOO_FAR: &str = "a line is indented too far";
const TOO_LITTLE: &str = "a line is indented too little";

/// Finds the line that stands in another column than those beside it, by the line in which the parser noticed something.
pub(super) fn wrong(source: &str, noticed: usize, words: Words) -> Option<Mistake> {
    let start = source[..noticed].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let here = Line::at(source, start).filter(|line| is_entry(line.text))?;
    let above: Vec<Line<'_>> =
        Line::above(source, start).into_iter().flat_map(|line| line.pair().into_iter().chain([line])).collect();
    let view = View { source, words, here: &here, above: &above };
    let before = above.first()?;
    if here.indentation > before.indentation { view.further(before) } else { view.less_far(before) }
}

/// What is known of the lines around the one in which the parser noticed something.
struct View<'v, 't> {
    source: &'t str,
    words: Words,
    here: &'v Line<'t>,
    /// The lines above, the nearest first; the pair that an item begins with stands before the item.
    above: &'v [Line<'t>],
}

impl<'t> View<'_, 't> {
    /// The line is indented further than the one before, under which nothing can stand.
    fn further(&self, before: &Line<'t>) -> Option<Mistake> {
        if !before.is_complete() || !self.are_alike(self.here, before) {
            return None;
        }
        let is_beside = |line: &Line<'t>| line.indentation == self.here.indentation && self.are_alike(line, self.here);
        let is_first = self.above.get(1).is_none_or(|line| line.opens() && line.indentation <= before.indentation);
        let is_empty = |line: &Line<'t>| line.opens() && line.indentation == before.indentation && !before.is_item();
        let is_before = self.above.get(1).is_some_and(|line| is_beside(line) || is_empty(line));
        let is_before = is_before || (is_first && self.goes_on());
        Some(if is_before { mistake(before, self.here) } else { mistake(self.here, before) })
    }

    /// The line is indented less than the one before, and in its column no line like it stands.
    fn less_far(&self, before: &Line<'t>) -> Option<Mistake> {
        let mut levels: Vec<&Line<'t>> = Vec::new();
        for line in self.above {
            if levels.last().is_none_or(|last| line.indentation < last.indentation) {
                levels.push(line);
            }
        }
        let same = levels.iter().find(|line| line.indentation == self.here.indentation);
        if same.is_some_and(|line| line.is_item() == self.here.is_item()) {
            return None;
        }
        let is_first = self.above.get(1).is_none_or(|line| line.opens() && line.indentation < self.here.indentation);
        if is_first && self.goes_on() && self.are_alike(before, self.here) {
            return Some(mistake(before, self.here));
        }
        let sibling = levels.into_iter().find(|line| self.are_alike(line, self.here))?;
        // The one that begins less far may be the one that stands in a column of its own.
        let earlier = self.above.iter().skip_while(|line| line.at != sibling.at).skip(1);
        let earlier = earlier.into_iter().find(|line| line.indentation <= self.here.indentation);
        let earlier =
            earlier.filter(|line| line.indentation == self.here.indentation && self.are_alike(line, self.here));
        Some(match earlier.filter(|_| sibling.indentation < self.here.indentation) {
            Some(earlier) => mistake(sibling, earlier),
            None => mistake(self.here, sibling),
        })
    }

    /// Whether the next line that is no part of this one, or of the one before, begins in its column.
    fn goes_on(&self) -> bool {
        let deepest = self.above.first().map_or(0, |line| line.indentation).max(self.here.indentation);
        let next = self.here.below(self.source).find(|line| line.indentation <= deepest);
        next.is_some_and(|next| next.indentation == self.here.indentation && self.are_alike(&next, self.here))
    }

    /// Whether two lines can stand beside each other.
    fn are_alike(&self, one: &Line<'t>, other: &Line<'t>) -> bool {
        if one.is_item() || other.is_item() {
            return one.is_item() && other.is_item();
        }
        let (key, beside) = (word(one.text), word(other.text));
        let are_keys = ((self.words.is_key)(key), (self.words.is_key)(beside));
        let ends = |line: &Line<'t>| line.text.ends_with([']', ':']);
        match are_keys {
            (true, true) if (self.words.are_beside)(key, beside) => true,
            (true, false) | (false, true) if ends(one) || ends(other) => false,
            _ => {
                let keys = [one.keys(self.source), other.keys(self.source)];
                let are_lists = one.is_list() && other.is_list();
                keys.iter().all(|keys| keys.is_empty() == are_lists)
                    && (self.words.block_of)(&keys.concat(), are_lists).is_some()
            }
        }
    }
}

/// The mistake of a line that should begin in the column of another one.
fn mistake(line: &Line<'_>, sibling: &Line<'_>) -> Mistake {
    let what = if line.indentation > sibling.indentation { TOO_FAR } else { TOO_LITTLE };
    let like = match sibling.is_item() {
        true => "the other items of the list".to_owned(),
        false => format!("`{}:`", word(sibling.text)),
    };
    let label = format!("begins in column {}, not in {}", line.indentation + 1, sibling.indentation + 1);
    Mistake::new(line.bytes(), what, label, format!("indent it like {like}"))
}
