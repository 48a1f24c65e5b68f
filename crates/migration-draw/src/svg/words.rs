//! Text within an SVG.

use super::super::xml::markup;

/// Text as XML has it; lines are kept apart by a space, since an empty line would end the picture in Markdown.
pub(super) fn escaped(text: &str) -> String {
    let one_line = text.replace(['\n', '\r'], " · ");
    let kept: String = one_line.chars().filter(|c| !c.is_control()).collect();
    markup(&kept)
}

/// A name as a part of an id.
pub(super) fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect()
}
