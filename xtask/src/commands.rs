//! The commands, one a file. Each has its arguments and a `run` that says how it ended.

pub(crate) mod api;
pub(crate) mod bench;
pub(crate) mod bless;
pub(crate) mod check;
pub(crate) mod ci;
pub(crate) mod demo;
pub(crate) mod diagram;
pub(crate) mod docs;
pub(crate) mod expand;
pub(crate) mod explain;
pub(crate) mod explorer;
pub(crate) mod manual;
pub(crate) mod races;
pub(crate) mod replay;
pub(crate) mod show;
pub(crate) mod step;
pub(crate) mod table;
