//! Paths as others see them who have the same repository: from its root.

use std::path::{Path, PathBuf};

/// Returns a path from the root of its repository, or as it was given if it is in none.
pub(crate) fn path_in(path: &Path) -> String {
    let whole = whole(path);
    let inside = root_of(path).and_then(|root| whole.strip_prefix(root).ok().map(Path::to_owned));
    inside.unwrap_or_else(|| path.to_owned()).display().to_string()
}

/// Returns the root of the repository that a file is in, or would be in.
pub(crate) fn root_of(path: &Path) -> Option<PathBuf> {
    let whole = whole(path);
    let root = whole.ancestors().skip(1).find(|directory| directory.join(".git").exists())?;
    Some(root.to_owned())
}

/// Returns an absolute path without `.` and `..`, as the user wrote it: links are not followed.
fn whole(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for part in absolute.components() {
        match part {
            std::path::Component::ParentDir => drop(whole.pop()),
            std::path::Component::CurDir => {}
            std::path::Component::Prefix(_) | std::path::Component::RootDir | std::path::Component::Normal(_) => {
                whole.push(part);
            }
        }
    }
    whole
}
