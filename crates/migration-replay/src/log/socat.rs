//! What `socat -v` writes: the text of both directions in pieces, a header before each.
//!
//! A header stands wherever a piece begins, even in the middle of an object. Carriage returns are written as `\r`, and
//! backslashes are doubled. What is printed besides, on the standard output, has real carriage returns.

/// Which way a piece went, as it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// To the process; and everything where nobody says.
    #[default]
    Forth,
    /// From it.
    Back,
}

/// The carriage return before the end of a line, as it is written.
const RETURN: &str = "\\r";

/// Follows the headers.
#[derive(Clone, Debug, Default)]
pub(super) struct Socat {
    way: Way,
    /// Whether there was a header, and whether a return was written out since.
    has_headers: bool,
    has_returns: bool,
}

impl Socat {
    /// The text of a line and its way; none if it is the same text once more. A header at its end counts for what follows.
    pub(super) fn line<'l>(&mut self, line: &'l str, ends_in_return: bool) -> Option<(Way, &'l str)> {
        let way = self.way;
        let (text, next) = match header(line) {
            Some((at, next)) => (&line[..at], Some(next)),
            None => (line, None),
        };
        if let Some(next) = next {
            (self.way, self.has_headers) = (next, true);
            return Some((way, text));
        }
        let Some(text) = text.strip_suffix(RETURN) else {
            return (!(self.has_returns && ends_in_return)).then_some((way, text));
        };
        self.has_returns = self.has_headers;
        Some((way, text))
    }
}

/// Where a header begins that ends with the line, and the way of what follows it.
fn header(line: &str) -> Option<(usize, Way)> {
    // Most lines do not end as a header does.
    if !line.trim_end().ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let ways = line.match_indices(['<', '>']);
    ways.map(|(at, mark)| (at, if mark == "<" { Way::Back } else { Way::Forth }))
        .find(|(at, _)| is_header(&line[*at..]))
}

/// For example `< 2026/01/01 12:00:00.000001  length=109 from=0 to=108`.
fn is_header(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_number = |word: &str, key: &str| {
        word.strip_prefix(key).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let [mark, date, time, length, from, to] = words[..] else { return false };
    mark.len() == 1
        && date.split('/').count() == 3
        && time.split(':').count() == 3
        && is_number(length, "length=")
        && is_number(from, "from=")
        && is_number(to, "to=")
}
