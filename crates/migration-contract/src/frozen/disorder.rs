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
    /// To take the file back as it was frozen. Where that is kept is for a program to find out.
    TakeBack {
        /// The hash that the lock lists for it; `None` if it lists none.
        seal: Option<String>,
    },
    /// Something else to do.
    Do(String),
}

/// The file of a release, or its table, is not as it was frozen; `seal` is the hash that is listed for it.
pub(super) fn modified(file: String, seal: Option<String>, message: String) -> Disorder {
    Disorder { rule: hygiene::RELEASE_LOCK_MODIFIED.id, message, mend: Mend::TakeBack { seal }, file }
}
