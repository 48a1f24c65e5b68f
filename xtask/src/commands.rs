//! The commands, one a file. Each has its arguments and a `run` that says how it ended.

pub(crate) mod bench;
pub(crate) mod bless;
pub(crate) mod ci;
pub(crate) mod demo;
pub(crate) mod docs;
