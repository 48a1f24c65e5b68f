//! Versions of releases: numbers with dots between, compared number by number, and marks of what comes before a release.

use std::cmp::Ordering;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// The version of a release, such as `10.2` or `7`, or of what comes before one, such as `9.2-rc1`.
///
/// Two versions that differ in zeros at the end are equal. A release comes after its candidates, and `beta2` after
/// `beta1` and before `rc1`: marks are in the order of their words, and then of their numbers.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    // Invariant: the numbers of `text`, without zeros at the end.
    numbers: Vec<u32>,
    before: Option<Mark>,
}

/// What comes before a release: `rc1`, `beta`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    word: String,
    number: u32,
}

/// A text is not a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVersion(String);

impl fmt::Display for NotAVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "`{}` is not a version: expected numbers without leading zeros and with dots between, such as `0.2`, or a \
             candidate, such as `0.2-rc1`",
            self.0
        )
    }
}

impl Error for NotAVersion {}

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads a version. Anything else is an error, and so is a path.
    fn from_str(text: &str) -> Result<Version, NotAVersion> {
        let error = || NotAVersion(text.to_owned());
        let (numbers, before) = match text.split_once('-') {
            Some((numbers, mark)) => (numbers, Some(Mark::parse(mark).ok_or_else(error)?)),
            None => (text, None),
        };
        let numbers: Option<Vec<u32>> = numbers.split('.').map(number).collect();
        let mut numbers = numbers.ok_or_else(error)?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Ok(Version { text: text.to_owned(), numbers, before })
    }
}

impl Mark {
    fn parse(text: &str) -> Option<Mark> {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let word = &text[..text.len() - digits.len()];
        let digits = digits.strip_prefix('.').unwrap_or(digits);
        let number = if digits.is_empty() && !text.ends_with('.') { 0 } else { number(digits)? };
        (!word.is_empty()).then(|| Mark { word: word.to_owned(), number })
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
        self.cmp(other) == Ordering::Equal
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
        // Nothing comes before a mark, so that a release without one comes last.
        let marks = || match (&self.before, &other.before) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(mark), Some(other)) => mark.cmp(other),
        };
        self.numbers.cmp(&other.numbers).then_with(marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_in_the_order_of_their_releases() {
        let ordered = [
            "0.9",
            "1-alpha",
            "1-alpha2",
            "1.0-beta.1",
            "1-rc1",
            "1.0.0-rc2",
            "1-rc10",
            "1.0",
            "1.0.1-rc1",
            "1.0.1",
            "1.1",
            "7",
            "9.2.0-rc1",
            "9.2",
            "9.10",
            "10.0",
            "10.0.1",
        ];
        for (at, one) in ordered.iter().enumerate() {
            for (other_at, other) in ordered.iter().enumerate() {
                assert_eq!(version(one).cmp(&version(other)), at.cmp(&other_at), "{one} {other}");
            }
        }
        for [one, other] in [["1.0", "1"], ["9.2-rc1", "9.2.0-rc1"], ["1-rc.1", "1-rc1"], ["0", "0.0"]] {
            assert_eq!(version(one), version(other));
        }
        assert_eq!(version("1.0-rc1").to_string(), "1.0-rc1");
    }

    #[test]
    fn what_is_no_version_is_refused() {
        let wrong = [
            "",
            ".",
            "1.",
            "01.2",
            "1.00",
            "v1",
            "1.x",
            "+1",
            "/1",
            "1/2",
            "99999999999",
            "-rc1",
            "1-",
            "1-1",
            "1-rc01",
            "1-rc.",
            "1-RC1",
            "1-rc1-rc2",
            "1-rc1.2",
            "1.-rc1",
            "1 ",
            "1-./x",
        ];
        for text in wrong {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
