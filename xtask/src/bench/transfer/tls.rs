//! `bench tls`: what encryption costs, beside QEMU with the same.
//!
//! The memory of the destination is there already, so that what is compared is the work of moving and encrypting.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use migration_testkit::build::{self, Profile};
use migration_testkit::certificates::Authority;

use super::contents::random_bytes;
use super::options::{Options, Room};
use super::ours;
use super::qemu::{Backing, Qemu};
use crate::bench::Load;
use crate::bench::series::Series;

/// What is measured: the plain migration of each comes before the encrypted one.
const NAMES: [&str; 4] = ["migration-host", "migration-host, TLS", "QEMU", "QEMU, TLS"];

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let program = build::program("migration-host", Profile::Release)?;
    let (folder, creds) = (tempfile::tempdir()?, Authority::new()?.host()?);
    let bytes = random_bytes(options.memory_mib << 20)?;
    let load = Load::now();
    let qemu = Qemu::find(folder.path(), &program, &bytes);
    let mut rates = NAMES.map(|_| Series::default());
    for round in 1..=options.rounds {
        for (index, rate) in rates.iter_mut().enumerate() {
            migration_cli::output::say(format_args!("round {round} of {}: {}", options.rounds, NAMES[index]));
            let tls: Option<&Path> = (index % 2 == 1).then(|| creds.path());
            let moved = match (index / 2, &qemu) {
                (0, _) => ours::migrate(&program, options, Room::Prefaulted, tls)?,
                (_, Ok(qemu)) => qemu.migrate(options, Backing::Anonymous, Room::Prefaulted, tls)?,
                (_, Err(_)) => continue,
            };
            rate.push(options.memory_mib as f64 / moved.total.as_secs_f64());
        }
    }
    let qemu = qemu.as_ref().map_or_else(|why| format!("skipped: {why:#}"), |qemu| format!("QEMU {}", qemu.version()));
    Ok(report(options, &rates, &qemu, &load.line()))
}

fn report(options: &Options, rates: &[Series; 4], qemu: &str, load: &str) -> String {
    let mut text = format!(
        "{} MiB of memory without a zero page, an idle guest, into memory that is there\n\
         {} rounds, everything in turns: median [least..greatest]\n{load}\n{qemu}\n\
         {:<24}  {:>24}  {:>24}  {:>24}\n",
        options.memory_mib, options.rounds, "", "MiB/s", "of the same, plain", "of QEMU's"
    );
    for (index, rate) in rates.iter().enumerate().filter(|(_, rate)| !rate.is_empty()) {
        let plain = rate.over(&rates[index / 2 * 2]).to_string();
        let of_qemu = Some(&rates[2 + index % 2]).filter(|other| !other.is_empty());
        let of_qemu = of_qemu.map_or_else(|| "-".to_owned(), |other| rate.over(other).to_string());
        // A string takes everything.
        let _ = writeln!(text, "{:<24}  {:>24}  {plain:>24}  {of_qemu:>24}", NAMES[index], rate.to_string());
    }
    text
}
