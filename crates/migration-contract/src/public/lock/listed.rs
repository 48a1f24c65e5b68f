//! The releases that a lock lists, so that one whose file is gone is missed.
//!
//! A line for each stands behind the name of the table: `release 0.1 sha256:...`, with `table sha256:...` behind it where
//! the table of the release is kept, or `release 0.1 retired` for one whose clients are not supported any more. They are
//! no part of the public side.

/// What a line begins with.
const RELEASE: &str = "release ";

/// How the seal of a release begins.
const SEAL: &str = "sha256:";

/// What stands before the seal of the table.
const TABLE: &str = "table";

/// What stands in place of a seal.
const RETIRED: &str = "retired";

/// A release that a lock lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its version, as it is written.
    pub version: String,
    /// The hash of its file; `None` if it is retired.
    pub seal: Option<String>,
    /// The hash of its table; `None` if that is not kept.
    pub table: Option<String>,
}

impl Listed {
    fn parse(line: &str) -> Option<Listed> {
        let words: Vec<&str> = line.strip_prefix(RELEASE)?.split(' ').collect();
        let is_hash = |seal: &&str| seal.len() == 64 && seal.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = |word: &str| Some(word.strip_prefix(SEAL).filter(is_hash)?.to_owned());
        let (version, seal, table) = match words.as_slice() {
            [version, RETIRED] => (version, None, None),
            [version, seal] => (version, Some(hash(seal)?), None),
            [version, seal, TABLE, table] => (version, Some(hash(seal)?), Some(hash(table)?)),
            _ => return None,
        };
        Some(Listed { version: (*version).to_owned(), seal, table })
    }

    fn line(&self) -> String {
        let table = self.table.as_ref().map(|table| format!(" {TABLE} {SEAL}{table}")).unwrap_or_default();
        match &self.seal {
            Some(seal) => format!("{RELEASE}{} {SEAL}{seal}{table}\n", self.version),
            None => format!("{RELEASE}{} {RETIRED}\n", self.version),
        }
    }
}

/// Returns the releases that the text of a lock lists, whatever else is wrong with it.
#[must_use]
pub fn listed(text: &str) -> Vec<Listed> {
    text.lines().filter_map(Listed::parse).collect()
}

/// Returns the text of a lock with these releases, and no others.
#[must_use]
pub fn with_listed(text: &str, releases: &[Listed]) -> String {
    let plain = without_listed(text);
    let lines: String = releases.iter().map(Listed::line).collect();
    match plain.find("\n\n") {
        Some(head) => format!("{}{lines}{}", &plain[..=head], &plain[head + 1..]),
        None => plain,
    }
}

/// Returns the text of a lock without the releases that it lists, and with the line ends that it was written with: git
/// may have changed them, which is no change of the lock.
#[must_use]
pub fn without_listed(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.split_inclusive('\n').filter(|line| Listed::parse(line.trim_end_matches('\n')).is_none()).collect()
}

/// Returns how many lines that list releases stand before a line of the text without them, which is counted from 1.
pub(super) fn lines_before(text: &str, line: usize) -> usize {
    let mut kept = 0;
    let before = text.lines().take_while(|text| {
        kept += usize::from(Listed::parse(text).is_none());
        kept < line
    });
    before.filter(|text| Listed::parse(text).is_some()).count()
}
