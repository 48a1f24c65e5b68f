//! `bench tls`: what encryption costs, beside QEMU with the same.
//!
//! The memory of the destination is there already, so that what is compared is the work of moving and encrypting.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use migration_testkit::certificates::Authority;

use super::both::Both;
use super::options::{Options, Room};
use super::ours;
use super::qemu::Backing;
use crate::bench::series::Series;

/// What is measured: the plain migration of each comes before the encrypted one.
const NAMES: [&str; 4] = ["migration-host", "migration-host, TLS", "QEMU", "QEMU, TLS"];

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let creds = Authority::new()?.host()?;
    let both = Both::find(options)?;
    let mut rates = NAMES.map(|_| Series::default());
    for round in 1..=options.rounds {
        for (index, rate) in rates.iter_mut().enumerate() {
            migration_cli::output::say(format_args!("round {round} of {}: {}", options.rounds, NAMES[index]));
            let tls: Option<&Path> = (index % 2 == 1).then(|| creds.path());
            let moved = match (index / 2, &both.qemu) {
                (0, _) => ours::migrate(&both.program, options, Room::Prefaulted, tls)?,
                (_, Ok(qemu)) => qemu.migrate(options, Backing::Anonymous, Room::Prefaulted, tls)?,
                (_, Err(_)) => continue,
            };
            rate.push(options.memory_mib as f64 / moved.total.as_secs_f64());
        }
    }
    Ok(report(options, &rates, &both.qemu_line(), &both.load.line()))
}

fn report(options: &Options, rates: &[Series; 4], qemu: &str, load: &str) -> String {
    let mut text = format!(
        "{} MiB of memory without a zero page, an idle guest, into memory that is there\n\
         {} rounds, everything in turns: median [least..greatest]\n{load}\n{qemu}\n\
         {:<24}  {:>24}  {:>24}  {:>24}\n",
        options.memory_mib, options.rounds, "", "MiB/s", "of the same, plain", "of QEMU's"
    );
    for (index, rate) in rates.iter().enumerate().filter(|(_, rate)| !rate.is_empty()) {
        let (plain, of_qemu) = (rate.over(&rates[index / 2 * 2]), rate.over(&rates[2 + index % 2]));
        // A string takes everything.
        let _ = writeln!(text, "{:<24}  {:>24}  {plain:>24}  {of_qemu:>24}", NAMES[index], rate);
    }
    text
}
