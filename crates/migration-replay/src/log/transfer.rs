//! How the text of a mail is written on its way: as quoted-printable or base64, if a header says so.
//!
//! Quoted-printable (RFC 2045, section 6.7) writes bytes as `=3D`, and a `=` at the end of a line says that the line
//! goes on in the next one.

use std::borrow::Cow;

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
    /// This is its text.
    Text(Cow<'l, str>),
    /// It goes on in the next line.
    Begun,
    /// It is in base64, which is not read.
    Packed,
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
}

impl Transfer {
    /// Decodes a line, with or without its end.
    pub(super) fn line<'l>(&mut self, line: &'l str) -> Decoded<'l> {
        let text = line.trim_end_matches(['\r', '\n']);
        if self.encoding != Encoding::Plain && self.is_end(text) {
            (self.encoding, self.is_text) = (Encoding::Plain, false);
        }
        match self.encoding {
            Encoding::QuotedPrintable if self.is_text => return self.decoded(text),
            Encoding::Base64 if self.is_text && !text.is_empty() => return Decoded::Packed,
            Encoding::Plain | Encoding::QuotedPrintable | Encoding::Base64 => {}
        }
        self.is_text |= text.is_empty();
        self.header(text);
        Decoded::Text(Cow::Borrowed(line))
    }

    /// The text of a line that said that it goes on, where none follows.
    pub(super) fn finish(&mut self) -> Option<String> {
        let begun = std::mem::take(&mut self.begun);
        (!begun.is_empty()).then(|| String::from_utf8_lossy(&begun).into_owned())
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
