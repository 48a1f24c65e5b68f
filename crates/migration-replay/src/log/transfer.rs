//! How the text of a mail is written on its way: as quoted-printable or base64, if a header says so. A block in base64
//! is decoded without a header, too.
//!
//! Quoted-printable (RFC 2045, section 6.7) writes bytes as `=3D`, and a `=` at the end of a line says that the line
//! goes on in the next one.

use std::borrow::Cow;

use super::packed::{self, Base64, Packed};

/// The header that says it; names of headers and of encodings may be in any case.
const ENCODING: &str = "content-transfer-encoding:";
/// Before the line that parts the pieces of a mail.
const BOUNDARY: &str = "boundary=";
/// How the next mail begins in a file with several.
const NEXT_MAIL: &str = "From ";
/// The longest line that is put together, in bytes.
const LINE_BYTES_MAX: usize = 16 << 20;

/// How a piece of a mail is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Encoding {
    #[default]
    Plain,
    QuotedPrintable,
    Base64,
}

/// What became of a line.
pub(super) enum Decoded<'l> {
    Text(Cow<'l, str>),
    /// It goes on in the next line.
    Begun,
    /// It holds these lines, each with its end, in base64.
    Lines(String),
    /// It holds these bytes in base64, which are no text.
    Binary(Vec<u8>),
}

/// Follows the headers of a mail, and decodes its text.
#[derive(Clone, Debug, Default)]
pub(super) struct Transfer {
    /// What the last headers say, and whether the empty line after them has come.
    encoding: Encoding,
    is_text: bool,
    boundaries: Vec<String>,
    /// Lines that go on in the next one, decoded.
    begun: Vec<u8>,
    base64: Base64,
    /// Whether the last line is of a block in base64 without a header.
    is_block: bool,
}

impl Transfer {
    /// The rest of a text whose last line is the one before this.
    pub(super) fn over(&mut self, line: &str) -> Option<String> {
        let text = line.trim_end_matches(['\r', '\n']);
        let is_over = match self.is_block {
            true => !packed::is_base64(text),
            false => self.encoding != Encoding::Plain && self.is_end(text),
        };
        if !is_over {
            return None;
        }
        if !self.is_block {
            (self.encoding, self.is_text) = (Encoding::Plain, false);
        }
        self.is_block = false;
        self.finish()
    }

    /// Decodes a line, with or without its end.
    pub(super) fn line<'l>(&mut self, line: &'l str) -> Decoded<'l> {
        let text = line.trim_end_matches(['\r', '\n']);
        match self.encoding {
            Encoding::QuotedPrintable if self.is_text => return self.decoded(text),
            Encoding::Base64 if self.is_text && !text.is_empty() => {
                return match self.base64.line(text) {
                    Some(packed) => Decoded::from(packed),
                    None => Decoded::Text(Cow::Borrowed(line)),
                };
            }
            Encoding::Plain => {
                let block = if self.is_block { Some(text) } else { packed::block(text) };
                if let Some(packed) = block.and_then(|block| self.base64.line(block)) {
                    self.is_block = matches!(packed, Packed::Lines(_));
                    if !self.is_block {
                        self.base64 = Base64::default();
                    }
                    return Decoded::from(packed);
                }
            }
            Encoding::QuotedPrintable | Encoding::Base64 => {}
        }
        self.is_text |= text.is_empty();
        self.header(text);
        Decoded::Text(Cow::Borrowed(line))
    }

    /// The text of a line that said that it goes on, where none follows.
    pub(super) fn finish(&mut self) -> Option<String> {
        let begun = std::mem::take(&mut self.begun);
        let text = String::from_utf8_lossy(&begun).into_owned() + &self.base64.finish();
        (!text.is_empty()).then_some(text)
    }

    fn header(&mut self, text: &str) {
        // Most lines are none: the header begins with this letter, whoever writes it.
        if text.starts_with(['C', 'c'])
            && let Some(value) = after(text, ENCODING)
        {
            self.is_text = false;
            self.encoding = match value.trim().to_ascii_lowercase().as_str() {
                "quoted-printable" => Encoding::QuotedPrintable,
                "base64" => Encoding::Base64,
                _ => Encoding::Plain,
            };
        } else if let Some((_, value)) = text.split_once(BOUNDARY)
            && !text.starts_with(['{', '>'])
        {
            let boundary = value.split(';').next().unwrap_or_default().trim().trim_matches('"');
            self.boundaries.push(format!("--{boundary}"));
        }
    }

    /// Whether a piece of the mail is over.
    fn is_end(&self, text: &str) -> bool {
        self.boundaries.iter().any(|boundary| text.starts_with(boundary)) || text.starts_with(NEXT_MAIL)
    }

    fn decoded(&mut self, text: &str) -> Decoded<'static> {
        // Spaces at the end of a line were put there on its way.
        let text = text.trim_end();
        let (text, goes_on) = match text.strip_suffix('=') {
            Some(text) => (text, self.begun.len() < LINE_BYTES_MAX),
            None => (text, false),
        };
        let mut bytes = text.as_bytes().iter();
        while let Some(byte) = bytes.next() {
            let rest = bytes.as_slice();
            match rest.get(..2).and_then(hexadecimal).filter(|_| *byte == b'=') {
                Some(meant) => {
                    self.begun.push(meant);
                    bytes.nth(1);
                }
                None => self.begun.push(*byte),
            }
        }
        match goes_on {
            true => Decoded::Begun,
            false => Decoded::Text(Cow::Owned(self.finish().unwrap_or_default())),
        }
    }
}

impl From<Packed> for Decoded<'_> {
    fn from(packed: Packed) -> Self {
        match packed {
            Packed::Lines(lines) => Decoded::Lines(lines),
            Packed::Binary(bytes) => Decoded::Binary(bytes),
        }
    }
}

/// The rest of a text that begins with this, in any case.
fn after<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    let start = text.get(..beginning.len())?;
    start.eq_ignore_ascii_case(beginning).then(|| &text[beginning.len()..])
}

/// The byte that two digits are.
fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}
