//! Files as they were: what `git show` says of them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Whether the name can be read as a commit here. Without git, or outside a repository, nothing can.
pub(crate) fn is_commit(directory: &Path, name: &str) -> bool {
    let object = format!("{name}^{{commit}}");
    git(directory, &["rev-parse", "--verify", "--quiet", "--end-of-options", &object]).is_ok()
}

/// The text of a file of the directory, as it was in a commit; none if it was not there.
pub(crate) fn file_at(directory: &Path, commit: &str, file: &str) -> Result<Option<String>> {
    let listed = git(directory, &["ls-tree", "--name-only", commit, "--", file])?;
    if listed.trim().is_empty() {
        return Ok(None);
    }
    git(directory, &["show", &format!("{commit}:./{file}")]).map(Some)
}

/// Where to ask for a file, and its name there: its folder, which is this one if the path says none.
pub(crate) fn place(file: &Path) -> Result<(&Path, &str)> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("`{}` is no name of a file that git could know", file.display()))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((folder, name))
}

/// Why a name may not be known here, and what to do about it.
pub(crate) fn hint(directory: &Path) -> &'static str {
    match git(directory, &["rev-parse", "--is-shallow-repository"]).as_deref().map(str::trim) {
        Ok("true") => {
            "this clone is shallow and lacks the history: run `git fetch --unshallow --tags`, \
             or check out with `fetch-depth: 0`"
        }
        Ok(_) => "`git branch --all` and `git tag` list what is here; `git fetch --tags` brings more",
        Err(_) => "this is no git repository, so only files and releases can be named",
    }
}

fn git(directory: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").args(arguments).current_dir(directory).output().context("cannot run `git`")?;
    if !output.status.success() {
        bail!("git: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("git gave something that is not UTF-8")
}
