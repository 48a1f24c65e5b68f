//! `bench NAME`: figures of this machine, as ratios.

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};

use crate::bench::{advance, build, guard, postcopy, scale, soak, transfer, transition, verify};
use crate::workspace;
use migration_cli::outcome::Outcome;
use migration_cli::output::Output;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// How fast memory moves, and how long the guest stands still, beside plain TCP, memcpy and QEMU
    Transfer(Transfer),
    /// What one call of the generated `advance` costs
    Advance(Repeated),
    /// What a clean build of the macro costs
    Build(Repeated),
    /// How often the comparison of public sides is wrong about what simulated clients see, on mutants of tables
    Guard(Guarded),
    /// How long a vCPU waits for a page that is missing after a post-copy switchover
    Postcopy(Repeated),
    /// What it costs a destination to receive into memory that nobody has touched, with huge pages and without, beside QEMU
    Fresh(Transfer),
    /// What encryption costs, beside QEMU with the same
    Tls(Transfer),
    /// What several connections bring, beside QEMU with as many and plain TCP
    Multifd(Transfer),
    /// How long a guest that keeps writing stands still in a post-copy, beside QEMU
    Standstill(Transfer),
    /// Random migrations, cancels, kills, stalls and floods: how each ended, and whether a guest was lost or ran twice
    Soak(Soak),
    /// How the cost of a table grows with its states: read, checked, expanded and built
    Scale(Output),
    /// What one event costs in the generated machine, by hand, and with other libraries
    Transition(Repeated),
    /// How fast the machines of tables are searched together, beside SPIN
    Verify(Output),
}

#[derive(Args, Debug)]
struct Transfer {
    #[command(flatten)]
    repeated: Repeated,

    /// Memory of the guest, in MiB; several times as much is needed
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(16..=3072))]
    memory: u32,

    /// For how long the guest may stand still, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=2_000_000))]
    downtime_limit: u64,

    /// What guest our hosts run
    #[arg(long, value_enum, default_value_t = Guest::Memory)]
    guest: Guest,
}

#[derive(Args, Debug)]
struct Soak {
    /// For how long
    #[arg(value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    minutes: u32,

    /// Where the random choices begin, to repeat those of another run
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    #[command(flatten)]
    output: Output,
}

#[derive(Args, Debug)]
struct Repeated {
    /// How often everything is measured
    #[arg(long, value_name = "COUNT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,

    #[command(flatten)]
    output: Output,
}

#[derive(Args, Debug)]
struct Guarded {
    /// For how long
    #[arg(value_name = "MINUTES", default_value_t = 10.0)]
    minutes: f64,

    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Guest {
    /// A KVM guest
    Kvm,
    /// A thread that writes plain memory
    Memory,
}

/// Measures, and prints what came of it.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let root = workspace::root();
    let (output, text) = match &arguments.bench {
        Bench::Transfer(transfer) => (&transfer.repeated.output, transfer::run(&transfer.options())?),
        Bench::Advance(repeated) => (&repeated.output, advance::run(&root, repeated.rounds)?),
        Bench::Build(repeated) => (&repeated.output, build::run(&root, repeated.rounds)?),
        Bench::Guard(guarded) => (&guarded.output, guard::run(&root, guarded.minutes)?),
        Bench::Postcopy(repeated) => (&repeated.output, postcopy::run(&root, repeated.rounds)?),
        Bench::Fresh(transfer) => (&transfer.repeated.output, transfer::fresh::run(&transfer.options())?),
        Bench::Tls(transfer) => (&transfer.repeated.output, transfer::tls::run(&transfer.options())?),
        Bench::Multifd(transfer) => (&transfer.repeated.output, transfer::multifd::run(&transfer.options())?),
        Bench::Standstill(transfer) => (&transfer.repeated.output, transfer::standstill::run(&transfer.options())?),
        Bench::Soak(soak) => (&soak.output, soak::run(soak.minutes, soak.seed)?),
        Bench::Scale(output) => (output, scale::run(&root)?),
        Bench::Transition(repeated) => (&repeated.output, transition::run(&root, repeated.rounds)?),
        Bench::Verify(output) => (output, verify::run(&root)?),
    };
    output.write(&text)?;
    Ok(Outcome::Clean)
}

impl Transfer {
    fn options(&self) -> transfer::Options {
        let guest = match self.guest {
            Guest::Kvm => "kvm",
            Guest::Memory => "memory",
        };
        transfer::Options {
            rounds: self.repeated.rounds,
            memory_mib: self.memory as usize,
            downtime_limit_ms: self.downtime_limit,
            guest: guest.to_owned(),
            free: transfer::Free::JustNow,
            connections: 1,
        }
    }
}
