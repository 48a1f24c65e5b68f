//! What a terminal would show of a line: recordings of terminals hold escape sequences and corrected typing errors.
//!
//! The line editor of QEMU's human monitor writes a line anew for every key: it moves the cursor back, writes what it
//! has, and erases the rest.

use std::borrow::Cow;

/// So many bytes of a line are looked at together.
const PIECE: usize = 64;
const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
const BACKSPACE: char = '\u{8}';
/// What editors and pages put for a space, to keep a line together.
const FIXED_SPACE: char = '\u{a0}';
/// How caret notation begins that stands for an escape: some tools write `^[[K` for what they got.
const CARET_ESCAPE: &str = "^[[";

/// One line of a screen, and where the cursor is in it.
#[derive(Default)]
struct Screen {
    shown: Vec<char>,
    cursor: usize,
}

/// The prompts of the monitors, before which a line editor moves the cursor back to write a line anew.
const PROMPTS: [&str; 2] = ["(QEMU)", "(qemu)"];

/// The lines in what stands up to a line feed: a return alone ends a line, too, unless the same prompt is written again.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let inner = text.trim_end_matches(['\r', '\n']);
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let line = rest?;
        let from = text.len() - line.len();
        let returns = inner.get(from..).unwrap_or_default().match_indices('\r').map(|(at, _)| at + 1);
        let end = returns.clone().find(|end| !is_written_anew(&line[..*end], &line[*end..]));
        rest = end.map(|end| &line[end..]);
        Some(end.map_or(line, |end| &line[..end]))
    })
}

/// Whether a terminal writes the second over the first: both begin with a prompt.
fn is_written_anew(line: &str, next: &str) -> bool {
    let next = next.split('\r').next().unwrap_or_default();
    let has_prompt = |text: &str| {
        let shown = written(text);
        PROMPTS.iter().any(|prompt| shown.trim_start().starts_with(prompt))
    };
    has_prompt(line) && has_prompt(next)
}

/// The line without its end, as it would be shown.
pub(super) fn shown(line: &str) -> Cow<'_, str> {
    let line = line.trim_end_matches(['\r', '\n']);
    let line = line.strip_suffix("^M").unwrap_or(line).trim_end_matches('\r');
    // In pieces: a piece is looked at as a whole, many bytes at once.
    if line.as_bytes().chunks(PIECE).all(|piece| piece.iter().fold(true, |plain, byte| plain & is_plain(*byte))) {
        return Cow::Borrowed(line);
    }
    if line.contains(CARET_ESCAPE) {
        return Cow::Owned(written(&line.replace(CARET_ESCAPE, "\u{1b}[")));
    }
    if !line.contains(|c: char| (c.is_control() && c != '\t') || c == FIXED_SPACE) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(written(line))
}

/// Whether a terminal shows this byte as it is, wherever it stands. Most lines have no other.
fn is_plain(byte: u8) -> bool {
    (matches!(byte, b' '..=b'~') | (byte == b'\t')) & (byte != b'^')
}

fn written(line: &str) -> String {
    let mut screen = Screen::default();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ESCAPE => screen.sequence(&mut chars),
            BACKSPACE => screen.cursor = screen.cursor.saturating_sub(1),
            '\r' => screen.cursor = 0,
            FIXED_SPACE => screen.put(' '),
            _ if c.is_control() && c != '\t' => {}
            _ => screen.put(c),
        }
    }
    screen.shown.into_iter().collect()
}

impl Screen {
    fn put(&mut self, c: char) {
        match self.shown.get_mut(self.cursor) {
            Some(at) => *at = c,
            None => self.shown.push(c),
        }
        self.cursor += 1;
    }

    /// Does what the rest of an escape sequence says, or passes over it.
    fn sequence(&mut self, chars: &mut std::str::Chars<'_>) {
        match chars.next() {
            Some('[') => {}
            Some(']') => {
                // A command to the window.
                let _ = chars.find(|c| matches!(*c, BELL | '\\'));
                return;
            }
            Some(_) | None => return,
        }
        let mut number = 0_usize;
        for c in chars.by_ref() {
            match c {
                '0'..='9' => number = (number * 10 + c as usize - '0' as usize).min(10_000),
                'D' => self.cursor = self.cursor.saturating_sub(number.max(1)),
                'C' => self.cursor = (self.cursor + number.max(1)).min(self.shown.len()),
                'K' if number == 0 => self.shown.truncate(self.cursor),
                _ => {}
            }
            if ('@'..='~').contains(&c) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_was_meant() {
        for (line, means) in [
            ("plain\ttext\r\r\n", "plain\ttext"),
            ("\u{1b}[?2004h(QEMU) migrat\u{8}\u{1b}[Kte\u{8}\u{8}te uri=a\u{1b}[?2004l\r\n", "(QEMU) migrate uri=a"),
            ("\u{1b}]0;a title\u{7}(QEMU) stop", "(QEMU) stop"),
            ("(QEMU) stpo\r(QEMU) stop", "(QEMU) stop"),
            ("(qemu) i\u{1b}[K\u{1b}[Din\u{1b}[K\u{1b}[D\u{1b}[Dinf\u{1b}[K", "(qemu) inf"),
            ("(qemu) c\u{1b}[K\u{1b}[Dci\u{1b}[K^M", "(qemu) ci"),
            ("(qemu) i^[[K^[[Din^[[K", "(qemu) in"),
            ("\u{1b}[32minfo\u{1b}[0m: ready^M", "info: ready"),
        ] {
            assert_eq!(lines(line).map(shown).collect::<Vec<_>>(), [means]);
        }
    }

    #[test]
    fn a_return_alone_ends_a_line() {
        for (text, expected) in [
            ("10%\r20%\r{}\r\n", &["10%", "20%", "{}"][..]),
            ("{}\r10%", &["{}", "10%"]),
            ("{}\r(QEMU) stpo\r\u{1b}[K(QEMU) stop\r\n", &["{}", "(QEMU) stop"]),
            ("\r{}\r\r\n", &["", "{}"]),
            ("", &[""]),
        ] {
            assert_eq!(lines(text).map(shown).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
