//! What a source says on the connections after the first: which attempt they belong to.

use super::{Refusal, Token};

/// The number of the message with which the source says that a connection is for the page requests of an attempt, and
/// with which the destination agrees. The table has no such message: it changes the state of nobody.
pub const JOIN: u16 = 0x100;

/// Returns what a connection says that belongs to the attempt with this token: a [`JOIN`], or the first message of a
/// recovery.
pub fn encode_membership(token: Token) -> Vec<u8> {
    token.bytes().to_vec()
}

/// Judges whether a connection belongs to the attempt with this token.
///
/// # Errors
/// When it does not, with the reason in words for both users.
pub fn judge_membership(bytes: &[u8], token: Token) -> Result<(), Refusal> {
    match <[u8; 16]>::try_from(bytes) {
        Ok(theirs) if Token::from_bytes(theirs) == token => Ok(()),
        Ok(_) => {
            Err(Refusal::new("the connection belongs to another attempt: this host awaits one with another token"))
        }
        Err(_) => Err(Refusal::new("the token of a connection is malformed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_same_token_belongs_to_an_attempt() {
        let token = Token::from_bytes([7; 16]);
        assert_eq!(judge_membership(&encode_membership(token), token), Ok(()));
        for bytes in [&[][..], &[7; 15], &[7; 17], &[8; 16]] {
            assert!(judge_membership(bytes, token).is_err(), "{bytes:?}");
        }
    }
}
