//! What tells the connections of one attempt from all others.

use std::fmt;
use std::io;
use std::str::FromStr;

use rustix::rand::{GetRandomFlags, getrandom};

/// The size of a token, in bytes.
const TOKEN_BYTES: usize = 16;

/// The token of an attempt: 16 bytes that both sides know. It is written like a UUID.
///
/// Whoever starts both sides may choose one and give it to both: the destination then takes no other source. Otherwise
/// the source draws one at random, and the destination learns it from the hello. It is no password: without encryption,
/// anybody on the way can read it.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Token([u8; TOKEN_BYTES]);

/// A text is not a token.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a token (expected 32 hexadecimal digits, with or without the hyphens of a UUID)")]
pub struct TokenError(String);

impl Token {
    /// Draws a token at random.
    ///
    /// # Errors
    /// When the kernel gives no random bytes.
    pub fn random() -> io::Result<Token> {
        let mut bytes = [0; TOKEN_BYTES];
        let mut filled = 0;
        while filled < TOKEN_BYTES {
            match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
                Ok(count) => filled += count,
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(Token(bytes))
    }

    /// The token with these bytes.
    pub const fn from_bytes(bytes: [u8; TOKEN_BYTES]) -> Token {
        Token(bytes)
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> [u8; TOKEN_BYTES] {
        self.0
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Token, TokenError> {
        let wrong = || TokenError(text.to_owned());
        let is_uuid = || text.char_indices().all(|(at, one)| (one == '-') == matches!(at, 8 | 13 | 18 | 23));
        let digits = match text.len() {
            32 => text.to_owned(),
            36 if is_uuid() => text.replace('-', ""),
            _ => return Err(wrong()),
        };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        u128::from_str_radix(&digits, 16).map(|number| Token(number.to_be_bytes())).map_err(|_| wrong())
    }
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                out.write_str("-")?;
            }
            write!(out, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_is_written() {
        let token = Token::random().unwrap();
        assert_ne!(token, Token::random().unwrap());
        let text = token.to_string();
        assert_eq!(text.parse(), Ok(token));
        assert_eq!(text.replace('-', "").to_uppercase().parse(), Ok(token));
        let known: Token = "00010203-0405-0607-0809-0a0b0c0d0e0f".parse().unwrap();
        assert_eq!(known.bytes(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            "0",
            "+0010203040506070809000000000000",
            "000102030405060708090a0b0c0d0e0g",
            "0001020-30405-0607-0809-0a0b0c0d0e0f",
            "00010203-0405-0607-0809-0a0b0c0d0e0f0",
            "ääääääääääääääää",
            "000102030405060708090a0b0c0d0e0f ",
        ] {
            assert_eq!(text.parse::<Token>(), Err(TokenError(text.to_owned())), "{text}");
        }
    }
}
