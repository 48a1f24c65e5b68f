//! What a terminal would show of a line: recordings of terminals hold escape sequences and corrected typing errors.

use std::borrow::Cow;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
const BACKSPACE: char = '\u{8}';

/// The line without its end, as it would be shown.
pub(super) fn shown(line: &str) -> Cow<'_, str> {
    let line = line.trim_end_matches(['\r', '\n']);
    if !line.contains(|c: char| c.is_control() && c != '\t') {
        return Cow::Borrowed(line);
    }
    let mut shown = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ESCAPE => skip_sequence(&mut chars),
            BACKSPACE => drop(shown.pop()),
            // The line is written anew.
            '\r' => shown.clear(),
            _ if c.is_control() && c != '\t' => {}
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Passes over the rest of an escape sequence: of a command to the screen, or of one to the window.
fn skip_sequence(chars: &mut std::str::Chars<'_>) {
    let is_end: fn(char) -> bool = match chars.next() {
        Some('[') => |c| ('@'..='~').contains(&c),
        Some(']') => |c| c == BELL || c == '\\',
        _ => return,
    };
    // `find` takes what it passes.
    let _ = chars.find(|c| is_end(*c));
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
        ] {
            assert_eq!(shown(line), means);
        }
    }
}
