//! `demo`: the table, its picture, and a guest that is moved between two processes by it.

use std::path::Path;

use anyhow::Result;
use clap::{Args, ValueEnum};
use migration_table::model::Machine;

use crate::demo::{self, Ending};
use crate::workspace;
use migration_cli::commands::check::summary;
use migration_cli::outcome::Outcome;
use migration_cli::output::{tell, write_file};
use migration_cli::table_file::TableFile;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    ending: EndingArguments,

    /// What guest the hosts run
    #[arg(long, value_enum, default_value_t = Guest::Auto)]
    guest: Guest,

    /// Memory of the guest, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(16..=65536))]
    memory: u64,

    /// Most MiB that are sent in a second; 0: no bound
    #[arg(long, value_name = "MIB", default_value_t = 64, value_parser = clap::value_parser!(u64).range(0..=65536))]
    rate: u64,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
struct EndingArguments {
    /// Pauses before the switchover, then goes on
    #[arg(long)]
    pause: bool,

    /// Cancels half-way
    #[arg(long)]
    cancel: bool,

    /// Kills the destination process half-way
    #[arg(long)]
    kill_destination: bool,

    /// Starts a post-copy half-way: the guest runs on the destination while the rest of its memory follows
    #[arg(long)]
    postcopy: bool,

    /// Starts a post-copy half-way, cuts the network, and recovers
    #[arg(long)]
    recover: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Guest {
    /// A KVM guest where KVM works, plain memory elsewhere
    Auto,
    /// A KVM guest
    Kvm,
    /// A thread that writes plain memory
    Memory,
}

/// Checks and draws the table, then runs the demo.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = file.sound(&read) else { return Ok(Outcome::Findings) };
    tell(format_args!("table: {}", summary(file.name(), Some(&table), &read.findings).trim_end()))?;
    for machine in &table.machines {
        let path = workspace::root().join("target/demo").join(format!("{}.mmd", machine.name));
        write_file(&path, &migration_draw::mermaid(&table, machine))?;
        tell(format_args!("diagram: {}", shows(machine, &path)))?;
    }
    demo::run(&arguments.options())?;
    Ok(Outcome::Clean)
}

/// What the picture of a machine shows, and where it is.
fn shows(machine: &Machine, path: &Path) -> String {
    let course: Vec<&str> = machine.happy_path.iter().map(|state| machine.state(*state).name.as_str()).collect();
    format!(
        "{}: the {}, {} states, normally {}",
        path.display(),
        machine.name,
        machine.states.len(),
        course.join(" > ")
    )
}

impl Arguments {
    fn options(&self) -> demo::Options {
        let guest = match self.guest {
            Guest::Auto => "auto",
            Guest::Kvm => "kvm",
            Guest::Memory => "memory",
        };
        let ending = match &self.ending {
            EndingArguments { pause: true, .. } => Ending::Pause,
            EndingArguments { cancel: true, .. } => Ending::Cancel,
            EndingArguments { kill_destination: true, .. } => Ending::KillDestination,
            EndingArguments { postcopy: true, .. } => Ending::Postcopy,
            EndingArguments { recover: true, .. } => Ending::Recover,
            EndingArguments { .. } => Ending::Complete,
        };
        demo::Options { ending, guest: guest.to_owned(), memory_mib: self.memory, rate_mib: self.rate }
    }
}
