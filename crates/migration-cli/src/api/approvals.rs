//! `api/approvals.yaml`: which differences from releases are wanted, one entry for each, with the reason.
//!
//! The file is written by `cargo xtask api bless --approve` and may be edited. An entry is for one finding and no more:
//! a rule cannot be switched off. Entries go when the release that they wait for is frozen, and are kept in its file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

use super::folder::{Folder, conflict};
use super::version::Version;
use crate::output::write_file;

/// What the file begins with.
const HEAD: &str = "# Differences from releases that are wanted, one entry for each finding of `cargo xtask api check`.\n\
                    # Written by `cargo xtask api bless --approve`; `cargo xtask api freeze` takes out what has come to be.\n\
                    format: 1\n";

/// One difference that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approval {
    /// The finding: `rule: machine: subject when condition`.
    pub(crate) finding: String,
    /// The releases from which it may differ; all that are older than `until` if it names none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) against: BTreeSet<Version>,
    /// Why it is wanted.
    pub(crate) reason: String,
    /// Where it was agreed.
    pub(crate) link: String,
    /// The release that will have it.
    pub(crate) until: Version,
}

/// The file as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u16,
    #[serde(default)]
    approvals: Vec<Approval>,
}

impl Approval {
    /// Whether it speaks of this release.
    pub(crate) fn speaks_of(&self, release: &Version) -> bool {
        *release < self.until && (self.against.is_empty() || self.against.contains(release))
    }
}

/// Reads the entries; none if there is no file.
pub(crate) fn read(folder: &Folder) -> Result<Vec<Approval>> {
    let path = folder.approvals();
    let name = folder.name(&path);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{name}`")),
    };
    parse(&text).with_context(|| format!("cannot understand `{name}`"))
}

fn parse(text: &str) -> Result<Vec<Approval>> {
    if let Some(line) = conflict(text) {
        bail!("line {line} is a conflict marker: merge the entries, then run `cargo xtask api check`");
    }
    let file: File = serde_saphyr::from_str(text).map_err(|error| anyhow!("{error}"))?;
    if file.format != 1 {
        bail!("it has format {}, and only 1 is known: use the version of xtask that wrote it", file.format);
    }
    let mut seen = BTreeSet::new();
    for approval in &file.approvals {
        let (finding, reason, link) = (approval.finding.trim(), approval.reason.trim(), approval.link.trim());
        if finding.is_empty() || reason.is_empty() || link.is_empty() {
            bail!("an entry needs a `finding`, a `reason` and a `link` that say something: `{finding}` does not");
        }
        if !seen.insert((finding.to_owned(), approval.against.clone())) {
            bail!("`{finding}` is approved twice: leave one entry");
        }
    }
    Ok(file.approvals)
}

/// Writes the entries, sorted; no file if there are none.
pub(crate) fn write(folder: &Folder, approvals: &[Approval]) -> Result<()> {
    let path = folder.approvals();
    if approvals.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
            }
            Ok(()) | Err(_) => Ok(()),
        };
    }
    write_file(&path, &text(approvals))
}

fn text(approvals: &[Approval]) -> String {
    let mut sorted: Vec<&Approval> = approvals.iter().collect();
    sorted.sort_by(|a, b| (&a.finding, &a.against).cmp(&(&b.finding, &b.against)));
    let mut text = format!("{HEAD}approvals:\n");
    for approval in sorted {
        let _ = writeln!(text, "  - finding: {}", quoted(&approval.finding));
        if !approval.against.is_empty() {
            let releases: Vec<String> = approval.against.iter().map(|release| quoted(&release.to_string())).collect();
            let _ = writeln!(text, "    against: [{}]", releases.join(", "));
        }
        let _ = writeln!(text, "    reason: {}", quoted(&approval.reason));
        let _ = writeln!(text, "    link: {}", quoted(&approval.link));
        let _ = writeln!(text, "    until: {}", quoted(&approval.until.to_string()));
    }
    text
}

/// A text as YAML writes it in double quotes, which are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(finding: &str) -> Approval {
        Approval {
            finding: finding.to_owned(),
            against: BTreeSet::from([Version::parse("9.0").unwrap(), Version::parse("10.0").unwrap()]),
            reason: "it says \"yes\": # no comment".to_owned(),
            link: "https://example.org/?a=b#c".to_owned(),
            until: Version::parse("11.0").unwrap(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let approvals = vec![approval("a: b: c -> d"), approval("b: c: `d` when not e")];
        assert_eq!(parse(&text(&approvals)).unwrap(), approvals);
    }

    #[test]
    fn mistakes_are_errors_with_a_line() {
        let entry =
            "format: 1\napprovals:\n  - finding: \"a\"\n    reason: \"b\"\n    link: \"c\"\n    until: \"1.0\"\n";
        assert_eq!(parse(entry).unwrap().len(), 1);
        for (from, to, expected) in [
            ("reason", "raeson", "raeson"),
            ("    link: \"c\"\n", "", "link"),
            ("\"b\"", "\" \"", "`reason`"),
            ("\"1.0\"", "\"soon\"", "is not a version"),
            ("format: 1", "format: 2", "format 2"),
            ("format: 1", "<<<<<<< HEAD\nformat: 1", "conflict marker"),
        ] {
            let error = format!("{:#}", parse(&entry.replacen(from, to, 1)).unwrap_err());
            assert!(error.contains(expected), "{error}");
        }
    }
}
