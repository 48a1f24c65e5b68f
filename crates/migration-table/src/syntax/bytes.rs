//! Bytes to text. A file that is not UTF-8 is a finding like any other, with the place of the first wrong byte.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::rule::shape::INVALID_YAML;
use crate::span::Span;

/// Returns the text of a file. A file that is not UTF-8 gives a finding too, and a text in which a reader recognises the
/// file.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<Finding>) {
    if let Some((name, text)) = utf_16_or_32(bytes) {
        let first = text.chars().next().map_or(0, char::len_utf8);
        let message = format!("the table is {name}, not UTF-8");
        let finding = Finding::error(INVALID_YAML.code, Span::of(&text, 0..first), message, "the file begins here");
        let help =
            "save it as UTF-8; Windows PowerShell writes UTF-16 with `>`, and UTF-8 with `Out-File -Encoding utf8`";
        return (Cow::Owned(text), Some(finding.with_help(help)));
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return (Cow::Borrowed(text), None),
        Err(error) => error,
    };
    let (at, text) = (error.valid_up_to(), as_latin_1(bytes));
    let wrong = text[at..].chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
    let byte = bytes.get(at).copied().unwrap_or_default();
    let label = match wrong {
        char::REPLACEMENT_CHARACTER => "not UTF-8".to_owned(),
        _ => format!("`{wrong}` in Latin-1, but not UTF-8"),
    };
    let message = format!("the table is not UTF-8: it has the byte 0x{byte:02X}");
    let finding = Finding::error(INVALID_YAML.code, Span::of(&text, at..at + wrong.len_utf8()), message, label);
    (Cow::Owned(text), Some(finding.with_help("save the file as UTF-8")))
}

/// The text of a file of UTF-16 or UTF-32, and the name of that encoding. The mark at its beginning tells, or, as YAML
/// has it, the zeros beside its first character.
fn utf_16_or_32(bytes: &[u8]) -> Option<(&'static str, String)> {
    let (name, width, first_is_low) = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [1..=255, 0, 0, 0, ..] => ("UTF-32", 4, true),
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, 1..=255, ..] => ("UTF-32", 4, false),
        [0xFF, 0xFE, ..] | [1..=255, 0, ..] => ("UTF-16", 2, true),
        [0xFE, 0xFF, ..] | [0, 1..=255, ..] => ("UTF-16", 2, false),
        _ => return None,
    };
    let unit = |unit: &[u8]| {
        let add = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        if first_is_low { unit.iter().rev().fold(0, add) } else { unit.iter().fold(0, add) }
    };
    let units = bytes.chunks_exact(width).map(unit);
    let text: String = if width == 2 {
        let units = units.map(|unit| u16::try_from(unit).unwrap_or_default());
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        units.map(|unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    Some((name, text.trim_start_matches('\u{feff}').to_owned()))
}

/// The text in which every byte that is not UTF-8 is the character that it is in Latin-1.
fn as_latin_1(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let shown =
            |byte: &u8| if (0x80..0xA0).contains(byte) { char::REPLACEMENT_CHARACTER } else { char::from(*byte) };
        text.extend(chunk.invalid().iter().map(shown));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Option<(String, usize, usize)> {
        decode(bytes).1.map(|finding| (finding.message, finding.span.line, finding.span.column))
    }

    #[test]
    fn the_first_wrong_byte_is_named_at_its_place() {
        let latin = "a: b\r\nc: gr\u{fc}n\n".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<_>>();
        assert_eq!(found(&latin), Some(("the table is not UTF-8: it has the byte 0xFC".to_owned(), 2, 6)));
        assert_eq!(decode(&latin).0, "a: b\r\nc: grün\n");
        assert_eq!(found("a: grün\n".as_bytes()), None);
        assert_eq!(found(b""), None);
        assert_eq!(found(b"a"), None);
        assert_eq!(found(b"a: \x80"), Some(("the table is not UTF-8: it has the byte 0x80".to_owned(), 1, 4)));
    }

    #[test]
    fn wide_encodings_are_recognised_with_and_without_a_mark() {
        let text = "format: 1\n";
        for mark in ["", "\u{feff}"] {
            let marked = format!("{mark}{text}");
            let (low, high): (Vec<u8>, Vec<u8>) = (
                marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            );
            let low_32: Vec<u8> = marked.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
            let high_32: Vec<u8> = marked.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
            for (bytes, name) in [(low, "UTF-16"), (high, "UTF-16"), (low_32, "UTF-32"), (high_32, "UTF-32")] {
                assert_eq!(found(&bytes), Some((format!("the table is {name}, not UTF-8"), 1, 1)), "{mark:?}");
                assert_eq!(decode(&bytes).0, text);
            }
        }
    }
}
