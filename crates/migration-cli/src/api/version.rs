//! Versions of releases: numbers with dots between, compared number by number.

use std::cmp::Ordering;
use std::fmt;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// The version of a release, such as `10.2`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    text: String,
    // Invariant: the numbers of `text`, without zeros at the end.
    numbers: Vec<u32>,
}

impl Version {
    /// Reads a version. Anything but numbers with dots between is an error, and so is a path.
    pub fn parse(text: &str) -> Result<Version> {
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        let Some(mut numbers) = numbers else {
            bail!("`{text}` is not a version: expected numbers with dots between, such as `0.2`");
        };
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Ok(Version { text: text.to_owned(), numbers })
    }
}

/// A number as a version writes it: digits only.
fn number(part: &str) -> Option<u32> {
    if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Version, String> {
        Version::parse(&text).map_err(|error| error.to_string())
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.text
    }
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
        let version = |text| Version::parse(text).unwrap();
        assert!(version("9.1") < version("10.0"));
        assert!(version("10.0") < version("10.0.1"));
        assert_eq!(version("1.0"), version("1"));
        assert_eq!(version("1.0").to_string(), "1.0");
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", ".", "1.", "v1", "1.x", "+1", "/1", "1/2", "99999999999"] {
            assert!(Version::parse(text).is_err(), "{text}");
        }
    }
}
