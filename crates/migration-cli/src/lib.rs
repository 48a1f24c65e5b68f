//! The program `migration-table`, as a library: its commands read files, call the libraries, and print.
//!
//! Nothing is decided here about tables. Another program can offer the same commands: `Command` is a `clap`
//! subcommand, and `run` carries it out.

#[doc(hidden)]
pub mod api;
pub mod cli;
#[doc(hidden)]
pub mod commands;
mod input;
pub mod outcome;
pub mod output;
mod report;
mod repository;
mod streams;
pub mod table_file;
pub mod tables;
mod view;
