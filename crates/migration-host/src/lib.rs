//! A process that hosts one guest and serves QMP, so that the guest can be moved to another such process.
//!
//! The doorway is [`program`]; this library is what it is made of, so that tests can reach the parts. Arrows:
//! [`commands`] act on a [`host`], which holds a [`vm`] (the guest and its runstate) and the two machines behind
//! [`host::Migrations`]; [`announce`] turns what the machines do into events; [`qmp`] is the protocol and knows none
//! of them.

pub mod announce;
pub mod capabilities;
pub mod commands;
pub mod encryption;
pub mod figures;
pub mod guest;
pub mod host;
pub mod inspection;
pub mod log;
pub mod migration;
pub mod options;
pub mod program;
pub mod qmp;
pub mod runstate;
pub mod shutdown;
pub mod timeouts;
pub mod trace;
pub mod vm;
