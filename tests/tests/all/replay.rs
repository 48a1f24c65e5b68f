//! Recordings of real migrations are runs of the table of their release, and damaged recordings are not.

mod brute;
mod corruptions;
mod formats;
mod freedom;
mod jobs;
mod observed;
pub(super) mod recordings;
mod styles;
mod together;
mod traced;
