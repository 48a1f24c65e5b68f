//! The files of the frozen side: where they are, how they are read and written, and the sides that a user can name.
//!
//! What the files mean is decided in `migration-contract`.

pub(crate) mod approvals;
pub mod files;
mod folder;
pub(crate) mod git;
mod moved;
pub(crate) mod release;
pub mod side;
