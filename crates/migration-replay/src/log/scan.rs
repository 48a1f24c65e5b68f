//! Finds objects in lines: several on one line, or one over several lines, with anything around them.

use serde_json::{Map, Value};

use super::line::{Holds, Origin};
use super::object::{self, is_message};
use super::text::has_shape;

/// The longest object that is read, in bytes: a reply that lists everything is far shorter.
const OBJECT_BYTES_MAX: usize = 16 << 20;

/// Letters of the words that stand outside of texts: `true`, `null`, `None`, `NaN`, `Infinity` and so on; and `TIMESTAMP`.
const LETTERS: &[u8] = b"truefalsnTFNoaIiyEMSAP";

/// By byte, whether it stands outside of texts, besides quotes and braces.
const STANDS_OUTSIDE: [bool; 256] = {
    let mut stands = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        stands[byte as usize] = byte.is_ascii_whitespace()
            || byte.is_ascii_digit()
            || matches!(byte, b'[' | b']' | b':' | b',' | b'+' | b'-' | b'.');
        byte += 1;
    }
    let mut at = 0;
    while at < LETTERS.len() {
        stands[LETTERS[at] as usize] = true;
        at += 1;
    }
    stands
};

/// An object that was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Where its first brace stands.
    pub(super) origin: Origin,
    /// What it is.
    pub(super) holds: Holds,
    /// From its first brace to its last, or as far as it goes.
    pub(super) text: String,
    /// Whether its last brace has come.
    pub(super) is_whole: bool,
    /// What it says, if that is known already.
    pub(super) read: Option<Map<String, Value>>,
}

/// Looks for objects, line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Scanner {
    open: Option<Open>,
}

/// An object whose end has not come yet.
#[derive(Clone, Debug)]
struct Open {
    origin: Origin,
    holds: Holds,
    /// What stands before it in its line.
    prefix: String,
    text: String,
    depth: u32,
    /// The quote that ends the text that it is in.
    quote: Option<u8>,
    is_escaped: bool,
}

/// How far an object goes in a piece of text.
enum Reach {
    /// To its last brace, which is at this place.
    End(usize),
    /// On after the piece.
    On,
    /// To this place, where something stands that no object has.
    Broken(usize),
}

impl Found {
    /// The object that a text is, if it is one and nothing else, as JSON: most lines are.
    pub(super) fn alone(text: &str, origin: &Origin) -> Option<Found> {
        let text = text.trim_end();
        if !(text.starts_with('{') && text.ends_with('}')) {
            return None;
        }
        let read = Some(object::json_alone(text)?);
        Some(Found { origin: origin.clone(), holds: Holds::Message, text: text.to_owned(), is_whole: true, read })
    }
}

impl Scanner {
    /// Takes in the next line, without its end; an object that begins in it is what `holds` says.
    pub(super) fn line(&mut self, line: &str, origin: &Origin, holds: &Holds, out: &mut Vec<Found>) {
        let line = match &self.open {
            Some(open) if begins_anew(line) || open.text.len() > OBJECT_BYTES_MAX => {
                self.cut(out);
                line
            }
            // A log may begin each line of a text alike, and mail is quoted line by line.
            Some(open) => open.without_prefix(line),
            None => line,
        };
        let mut at = 0;
        while at < line.len() {
            let Some(open) = &mut self.open else {
                let Some(start) = line[at..].find('{').map(|start| at + start) else { break };
                at = start + 1;
                if begins_object(&line[at..]) {
                    let (origin, holds, prefix) = (origin.clone(), holds.clone(), line[..start].to_owned());
                    let (text, depth) = ("{".to_owned(), 1);
                    self.open = Some(Open { origin, holds, prefix, text, depth, quote: None, is_escaped: false });
                }
                continue;
            };
            match open.reach(&line[at..]) {
                Reach::On => at = line.len(),
                Reach::End(length) => {
                    at += length;
                    let open = self.open.take();
                    out.extend(open.map(|open| open.found(true)));
                }
                Reach::Broken(length) => {
                    at += length;
                    self.cut(out);
                }
            }
        }
        // A line may end between any two values; in a text it ends because it was too long for somebody's screen. Mail
        // whose headers are lost may still have the mark of quoted-printable there.
        if let Some(open) = &mut self.open {
            if open.text.ends_with('=') && line.ends_with('=') {
                open.text.pop();
            } else if open.quote.is_none() {
                open.text.push('\n');
            }
        }
    }

    /// Whether an object has begun and not ended.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether the line can only be a member of the object that has begun, whatever it has in its text.
    pub(super) fn goes_on(&self, line: &str) -> bool {
        self.open.as_ref().is_some_and(|open| open.quote.is_none()) && line.trim_start().starts_with('"')
    }

    /// An object that has begun does not go on.
    pub(super) fn cut(&mut self, out: &mut Vec<Found>) {
        out.extend(self.open.take().map(|open| open.found(false)));
    }

    /// The line in which an object began that has not ended.
    pub(super) fn finish(&mut self) -> Option<usize> {
        self.open.take().map(|open| open.origin.line)
    }
}

impl Open {
    fn found(self, is_whole: bool) -> Found {
        Found { origin: self.origin, holds: self.holds, text: self.text, is_whole, read: None }
    }

    fn without_prefix<'l>(&self, line: &'l str) -> &'l str {
        let shape = self.prefix.trim_end();
        if shape.len() < 2 || !line.is_char_boundary(shape.len().min(line.len())) || line.len() < shape.len() {
            return line;
        }
        let (start, rest) = line.split_at(shape.len());
        if has_shape(start, shape) { rest } else { line }
    }

    /// Takes in a piece of text, as far as the object goes.
    fn reach(&mut self, piece: &str) -> Reach {
        let (bytes, mut at) = (piece.as_bytes(), 0);
        let mut reach = Reach::On;
        while at < bytes.len() {
            if let Some(quote) = self.quote {
                at = self.text_end(quote, bytes, at);
                continue;
            }
            let byte = bytes[at];
            match byte {
                b'"' | b'\'' => self.quote = Some(byte),
                b'{' => self.depth += 1,
                b'}' => self.depth -= 1,
                _ if STANDS_OUTSIDE[usize::from(byte)] || (byte == b'=' && at + 1 == bytes.len()) => {}
                _ => {
                    reach = Reach::Broken(at);
                    break;
                }
            }
            at += 1;
            if self.depth == 0 {
                reach = Reach::End(at);
                break;
            }
        }
        self.text.push_str(&piece[..at]);
        reach
    }

    /// Where what follows a text begins, or the end of the piece; a character after a backslash ends no text.
    fn text_end(&mut self, quote: u8, bytes: &[u8], mut at: usize) -> usize {
        if std::mem::take(&mut self.is_escaped) {
            at += 1;
        }
        let is_special = |byte: &u8| *byte == quote || *byte == b'\\';
        while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(is_special)) {
            at += found + 1;
            if bytes[at - 1] == quote {
                self.quote = None;
                return at;
            }
            if at == bytes.len() {
                self.is_escaped = true;
                return at;
            }
            at += 1;
        }
        bytes.len()
    }
}

/// Whether an object can go on like this after its brace: with a key, its end, or in the next line.
fn begins_object(rest: &str) -> bool {
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(['u', 'b']).unwrap_or(rest);
    rest.chars().next().is_none_or(|c| matches!(c, '"' | '\'' | '}' | '\\'))
}

/// Whether the line holds a message by itself and not as part of a larger one, so that one before it has been cut off.
fn begins_anew(line: &str) -> bool {
    let Some(start) = line.find('{').filter(|at| !line[..*at].contains(['"', '\''])) else { return false };
    let (mut alone, mut found) = (Scanner::default(), Vec::new());
    alone.line(&line[start..], &Origin::default(), &Holds::Message, &mut found);
    matches!(found.first(), Some(found) if found.is_whole && is_message(&found.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_wherever_its_line_is_broken() {
        let object = r#"{"a\"é{": "b}\\", 'c"': [-1.5e+3, true], "d": {"e": null}}"#;
        for at in (2..object.len()).filter(|at| object.is_char_boundary(*at)) {
            let (mut scanner, mut found) = (Scanner::default(), Vec::new());
            for piece in [&object[..at], &object[at..]] {
                scanner.line(piece, &Origin::default(), &Holds::Message, &mut found);
            }
            let texts: Vec<String> = found.iter().map(|found| found.text.replace('\n', "")).collect();
            assert_eq!(texts, [object], "broken before byte {at}");
            assert!(found[0].is_whole && !scanner.is_open());
        }
    }

    #[test]
    fn what_no_object_has_ends_it() {
        let (mut scanner, mut found) = (Scanner::default(), Vec::new());
        scanner.line(r#"{"a": #{"b": 1}"#, &Origin::default(), &Holds::Message, &mut found);
        let found: Vec<(&str, bool)> = found.iter().map(|found| (found.text.as_str(), found.is_whole)).collect();
        assert_eq!(found, [(r#"{"a": "#, false), (r#"{"b": 1}"#, true)]);
    }
}
