//! What is wrong with the files of the frozen side, and what mends it.

use super::hygiene;

/// Something wrong with the files of the frozen side.
#[derive(Clone, Debug)]
pub struct Disorder {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// The file.
    pub file: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What mends it.
    pub mend: Mend,
}

/// What mends a file.
#[derive(Clone, Debug)]
pub enum Mend {
    /// A command of the program, by its arguments.
    Run(Vec<String>),
    /// Something else to do.
    Do(String),
}

/// The file of a release, or its table, is not as it was frozen.
pub(super) fn modified(file: String, message: String) -> Disorder {
    let mend = Mend::Do(take_back(&file));
    Disorder { rule: hygiene::RELEASE_LOCK_MODIFIED.id, message, mend, file }
}

/// Returns the command that brings a file back as it was committed first.
pub(super) fn take_back(file: &str) -> String {
    format!("git checkout $(git log --diff-filter=A --format=%H -- {file} | tail -n 1) -- {file}")
}
