//! Lines of words: broken where a reader would pause.
//!
//! `connected / sends hello` is a condition and what it does, so that it is broken before the stroke and nowhere else if
//! that will do; what stands in brackets stays on one line if it can.

/// Words that belong to the one that follows.
const LEADING: [&str; 6] = ["/", "or", "and", "not", "[not", "(not"];

/// Breaks a text at spaces so that lines have at most `width` characters; a longer word keeps its own line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let pieces = pieces(text, width);
    let mut lines: Vec<String> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let phrase = phrase(&pieces[at..]);
        let wanted = if phrase <= width { phrase } else { length(piece) };
        match lines.last_mut() {
            Some(line) if length(line) + 1 + wanted <= width => {
                line.push(' ');
                line.push_str(piece);
            }
            Some(_) | None => lines.push(piece.clone()),
        }
    }
    lines
}

/// Breaks texts so that they look well above a short line: neither long nor high, and broken in the right places.
pub(super) fn balanced(texts: &[String], width_max: usize, measure: impl Fn(&[String]) -> i32) -> Vec<String> {
    /// What a line costs, and a break that tears apart what belongs together, in units of width.
    const LINE: i32 = 25;
    const TORN: i32 = 40;
    let try_width = |width: usize| -> (i32, Vec<String>) {
        let texts: Vec<Vec<String>> = texts.iter().map(|text| wrap(text, width)).collect();
        let torn = texts.iter().flat_map(|lines| lines.windows(2)).filter(|pair| is_torn(&pair[0], &pair[1])).count();
        let lines = texts.concat();
        let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX / 1000);
        (measure(&lines) + LINE * count(lines.len()) + TORN * count(torn), lines)
    };
    let best = (8..=width_max).map(try_width).min_by_key(|(cost, _)| *cost);
    best.map(|(_, lines)| lines).unwrap_or_default()
}

/// Whether a break between two lines is in a place where a reader would not pause.
fn is_torn(line: &str, next: &str) -> bool {
    is_leading(line) || !(next.starts_with(['/', '[', '(']) || next.split(' ').next().is_some_and(is_leading))
}

/// The words of a text, each with those that lead to it where they fit on a line together.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match found.last_mut() {
            Some(last) if is_leading(last) && length(last) + 1 + length(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) | None => found.push(word.to_owned()),
        }
    }
    found
}

fn is_leading(piece: &str) -> bool {
    piece.split(' ').next_back().is_some_and(|word| LEADING.contains(&word))
}

/// The length of what the first piece begins: of all up to the closing bracket, or to the next thing that is done.
fn phrase(pieces: &[String]) -> usize {
    let Some((first, rest)) = pieces.split_first() else { return 0 };
    let closing = match first.chars().next() {
        Some('[') => Some(']'),
        Some('(') => Some(')'),
        Some('/') => None,
        Some(_) | None => return length(first),
    };
    let mut sum = length(first);
    let mut last = first;
    for piece in rest {
        let is_over = match closing {
            Some(bracket) => last.ends_with(bracket),
            None => piece.starts_with(['/', '[', '(']),
        };
        if is_over {
            break;
        }
        sum += 1 + length(piece);
        last = piece;
    }
    sum
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_where_a_reader_would_pause() {
        let cases: [(&str, usize, &[&str]); 7] = [
            ("connected / sends hello", 24, &["connected / sends hello"]),
            ("connected / sends hello", 20, &["connected", "/ sends hello"]),
            ("connected / sends hello", 9, &["connected", "/ sends", "hello"]),
            ("stopped [not pause_before_switchover]", 30, &["stopped", "[not pause_before_switchover]"]),
            ("failed or timed_out or refused", 24, &["failed or timed_out", "or refused"]),
            ("refused (not in connecting, stopping)", 24, &["refused (not in", "connecting, stopping)"]),
            ("pause_before_switchover", 8, &["pause_before_switchover"]),
        ];
        for (text, width, wanted) in cases {
            assert_eq!(wrap(text, width), wanted, "{width}");
        }
    }

    #[test]
    fn no_word_is_lost_and_no_line_is_too_long() {
        let text =
            "sent [x_colo and not background_snapshot] or / sends a, b / drops c (only in d, e) (f) [ ] ( or / or";
        for width in 0..60 {
            let lines = wrap(text, width);
            assert_eq!(lines.join(" "), text, "{width}");
            let long = lines.iter().filter(|line| length(line) > width && line.contains(' '));
            assert_eq!(long.count(), 0, "{width}: {lines:?}");
        }
    }
}
