//! The file of a release: what it has shown, written once and never changed.
//!
//! It is the lock of that day, then the approvals with which the release was frozen, one a line, then a seal: the hash
//! of everything before it. A changed file does not fit its seal.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, anyhow, bail};
use migration_contract::public::{Public, lock};
use sha2::{Digest, Sha256};

use super::approvals::Approval;
use super::folder::{Folder, conflict};
use super::version::Version;
use crate::output::write_file;

/// What a release has shown.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    /// Its version.
    pub(crate) version: Version,
    /// What it has shown.
    pub(crate) public: Public,
    /// The differences from older releases that it was frozen with.
    pub(crate) approvals: Vec<Approval>,
}

/// Before an approval, which follows as JSON.
const APPROVED: &str = "approved ";

/// Before the seal.
const SEAL: &str = "seal sha256:";

/// Reads the files of all releases, oldest first.
pub(crate) fn all(folder: &Folder) -> Result<Vec<Release>> {
    folder.releases()?.iter().map(|version| read(folder, version)).collect()
}

/// Reads the file of a release.
pub(crate) fn read(folder: &Folder, version: &Version) -> Result<Release> {
    let path = folder.release(version);
    let name = folder.name(&path);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{name}`"))?;
    parse(&text, version).with_context(|| {
        format!("`{name}` is not as it was frozen; `git log --follow {name}` shows its history, `git checkout COMMIT -- {name}` brings it back")
    })
}

fn parse(text: &str, version: &Version) -> Result<Release> {
    if let Some(line) = conflict(text) {
        bail!("line {line} is a conflict marker");
    }
    let start = text.rfind(SEAL).ok_or_else(|| anyhow!("it has no seal at its end"))?;
    let (body, seal) = (&text[..start], text[start..].trim_start_matches(SEAL));
    if !body.ends_with('\n') || seal.strip_suffix('\n') != Some(hash(body).as_str()) {
        bail!("its text does not fit its seal");
    }
    let end = body.find(&format!("\n{APPROVED}")).map_or(body.len(), |at| at + 1);
    let public = lock::read(&body[..end]).map_err(|error| anyhow!("{error}"))?;
    let approval = |line: &str| {
        let line = line.strip_prefix(APPROVED).ok_or_else(|| anyhow!("`{line}` is not an approval"))?;
        serde_json::from_str(line).map_err(|error| anyhow!("`{line}` is not an approval: {error}"))
    };
    let approvals = body[end..].lines().map(approval).collect::<Result<_>>()?;
    Ok(Release { version: version.clone(), public, approvals })
}

/// The public side in a lock or in the file of a release, whatever its seal says.
pub(crate) fn unsealed(text: &str) -> Result<Public> {
    let ends = [format!("\n{APPROVED}"), format!("\n{SEAL}")];
    let end = ends.iter().filter_map(|end| text.find(end)).min().map_or(text.len(), |at| at + 1);
    lock::read(&text[..end]).map_err(|error| anyhow!("{error}"))
}

/// Writes the file of a new release. One that is there already is never written again.
pub(crate) fn write(folder: &Folder, release: &Release) -> Result<String> {
    let path = folder.release(&release.version);
    let name = folder.name(&path);
    if path.exists() {
        bail!("`{name}` is there already, and a release is frozen once: choose the next version");
    }
    write_file(&path, &text(release)?)?;
    Ok(name)
}

fn text(release: &Release) -> Result<String> {
    let mut text = lock::write(&release.public);
    for approval in &release.approvals {
        text.push_str(&format!("{APPROVED}{}\n", serde_json::to_string(approval)?));
    }
    let seal = hash(&text);
    Ok(format!("{text}{SEAL}{seal}\n"))
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The approvals of later releases that speak of a release.
pub(crate) fn kept<'r>(releases: &'r [Release], of: &Version) -> Vec<&'r Approval> {
    let later = releases.iter().filter(|release| release.version > *of);
    later.flat_map(|release| &release.approvals).filter(|approval| approval.speaks_of(of)).collect()
}

/// An approval that names the releases of which it speaks.
pub(crate) fn named(approval: &Approval, releases: &[Release]) -> Approval {
    let versions = releases.iter().map(|release| release.version.clone());
    let against: BTreeSet<Version> = versions.filter(|version| approval.speaks_of(version)).collect();
    Approval { against, ..approval.clone() }
}
