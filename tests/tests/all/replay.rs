//! Recordings of real migrations are runs of the table of their release, and damaged recordings are not.

mod brute;
mod corruptions;
mod formats;
mod observed;
mod own_host;
mod recordings;
mod styles;
mod traced;
