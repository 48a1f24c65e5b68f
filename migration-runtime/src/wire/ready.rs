//! What the destination says when the whole guest is loaded.

use std::time::Duration;

use super::WireError;

/// The words with which the destination says that it stands by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ready {
    /// How long it stands by, counted from a moment before it said so; `None` if it does not say.
    pub stands_by: Option<Duration>,
}

impl Ready {
    /// The longest time that a destination may say.
    pub const STANDS_BY_MAX: Duration = Duration::from_secs(600);

    /// The bytes for the wire: milliseconds, or nothing.
    pub fn encode(&self) -> Vec<u8> {
        let milliseconds = self.stands_by.map(|time| u32::try_from(time.as_millis()).unwrap_or(u32::MAX));
        milliseconds.map(|number| number.to_le_bytes().to_vec()).unwrap_or_default()
    }

    /// Reads what a destination says. One that says nothing else says `ready` without a time.
    ///
    /// # Errors
    /// When the bytes are malformed, or the time is longer than [`Self::STANDS_BY_MAX`].
    pub fn decode(bytes: &[u8]) -> Result<Ready, WireError> {
        if bytes.is_empty() {
            return Ok(Ready { stands_by: None });
        }
        let milliseconds = bytes.try_into().map(u32::from_le_bytes).ok();
        let stands_by = milliseconds.map(|number| Duration::from_millis(number.into()));
        let stands_by = stands_by.filter(|time| *time <= Self::STANDS_BY_MAX).ok_or(WireError::Malformed("ready"))?;
        Ok(Ready { stands_by: Some(stands_by) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_back_and_nothing_but_a_time_is_read() {
        for stands_by in [None, Some(Duration::ZERO), Some(Duration::from_millis(10_000)), Some(Ready::STANDS_BY_MAX)] {
            assert_eq!(Ready::decode(&Ready { stands_by }.encode()), Ok(Ready { stands_by }));
        }
        let too_long = (Ready::STANDS_BY_MAX.as_millis() as u32 + 1).to_le_bytes();
        for bytes in [&[0][..], &[0; 3], &[0; 5], &too_long, &[0xff; 4]] {
            assert_eq!(Ready::decode(bytes), Err(WireError::Malformed("ready")));
        }
    }
}
