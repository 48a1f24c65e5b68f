//! Recordings of real migrations are runs of the table of their release, and damaged recordings are not.

mod brute;
mod corruptions;
mod formats;
mod observed;
pub(super) mod recordings;
mod styles;
mod traced;
