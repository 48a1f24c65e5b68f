//! Why one side cannot go on, in words that the other can show to its user.

/// The longest refusal, in bytes.
pub const REFUSAL_BYTES_MAX: usize = 1024;

/// The reason of a refusal: one line of at most [`REFUSAL_BYTES_MAX`] bytes without control characters.
// Invariant: as the summary says, whether the text is ours or a peer's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    text: String,
}

impl Refusal {
    /// Takes a text, shortened and cleaned if need be.
    pub fn new(text: &str) -> Refusal {
        let mut clean = String::new();
        for character in text.chars() {
            let unseen = character.is_control() || is_format(character);
            let shown = if unseen { char::REPLACEMENT_CHARACTER } else { character };
            if clean.len() + shown.len_utf8() > REFUSAL_BYTES_MAX {
                break;
            }
            clean.push(shown);
        }
        Refusal { text: clean }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes for the wire.
    pub fn encode(&self) -> Vec<u8> {
        self.text.clone().into_bytes()
    }

    /// The text, or what to say in its place if a peer sent none.
    pub fn reason(&self) -> &str {
        if self.text.is_empty() { "it gave no reason" } else { &self.text }
    }

    /// Reads what a peer sent: any bytes are a refusal.
    pub fn decode(bytes: &[u8]) -> Refusal {
        // Cleaning may shorten the text further, never lengthen it past the bound.
        let bytes = &bytes[..bytes.len().min(REFUSAL_BYTES_MAX)];
        Refusal::new(&String::from_utf8_lossy(bytes))
    }
}

/// Characters that are not seen but change how a line is shown: separators and changes of direction.
fn is_format(character: char) -> bool {
    matches!(
        character,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_plain_text() {
        let text = "the guest does not fit: 64 MiB für `x`";
        assert_eq!(Refusal::decode(text.as_bytes()).text(), text);
        assert_eq!(Refusal::decode(text.as_bytes()).reason(), text);
        assert_eq!(Refusal::decode(b"").reason(), "it gave no reason");
        assert_eq!(Refusal::new("a\nb\u{1b}[31m\u{202e}").text(), "a\u{fffd}b\u{fffd}[31m\u{fffd}");
    }

    proptest! {
        #[test]
        fn is_one_bounded_line(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let refusal = Refusal::decode(&bytes);
            prop_assert!(refusal.text().len() <= REFUSAL_BYTES_MAX);
            prop_assert!(!refusal.text().chars().any(char::is_control));
            prop_assert_eq!(Refusal::decode(&refusal.encode()), refusal);
        }
    }
}
