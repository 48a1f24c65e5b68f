//! Where one command ends and the next begins.
//!
//! QMP is a stream of JSON values; packets, lines and values have nothing to do with each other. This cuts the stream
//! at the byte where a value is complete, looking at each byte once, and finds a structural mistake at the byte where
//! it is made: otherwise one missing brace would swallow every command that follows. What is inside a value (numbers,
//! escapes, UTF-8) is not judged here but by the parser that gets it.
//!
//! After a mistake, the rest of the value is dropped, as its brackets show it, or the rest of the line if that ends
//! first. If the mistake shows only at the start of a later line, because that line is a new command, then it is read and
//! not dropped. A control character or the byte 0xff ends whatever was begun, and the next object or list is read: clients
//! send one to bring the host into a known state.
//!
//! A string may stand in single quotes, as in QEMU. It is handed over in double quotes.

use std::mem;

/// Longest value, in bytes; also the most that is buffered for a client.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// Deepest nesting of objects and arrays in a value.
pub const DEPTH_MAX: usize = 64;

/// A piece of the stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame {
    /// The bytes of one object or array, structurally complete.
    Value(Vec<u8>),
    /// Something that cannot become a value, and why: a sentence without a full stop.
    Malformed(String),
}

/// Cuts a stream of bytes into values.
#[derive(Debug, Default)]
pub struct Framing {
    // Invariant: both are empty between values.
    buffer: Vec<u8>,
    open: Vec<Container>,
    expect: Expect,
    token: Token,
    quote: u8,
    line: Line,
    skipped: Skipped,
}

/// Where in the rest of a value that had a mistake the stream is.
#[derive(Clone, Copy, Debug, Default)]
struct Skipped {
    depth: usize,
    /// The quote of the string that is open.
    string: Option<u8>,
    escape: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// What may come next inside a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expect {
    #[default]
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
}

/// The token that is being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Token {
    #[default]
    None,
    Scalar,
    String,
    Escape,
}

/// What the present line is to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// It is being read.
    #[default]
    Started,
    /// It continues a value, and only blanks were on it so far.
    Blank,
    /// It had a mistake and is dropped.
    Dropped,
}

impl Framing {
    /// Takes the next bytes of the stream and hands over every frame that they complete.
    pub fn feed(&mut self, bytes: &[u8], found: &mut dyn FnMut(Frame)) {
        for &byte in bytes {
            if self.line != Line::Dropped || self.skipped.ends_before(byte) {
                self.line = if self.line == Line::Dropped { Line::Started } else { self.line };
                self.take(byte, found);
            } else if self.skipped.ends_with(byte) {
                self.line = Line::Started;
            }
        }
    }

    fn take(&mut self, byte: u8, found: &mut dyn FnMut(Frame)) {
        if self.buffer.is_empty() && is_blank(byte) {
            return;
        }
        let fresh_line = self.line == Line::Blank && !is_blank(byte);
        self.keep(byte);
        match self.step(byte) {
            Ok(()) => {
                self.line = match byte {
                    b'\n' => Line::Blank,
                    _ if is_blank(byte) => self.line,
                    _ => Line::Started,
                };
                if self.open.is_empty() {
                    let value = mem::take(&mut self.buffer);
                    self.reset(Line::Started);
                    found(Frame::Value(value));
                }
            }
            Err(mistake) => {
                found(Frame::Malformed(mistake));
                let starts_anew = fresh_line && byte == b'{';
                let mut skipped = self.rest();
                let ends = starts_anew || skipped.ends_with(byte);
                self.reset(if ends { Line::Started } else { Line::Dropped });
                self.skipped = skipped;
                if starts_anew {
                    self.take(byte, found);
                }
            }
        }
    }

    /// Appends a byte to the value; what is in single quotes is translated.
    fn keep(&mut self, byte: u8) {
        match (self.token, byte) {
            (Token::None | Token::Scalar, b'\'') => self.buffer.push(b'"'),
            (Token::String, b'\'') if self.quote == b'\'' => self.buffer.push(b'"'),
            (Token::String, b'"') if self.quote == b'\'' => self.buffer.extend(b"\\\""),
            (Token::Escape, b'\'') => {
                self.buffer.pop();
                self.buffer.push(byte);
            }
            (Token::None | Token::Scalar | Token::String | Token::Escape, _) => self.buffer.push(byte),
        }
    }

    /// What is open, so that the rest of a value can be dropped.
    fn rest(&self) -> Skipped {
        let string = matches!(self.token, Token::String | Token::Escape).then_some(self.quote);
        Skipped { depth: self.open.len(), string, escape: self.token == Token::Escape }
    }

    fn reset(&mut self, line: Line) {
        *self = Self { line, ..Self::default() };
    }

    fn step(&mut self, byte: u8) -> Result<(), String> {
        if self.buffer.len() > VALUE_BYTES_MAX {
            return Err(format!("longer than {VALUE_BYTES_MAX} bytes"));
        }
        match self.token {
            Token::String | Token::Escape if byte < 0x20 || is_mark(byte) => {
                return Err(format!("{} inside a string", describe(byte)));
            }
            Token::Escape => self.token = Token::String,
            Token::String => match byte {
                b'\\' => self.token = Token::Escape,
                _ if byte == self.quote => {
                    self.token = Token::None;
                    self.expect = if self.expect == Expect::Key { Expect::Colon } else { Expect::CommaOrClose };
                }
                _ => {}
            },
            Token::Scalar if is_scalar(byte) => {}
            Token::Scalar => {
                self.token = Token::None;
                self.expect = Expect::CommaOrClose;
                return self.structure(byte);
            }
            Token::None => return self.structure(byte),
        }
        Ok(())
    }

    /// Takes a byte between tokens, or the first one of a token.
    fn structure(&mut self, byte: u8) -> Result<(), String> {
        use Expect::{Colon, CommaOrClose, Key, KeyOrClose, Value, ValueOrClose};
        if is_blank(byte) {
            return Ok(());
        }
        match (byte, self.expect) {
            (b'{', Value | ValueOrClose) => self.enter(Container::Object, KeyOrClose),
            (b'[', Value | ValueOrClose) => self.enter(Container::Array, ValueOrClose),
            _ if self.open.is_empty() => Err(format!("expected a JSON object, found {}", describe(byte))),
            (b'"' | b'\'', Key | KeyOrClose) => {
                self.expect = Key;
                (self.token, self.quote) = (Token::String, byte);
                Ok(())
            }
            (b'"' | b'\'', Value | ValueOrClose) => {
                self.expect = Value;
                (self.token, self.quote) = (Token::String, byte);
                Ok(())
            }
            (b':', Colon) => {
                self.expect = Value;
                Ok(())
            }
            (b',', CommaOrClose) => {
                self.expect = if self.open.last() == Some(&Container::Object) { Key } else { Value };
                Ok(())
            }
            (b'}', KeyOrClose | CommaOrClose) if self.open.last() == Some(&Container::Object) => self.leave(),
            (b']', ValueOrClose | CommaOrClose) if self.open.last() == Some(&Container::Array) => self.leave(),
            (_, Value | ValueOrClose) if is_scalar(byte) => {
                self.token = Token::Scalar;
                Ok(())
            }
            (_, expect) => Err(format!("expected {}, found {}", self.wanted(expect), describe(byte))),
        }
    }

    fn enter(&mut self, container: Container, expect: Expect) -> Result<(), String> {
        if self.open.len() == DEPTH_MAX {
            return Err(format!("nested more than {DEPTH_MAX} deep"));
        }
        self.open.push(container);
        self.expect = expect;
        Ok(())
    }

    fn leave(&mut self) -> Result<(), String> {
        self.open.pop();
        self.expect = Expect::CommaOrClose;
        Ok(())
    }

    fn wanted(&self, expect: Expect) -> &'static str {
        let in_object = self.open.last() == Some(&Container::Object);
        match expect {
            Expect::Value => "a value",
            Expect::ValueOrClose => "a value or `]`",
            Expect::Key => "a member name in quotes",
            Expect::KeyOrClose => "a member name in quotes or `}`",
            Expect::Colon => "`:`",
            Expect::CommaOrClose if in_object => "`,` or `}`",
            Expect::CommaOrClose => "`,` or `]`",
        }
    }
}

impl Skipped {
    /// Returns whether the dropped bytes end before this one, which begins a value.
    fn ends_before(&self, byte: u8) -> bool {
        self.depth == 0 && self.string.is_none() && matches!(byte, b'{' | b'[')
    }

    /// Drops a byte, and returns whether it is the last.
    fn ends_with(&mut self, byte: u8) -> bool {
        match self.string {
            _ if byte == b'\n' => return true,
            _ if is_mark(byte) => *self = Self::default(),
            Some(_) if self.escape => self.escape = false,
            Some(_) if byte == b'\\' => self.escape = true,
            Some(quote) if byte == quote => self.string = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' if self.depth > 0 => self.string = Some(byte),
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    return self.depth == 0;
                }
                _ => {}
            },
        }
        false
    }
}

/// Returns whether a byte can be in no JSON text, so that clients use it to begin anew.
fn is_mark(byte: u8) -> bool {
    matches!(byte, 0xfe | 0xff) || (byte < 0x20 && !is_blank(byte))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

fn describe(byte: u8) -> String {
    match byte {
        b'\n' => "a line break".to_owned(),
        0x21..=0x7e => format!("`{}`", char::from(byte)),
        _ => format!("byte 0x{byte:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8]) -> Vec<String> {
        let mut frames = Vec::new();
        Framing::default().feed(bytes, &mut |frame| {
            frames.push(match frame {
                Frame::Value(value) => String::from_utf8_lossy(&value).into_owned(),
                Frame::Malformed(mistake) => format!("! {mistake}"),
            });
        });
        frames
    }

    #[test]
    fn values_need_no_separator_and_no_line() {
        assert_eq!(cut(br#"{"a":1}{"b":[{}]} [2]"#), [r#"{"a":1}"#, r#"{"b":[{}]}"#, "[2]"]);
        assert_eq!(cut(b"{\"a\":\n {\"}\\\"\": 1.5e+3}\n}\n"), ["{\"a\":\n {\"}\\\"\": 1.5e+3}\n}"]);
    }

    #[test]
    fn any_split_into_packets_gives_the_same_frames() {
        let stream = b" {\"a\": \"\\\"}\"}\n{oops}\n[1, {\"b\": null}] {";
        let whole = cut(stream);
        assert_eq!(whole.len(), 3);
        for at in 0..stream.len() {
            let mut count = 0;
            let mut framing = Framing::default();
            framing.feed(&stream[..at], &mut |_| count += 1);
            framing.feed(&stream[at..], &mut |_| count += 1);
            assert_eq!(count, whole.len(), "split at {at}");
        }
    }

    #[test]
    fn single_quotes_are_quotes() {
        assert_eq!(cut(b"{'a': 'it\\'s \"x\"', \"b\": \"don't\"}"), [r#"{"a": "it's \"x\"", "b": "don't"}"#]);
        assert_eq!(cut(br"{'a': '\\'}[]"), [r#"{"a": "\\"}"#, "[]"]);
    }

    #[test]
    fn a_control_character_or_0xff_begins_anew() {
        let command = "{\"execute\":\"query-name\"}";
        for begun in ["{\"execute\":\"query-sta", "{\"execute\":", "{\"a\":[[[", "{'", "{\"a\" 1"] {
            for mark in [b'\x1b', b'\xff', b'\0'] {
                let frames = cut(&[begun.as_bytes(), &[mark], command.as_bytes()].concat());
                assert_eq!(frames.len(), 2, "{frames:?}");
                assert!(frames[0].starts_with('!') && frames[1] == command, "{frames:?}");
            }
        }
    }

    #[test]
    fn a_mistake_costs_the_rest_of_its_value_or_line() {
        let frames = cut(b"{\"a\" 1} {\"found\":1}\n{\"b\":1}\n");
        assert_eq!(frames, ["! expected `:`, found `1`", "{\"found\":1}", "{\"b\":1}"]);
        assert_eq!(cut(b"hello {}\n{}"), ["! expected a JSON object, found `h`", "{}", "{}"]);
        assert_eq!(cut(b"{\"a\" 1, \"}\": {}} {}"), ["! expected `:`, found `1`", "{}"]);
        assert_eq!(cut(b"{\"a\n{}"), ["! a line break inside a string", "{}"]);
        assert_eq!(cut(b"{\"a\": \xff}\n{}"), ["! expected a value, found byte 0xff", "{}"]);
        assert_eq!(cut(b"{\"execute\":\"a\",}{}"), ["! expected a member name in quotes, found `}`", "{}"]);
        assert_eq!(cut(b"{\"a\": [1}\n{}"), ["! expected `,` or `]`, found `}`", "{}"]);
    }

    #[test]
    fn a_command_on_a_line_of_its_own_survives_an_unfinished_one() {
        let frames = cut(b"{\"execute\": \"stop\"\n  {\"execute\": \"cont\"}\n");
        assert_eq!(frames, ["! expected `,` or `}`, found `{`", "{\"execute\": \"cont\"}"]);
    }

    #[test]
    fn nesting_and_length_are_bounded() {
        let deep = [b"[".repeat(DEPTH_MAX), b"]".repeat(DEPTH_MAX)].concat();
        assert_eq!(cut(&deep).len(), 1);
        assert_eq!(cut(&b"[".repeat(DEPTH_MAX + 1)), [format!("! nested more than {DEPTH_MAX} deep")]);
        let mut long = b"{\"a\":\"".to_vec();
        long.resize(3 * VALUE_BYTES_MAX, b'x');
        long.extend_from_slice(b"\n{}");
        assert_eq!(cut(&long), [format!("! longer than {VALUE_BYTES_MAX} bytes"), "{}".to_owned()]);
    }
}
