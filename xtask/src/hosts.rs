//! Processes that host a guest, and the QMP connection to each: what the demo and the benches have in common.

mod client;
mod process;

pub(crate) use client::{Client, Event};
pub(crate) use process::{Host, Profile, build};
