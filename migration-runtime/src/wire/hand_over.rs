//! What the source says when it gives the guest up.

use super::WireError;

/// The words of the hand-over: after them the guest is the destination's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HandOver {
    /// Whether the guest ran before it was stopped. One that its user had paused arrives paused.
    pub runs: bool,
}

impl HandOver {
    /// The bytes for the wire.
    pub fn encode(&self) -> Vec<u8> {
        vec![u8::from(self.runs)]
    }

    /// Reads a hand-over.
    ///
    /// # Errors
    /// When the bytes are malformed.
    pub fn decode(bytes: &[u8]) -> Result<HandOver, WireError> {
        match bytes {
            [0] => Ok(HandOver { runs: false }),
            [1] => Ok(HandOver { runs: true }),
            _ => Err(WireError::Malformed("hand_over")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_yes_and_no_is_a_hand_over() {
        for runs in [false, true] {
            assert_eq!(HandOver::decode(&HandOver { runs }.encode()), Ok(HandOver { runs }));
        }
        for bytes in [&[][..], &[2], &[255], &[1, 0], &[0, 0]] {
            assert_eq!(HandOver::decode(bytes), Err(WireError::Malformed("hand_over")));
        }
    }
}
