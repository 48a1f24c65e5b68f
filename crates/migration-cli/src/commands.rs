//! The commands, one a file. Each has its arguments and a `run` that says how it ended.

pub mod api;
pub mod check;
pub(crate) mod coverage;
pub(crate) mod diagram;
mod evidence;
pub(crate) mod expand;
pub mod explain;
pub(crate) mod explorer;
pub(crate) mod init;
pub mod manual;
pub(crate) mod mutate;
pub mod paths;
pub(crate) mod races;
mod recording;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod step;
pub(crate) mod table;
mod trace;
pub(crate) mod verify;
