//! What a source says on the connections after the first: which attempt they belong to.

use super::{Refusal, Token};

/// The number of the message with which the source says that a connection is for the page requests of an attempt, and
/// with which the destination agrees. The table has no such message: it changes the state of nobody.
pub const JOIN: u16 = 0x100;

/// The number of the message with which the source says that a connection is for pages of an attempt, and with which the
/// destination agrees. The table has no such message either.
pub const JOIN_PAGES: u16 = 0x101;

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

/// Returns what a connection for pages says: the token of the attempt, and which of the connections it is, counted
/// from 0.
pub fn encode_page_membership(token: Token, index: u8) -> Vec<u8> {
    let mut bytes = encode_membership(token);
    bytes.push(index);
    bytes
}

/// Judges whether a connection is one for pages of the attempt with this token, of which those marked in `joined` have
/// come already, and returns which it is.
///
/// # Errors
/// When it is not, or has joined already, with the reason in words for both users.
pub fn judge_page_membership(bytes: &[u8], token: Token, joined: &[bool]) -> Result<u8, Refusal> {
    let Some((&index, membership)) = bytes.split_last() else {
        return Err(Refusal::new("the token of a connection is malformed"));
    };
    judge_membership(membership, token)?;
    match joined.get(usize::from(index)) {
        Some(false) => Ok(index),
        Some(true) => Err(Refusal::new(&format!("connection {index} for pages has joined already"))),
        None => {
            let count = joined.len();
            Err(Refusal::new(&format!("there is no connection {index} for pages: this host awaits {count}, from 0 on")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_for_pages_joins_once_and_with_a_number_that_there_is() {
        let token = Token::from_bytes([7; 16]);
        let joined = [true, false];
        let judge = |index| judge_page_membership(&encode_page_membership(token, index), token, &joined);
        assert_eq!(judge(1), Ok(1));
        assert_eq!(judge(0).unwrap_err().text(), "connection 0 for pages has joined already");
        let text = "there is no connection 2 for pages: this host awaits 2, from 0 on";
        assert_eq!(judge(2).unwrap_err().text(), text);
        for bytes in [&[][..], &[1], &[7; 16], &[7; 18], &[8; 17]] {
            assert!(judge_page_membership(bytes, token, &joined).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn nothing_but_the_same_token_belongs_to_an_attempt() {
        let token = Token::from_bytes([7; 16]);
        assert_eq!(judge_membership(&encode_membership(token), token), Ok(()));
        for bytes in [&[][..], &[7; 15], &[7; 17], &[8; 16]] {
            assert!(judge_membership(bytes, token).is_err(), "{bytes:?}");
        }
    }
}
