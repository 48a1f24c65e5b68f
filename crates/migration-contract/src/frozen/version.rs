//! Versions of releases: numbers with dots between, compared number by number.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// The version of a release, such as `10.2`. Two versions that differ in zeros at the end are equal.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    // Invariant: the numbers of `text`, without zeros at the end.
    numbers: Vec<u32>,
}

/// A text is not a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVersion(String);

impl fmt::Display for NotAVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "`{}` is not a version: expected numbers without leading zeros and with dots between, such as `0.2`",
            self.0
        )
    }
}

impl Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads a version. Anything but numbers with dots between is an error, and so is a path.
    fn from_str(text: &str) -> Result<Version, NotAVersion> {
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        let mut numbers = numbers.ok_or_else(|| NotAVersion(text.to_owned()))?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Ok(Version { text: text.to_owned(), numbers })
    }
}

/// Reads a number as a version writes it: digits only, and none in vain.
fn number(part: &str) -> Option<u32> {
    if part.len() > 1 && part.starts_with('0') {
        return None;
    }
    if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.numbers == other.numbers
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("9.1") < version("10.0"));
        assert!(version("10.0") < version("10.0.1"));
        assert_eq!(version("1.0"), version("1"));
        assert_eq!(version("1.0").to_string(), "1.0");
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", ".", "1.", "01.2", "1.00", "v1", "1.x", "+1", "/1", "1/2", "99999999999"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
