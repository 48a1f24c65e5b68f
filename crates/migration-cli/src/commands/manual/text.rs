//! The page with the text of the table: every line has an anchor of its own, to which the reference and the pictures
//! lead.

use std::fmt::Write as _;

use super::site::escaped;

/// The page, as Markdown. `file` is the name by which readers know the table.
pub(super) fn markdown(text: &str, file: &str) -> String {
    // The name of a file from elsewhere may be a long path.
    let name = file.rsplit('/').next().unwrap_or(file);
    let mut out = format!(
        "# The text of `{name}`\n\nThe table itself: everything else in this reference is made from it. \
         [The format](format.html) says what its keys are, [what a table means](meaning.html) how they work together.\n\n\
         <pre class=\"lines\" tabindex=\"0\"><code>"
    );
    for (number, line) in (1..).zip(text.lines()) {
        // The line ends within its element, so that what is copied from the page has lines.
        let _ = write!(
            out,
            "<span id=\"L{number}\"><a href=\"#L{number}\" aria-label=\"line {number}\">{number:>4}</a> {}\n</span>",
            escaped(line)
        );
    }
    out.push_str("</code></pre>\n");
    out
}
