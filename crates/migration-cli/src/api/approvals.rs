//! The text of `approvals.yaml`: which differences from releases are wanted, one entry for each, with the reason.
//!
//! `api bless --approve` writes the file, and people may edit it. An entry is for one finding: a rule cannot be switched
//! off. When the release that an entry waits for is frozen, the entry moves from this file into that of the release.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, anyhow, bail};
use migration_contract::frozen::{Approval, NotAVersion, Version, conflict_line};
use serde::{Deserialize, Serialize};
use serde_saphyr::{Error, MessageFormatter as _, UserMessageFormatter};

/// What the file begins with.
const HEAD: &str = "# Differences from releases that are wanted, one entry for each finding of `api check`.\n\
                    # `api bless --approve` writes this file; `api freeze` moves entries into the release that has them.\n\
                    format: 1\n";

/// An approval, as files write it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    finding: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    against: Vec<Written>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    breaks: Option<BTreeSet<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ways: Vec<String>,
    reason: String,
    link: String,
    until: Written,
}

/// A version, as files write it.
#[derive(Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
struct Written(Version);

/// The file as a whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u16,
    #[serde(default)]
    approvals: Vec<Entry>,
}

impl TryFrom<String> for Written {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Written, NotAVersion> {
        text.parse().map(Written)
    }
}

impl From<Written> for String {
    fn from(written: Written) -> String {
        written.0.to_string()
    }
}

impl Clone for Written {
    fn clone(&self) -> Written {
        Written(self.0.clone())
    }
}

impl From<Entry> for Approval {
    fn from(entry: Entry) -> Approval {
        let Entry { finding, against, breaks, ways, reason, link, until } = entry;
        let ways = (!ways.is_empty()).then(|| ways.into_iter().collect());
        Approval {
            finding,
            against: against.into_iter().map(|version| version.0).collect(),
            breaks,
            ways,
            reason,
            link,
            until: until.0,
        }
    }
}

impl From<Approval> for Entry {
    fn from(approval: Approval) -> Entry {
        let Approval { finding, against, breaks, ways, reason, link, until } = approval;
        let ways = ways.unwrap_or_default().into_iter().collect();
        Entry {
            finding,
            against: against.into_iter().map(Written).collect(),
            breaks,
            ways,
            reason,
            link,
            until: Written(until),
        }
    }
}

/// Reads the entries of the file.
pub(super) fn parse(text: &str) -> Result<Vec<Approval>> {
    if let Some(line) = conflict_line(text) {
        bail!("line {line} is a conflict marker: merge the entries");
    }
    let file: File = serde_saphyr::from_str(text).map_err(|error| anyhow!("{}", told(&error)))?;
    if file.format != 1 {
        bail!("it has format {}, and only 1 is known: use the version of the program that wrote it", file.format);
    }
    // An entry without ways names none: an older version of the program wrote it, or the finding has none.
    let with_ways = |approval: Approval| Approval { ways: approval.ways.or_else(|| Some(BTreeSet::new())), ..approval };
    let approvals: Vec<Approval> = file.approvals.into_iter().map(Approval::from).map(with_ways).collect();
    let mut seen = BTreeSet::new();
    for Approval { finding, against, reason, link, .. } in &approvals {
        if [finding, reason, link].iter().any(|text| text.trim().is_empty()) {
            bail!(
                "an entry needs a `finding`, a `reason` and a `link` that are not empty: `{finding}` does not have them"
            );
        }
        if !seen.insert((finding.trim(), against)) {
            bail!("`{finding}` is approved twice: leave one entry");
        }
    }
    Ok(approvals)
}

/// Returns what is wrong with the text of the file, for people who did not write the program that reads it.
fn told(error: &Error) -> String {
    let error = error.without_snippet();
    let message = UserMessageFormatter.format_message(error).escape_debug().to_string().replace("\\\"", "\"");
    match error.location() {
        Some(place) => format!("line {}: {message}", place.line()),
        None => message,
    }
}

/// Returns the text of the file with these entries, sorted.
pub(super) fn text(approvals: &[Approval]) -> String {
    let mut sorted: Vec<&Approval> = approvals.iter().collect();
    sorted.sort_by(|a, b| (&a.finding, &a.against).cmp(&(&b.finding, &b.against)));
    let mut text = format!("{HEAD}approvals:\n");
    for approval in sorted {
        let _ = writeln!(text, "  - finding: {}", quoted(&approval.finding));
        if !approval.against.is_empty() {
            let _ = writeln!(text, "    against: {}", in_line(approval.against.iter().map(Version::to_string)));
        }
        if let Some(breaks) = &approval.breaks {
            let _ = writeln!(text, "    breaks: {}", in_line(breaks.iter().cloned()));
        }
        for (index, way) in approval.ways.iter().flatten().enumerate() {
            text.push_str(if index == 0 { "    ways:\n" } else { "" });
            let _ = writeln!(text, "      - {}", quoted(way));
        }
        let _ = writeln!(text, "    reason: {}", quoted(&approval.reason));
        let _ = writeln!(text, "    link: {}", quoted(&approval.link));
        let _ = writeln!(text, "    until: {}", quoted(&approval.until.to_string()));
    }
    text
}

/// Returns the list of these texts, on one line.
fn in_line(texts: impl Iterator<Item = String>) -> String {
    format!("[{}]", texts.map(|text| quoted(&text)).collect::<Vec<_>>().join(", "))
}

/// Returns a text in the double quotes of YAML, which are those of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn approval(finding: &str) -> Approval {
        Approval {
            finding: finding.to_owned(),
            against: BTreeSet::from(["9.0", "10.0"].map(|text| text.parse().unwrap())),
            breaks: Some(BTreeSet::from(["E", "P!"].map(str::to_owned))),
            ways: Some(BTreeSet::from(["`d` ok, e", "(at the beginning)"].map(str::to_owned))),
            reason: "it says \"yes\": # no comment".to_owned(),
            link: "https://example.org/?a=b#c".to_owned(),
            until: "11.0".parse().unwrap(),
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
