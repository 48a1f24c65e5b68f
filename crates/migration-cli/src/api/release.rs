//! The file of a release: what it has shown, written once and never changed.
//!
//! It is the lock of that day, then the approvals with which the release was frozen, one a line, then a seal: the hash
//! of everything before it. A changed file does not fit its seal.

use anyhow::{Result, anyhow, bail};
use migration_contract::frozen::{Approval, Release, Version, conflict_line};
use migration_contract::public::{Public, completed, lock};
use sha2::{Digest, Sha256};

use super::approvals::Entry;

/// Before an approval, which follows as JSON.
const APPROVED: &str = "approved ";

/// Before the seal.
const SEAL: &str = "seal sha256:";

/// Reads the text of the file of a release.
pub(super) fn parse(text: &str, version: &Version) -> Result<Release> {
    // How git ends the lines of a checkout is no change.
    let text = text.replace("\r\n", "\n");
    if let Some(line) = conflict_line(&text) {
        bail!("line {line} is a conflict marker");
    }
    let start = text.rfind(SEAL).ok_or_else(|| anyhow!("it has no seal at its end"))?;
    let (body, seal) = (&text[..start], text[start..].trim_start_matches(SEAL));
    let hash = hash(body);
    if !body.ends_with('\n') || seal.strip_suffix('\n') != Some(hash.as_str()) {
        bail!("its text does not fit its seal");
    }
    let end = body.find(&format!("\n{APPROVED}")).map_or(body.len(), |at| at + 1);
    let public = lock::read(&body[..end]).map_err(|error| anyhow!("{error}"))?;
    let approval = |line: &str| {
        let json = line.strip_prefix(APPROVED).ok_or_else(|| anyhow!("`{line}` is not an approval"))?;
        let entry: Entry =
            serde_json::from_str(json).map_err(|error| anyhow!("`{line}` is not an approval: {error}"))?;
        Ok(Approval::from(entry))
    };
    let approvals = body[end..].lines().map(approval).collect::<Result<_>>()?;
    Ok(Release { version: version.clone(), public, approvals, listed: lock::listed(body), seal: hash, table: None })
}

/// Reads the public side in a lock or in the file of a release, whatever its seal says.
pub(super) fn unsealed(text: &str) -> Result<Public> {
    let text = &text.replace("\r\n", "\n");
    let ends = [format!("\n{APPROVED}"), format!("\n{SEAL}")];
    let end = ends.iter().filter_map(|end| text.find(end)).min().map_or(text.len(), |at| at + 1);
    lock::read(&text[..end]).map_err(|error| anyhow!("{error}"))
}

/// Returns the text of the file of a release, whose `seal` is still to come.
pub(super) fn text(release: &Release) -> Result<String> {
    let mut text = lock::with_listed(&lock::write(&release.public), &release.listed);
    for approval in &release.approvals {
        text.push_str(&format!("{APPROVED}{}\n", serde_json::to_string(&Entry::from(approval.clone()))?));
    }
    let seal = hash(&text);
    Ok(format!("{text}{SEAL}{seal}\n"))
}

/// Returns a release with the table that is kept beside it. What locks did not say when it was frozen, the table does.
pub(super) fn with_table(release: Release, table: Option<&[u8]>) -> Release {
    let read = table.and_then(|bytes| migration_table::read(std::str::from_utf8(bytes).ok()?).table);
    let public = match read {
        Some(table) => completed(release.public, &table),
        None => release.public,
    };
    Release { public, table: table.map(seal_of_table), ..release }
}

/// Returns the seal of the table of a release: how git ends the lines of a checkout is no change.
pub(super) fn seal_of_table(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => hash(&text.replace("\r\n", "\n")),
        Err(_) => hash_bytes(bytes),
    }
}

fn hash(text: &str) -> String {
    hash_bytes(text.as_bytes())
}

fn hash_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
