//! Text in base64 (RFC 4648, section 4): a piece of a mail, or a log that somebody has packed into one block.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What is said of base64 with a text in it, and without one.
pub(super) const DECODED: &str =
    "the text is in base64 from here on: what it says is read, with the numbers of these lines";
pub(super) const BINARY: &str = "what is in base64 here is no text: save it, and unpack it with `base64 --decode`";

/// Some programs leave out the padding at the end.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// So many characters stand for three bytes.
const GROUP: usize = 4;
/// The shortest line that is taken for a block where no header says so, in characters: words are shorter.
const BLOCK_CHARS_MIN: usize = 40;
/// The longest line of text, in bytes.
const LINE_BYTES_MAX: usize = 16 << 20;
/// Before a block on one line: a key of YAML, or a link that holds its document.
const BEFORE: [&str; 2] = [":", ";base64"];
/// How files begin that are packed by gzip, xz, zstd, bzip2 or ZIP.
const FILES: [&str; 5] = ["H4sI", "/Td6WFo", "KLUv/", "Qlpo", "UEsDB"];

/// What a line decodes to.
pub(super) enum Packed {
    /// Whole lines of text, each with its end.
    Lines(String),
    /// No text: the bytes.
    Binary(Vec<u8>),
}

/// Decodes line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Base64 {
    /// Characters that are no whole group yet.
    group: String,
    /// The text of a line whose end has not come.
    line: Vec<u8>,
    /// Whether there was something that no text has: the rest is no text either.
    is_binary: bool,
}

impl Base64 {
    /// Decodes a line; `None` if it is not in base64.
    pub(super) fn line(&mut self, line: &str) -> Option<Packed> {
        let text = std::mem::take(&mut self.group) + line.trim();
        let whole = text.len() - text.len() % GROUP;
        let bytes = ENGINE.decode(text.get(..whole)?).ok()?;
        text[whole..].clone_into(&mut self.group);
        self.is_binary |= bytes.iter().any(|byte| !is_text(*byte));
        if self.is_binary {
            return Some(Packed::Binary(bytes));
        }
        self.line.extend(bytes);
        let end = match self.line.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => at + 1,
            None if self.line.len() > LINE_BYTES_MAX => self.line.len(),
            None => 0,
        };
        let rest = self.line.split_off(end);
        let lines = std::mem::replace(&mut self.line, rest);
        Some(Packed::Lines(String::from_utf8_lossy(&lines).into_owned()))
    }

    /// The text after the last line end.
    pub(super) fn finish(&mut self) -> String {
        let Base64 { group, mut line, is_binary } = std::mem::take(self);
        if is_binary {
            return String::new();
        }
        line.extend(ENGINE.decode(group).unwrap_or_default());
        String::from_utf8_lossy(&line).into_owned()
    }
}

/// The block that begins in a line, if the line holds nothing else but a key before it, and the block holds text or a
/// packed file. Digests and other names are neither.
pub(super) fn block(line: &str) -> Option<&str> {
    let is_block = |text: &str| text.len() >= BLOCK_CHARS_MIN && is_base64(text) && is_worth_reading(text);
    let line = line.trim();
    // Most lines end in what base64 has not.
    if !line.ends_with(|c: char| c.is_ascii_alphanumeric() || "+/=".contains(c)) {
        return None;
    }
    if is_block(line) {
        return Some(line);
    }
    let (before, text) = line.rsplit_once([' ', ','])?;
    (BEFORE.iter().any(|end| before.ends_with(end)) && is_block(text)).then_some(text)
}

/// Whether the line has no characters but those of base64.
pub(super) fn is_base64(line: &str) -> bool {
    let text = line.trim().trim_end_matches('=').as_bytes();
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn is_worth_reading(block: &str) -> bool {
    let bytes = ENGINE.decode(&block[..BLOCK_CHARS_MIN]).unwrap_or_default();
    let is_utf8 = match str::from_utf8(&bytes) {
        Ok(text) => !text.is_empty(),
        // The last character may go on.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    (is_utf8 && bytes.iter().all(|byte| is_text(*byte))) || FILES.iter().any(|start| block.starts_with(start))
}

/// Whether a text may hold this byte. Logs of terminals move the cursor.
fn is_text(byte: u8) -> bool {
    byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x07 | 0x08 | 0x0c | 0x1b)
}
