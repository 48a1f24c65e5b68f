//! The frozen side of a table: its lock, its releases and its approvals, and how a table is judged by them.
//!
//! The lock is what the table shows now, the file of a release what that release has shown, and an approval says that
//! one difference from a release is wanted. Nothing here reads a file: a program reads them into [`Frozen`], and the
//! macro, which only compares with the lock, asks for its [`LockState`].

mod approval;
mod deprecation;
mod disorder;
mod found;
mod hygiene;
mod judge;
mod judgement;
mod listing;
mod lock_state;
mod release;

pub use approval::{Approval, Uncovered};
pub use disorder::{Disorder, Mend};
pub use hygiene::{HYGIENE, Hygiene};
pub use judge::{Frozen, OtherSide, Refusal, by_frozen, by_sides};
pub use judgement::{Baseline, JudgedChange, Judgement};
pub use lock_state::{LockState, conflict_line, lock_state};
pub use migration_table::{NotAVersion, Version};
pub use release::{Release, approvals_of_later, with_releases};
