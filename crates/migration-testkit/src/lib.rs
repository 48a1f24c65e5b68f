//! What the tests, the benches and the demo of this workspace share: programs that are built and run as processes, and
//! a QMP client to talk to them.
//!
//! [`build`] finds the program of a package, [`process`] runs one and ends it, [`host`] is a process that serves QMP,
//! [`network`] lies between two of them, and [`qmp`] is the client, which [`expect`] makes terse for tests. [`skip`] reports what a test could not do on this
//! machine. [`synthetic`] makes tables of any size.

pub mod build;
pub mod certificates;
pub mod expect;
pub mod host;
pub mod network;
pub mod process;
pub mod qmp;
pub mod skip;
pub mod synthetic;
