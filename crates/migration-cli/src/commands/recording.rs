//! Recordings as files: what is in them, and how far a table explains it.

mod follower;
mod input;
mod progress;
mod verdict;

pub(super) use follower::{Assumed, Follower, Stop, Trouble};
pub(super) use input::Recording;
pub(super) use verdict::Verdict;
