//! `bench standstill`: how long a guest that keeps writing stands still in a post-copy, beside QEMU.
//!
//! Two figures. The vCPU is stopped from the event `STOP` of the source to the event `RESUME` of the destination; and the
//! guest counts what it writes, which stands still whenever it waits for a page. The second is the longest time without a
//! higher count, on whichever side, from the command that starts the post-copy to the end of the migration.

mod firmware;
mod watch;

use std::fmt::{Display, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use migration_testkit::host::Host;
use migration_testkit::qmp::{Client, next_event};
use serde_json::{Value, json};

use super::both::Both;
use super::options::Options;
use super::pair::{BANDWIDTH_UNLIMITED, PATIENCE, address};
use super::qemu::{MemoryFile, Qemu};
use crate::bench::series::Series;
use watch::Watch;

/// How much of its memory the guest keeps writing.
const HOT_MIB: u32 = 100;

/// No pace that would hold our guest back.
const PAGES_PER_SECOND: &str = "1000000";

/// For how long the guest is watched before it is moved, to see how fast it writes.
const WATCHED: Duration = Duration::from_millis(500);

/// With so low a limit a guest that writes all the time does not converge by itself.
const DOWNTIME_LIMIT_MS: u64 = 1;

/// What is measured of one of the two.
#[derive(Default)]
struct Figures {
    stopped_ms: Series,
    gap_ms: Series,
    writes_per_second: Series,
}

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let both = Both::find(options)?;
    let (mut host_figures, mut qemu_figures) = (Figures::default(), Figures::default());
    for round in 1..=options.rounds {
        migration_cli::output::say(format_args!("round {round} of {}", options.rounds));
        by_our_hosts(&both.program, options, &mut host_figures)?;
        if let Ok(qemu) = &both.qemu {
            by_qemu(qemu, both.folder.path(), options, &mut qemu_figures).context("QEMU")?;
        }
    }
    let mut text = format!(
        "{} MiB of memory, a guest that keeps writing {HOT_MIB} MiB of it (ours: `{}`), a post-copy after the first pass\n\
         {} rounds, in turns: median [least..greatest]\n{}\n{}\n{:<16}{}\n",
        options.memory_mib,
        options.guest,
        options.rounds,
        both.load.line(),
        both.qemu_line(),
        "",
        columns([
            "STOP to RESUME, ms",
            "of QEMU's",
            "longest without a count, ms",
            "of QEMU's",
            "pages written a second"
        ]),
    );
    for (who, figures) in [("migration-host", &host_figures), ("QEMU", &qemu_figures)] {
        if figures.gap_ms.is_empty() {
            continue;
        }
        let cells = columns([
            &figures.stopped_ms,
            &figures.stopped_ms.over(&qemu_figures.stopped_ms),
            &figures.gap_ms,
            &figures.gap_ms.over(&qemu_figures.gap_ms),
            &figures.writes_per_second,
        ]);
        // A string takes everything.
        let _ = writeln!(text, "{who:<16}{cells}");
    }
    Ok(text)
}

fn by_our_hosts(program: &Path, options: &Options, figures: &mut Figures) -> Result<()> {
    let (memory, hot) = (format!("{}M", options.memory_mib), format!("{HOT_MIB}M"));
    let guest = ["--memory", &memory, "--hot", &hot, "--zero-one-in", "0", "--pages-per-second", PAGES_PER_SECOND];
    let guest = [&guest[..], &["--log", "warn", "--guest", &options.guest]].concat();
    let from = Host::start("source", program, &guest)?;
    let to = Host::start("destination", program, &[&guest[..], &["--incoming", "defer"]].concat())?;
    let (mut source, mut destination) = (from.client()?, to.client()?);
    let count_of = |host: &Host| -> Result<_> {
        let mut client = host.client()?;
        Ok(move || client.execute("x-query-guest", json!({})).ok()?["writes-counted"].as_u64())
    };
    let watch = Watch::start(count_of(&from)?, count_of(&to)?);
    migrate(&mut source, &mut destination, watch, figures)?;
    destination.execute("stop", json!({}))?;
    let verdict = destination.execute("x-verify-guest", json!({}))?;
    ensure!(verdict["whole"] == true, "the guest's memory is damaged: {}", verdict["faults"]);
    Ok(())
}

fn by_qemu(qemu: &Qemu, folder: &Path, options: &Options, figures: &mut Figures) -> Result<()> {
    let firmware = folder.join("count.bin");
    std::fs::write(&firmware, firmware::image(HOT_MIB)).context("the guest's firmware cannot be written")?;
    let (here, there) = (MemoryFile::create()?, MemoryFile::create()?);
    let (_from, mut source) =
        qemu.start("source", options, &format!("{},prealloc=on", here.backend()), &firmware, &[])?;
    let (_to, mut destination) =
        qemu.start("destination", options, &there.backend(), &firmware, &["-incoming", "defer"])?;
    let watch = Watch::start(firmware::count_in(&here)?, firmware::count_in(&there)?);
    migrate(&mut source, &mut destination, watch, figures)
}

/// Moves the guest by a post-copy, and notes what came of it.
fn migrate(source: &mut Client, destination: &mut Client, watch: Watch, figures: &mut Figures) -> Result<()> {
    std::thread::sleep(WATCHED);
    let limits = json!({ "max-bandwidth": BANDWIDTH_UNLIMITED, "downtime-limit": DOWNTIME_LIMIT_MS });
    source.execute("migrate-set-parameters", limits)?;
    for client in [&mut *source, &mut *destination] {
        client.capability("postcopy-ram")?;
    }
    destination.execute("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }))?;
    let address = address(&destination.execute("query-migrate", json!({}))?)?;
    let writes_per_second = watch.counted().context("the guest does not count")? as f64 / WATCHED.as_secs_f64();
    source.execute("migrate", json!({ "uri": address }))?;
    let (mut began, mut stopped, mut resumed, mut done) = (None, None, None, [false; 2]);
    let deadline = Instant::now() + PATIENCE;
    while done != [true; 2] {
        let left = deadline.saturating_duration_since(Instant::now());
        let both = &mut [&mut *source, &mut *destination];
        let (side, event) = next_event(both, left)?.context("the migration does not end")?;
        let status = event.data["status"].as_str().unwrap_or_default();
        match (side, event.name.as_str(), status) {
            (0, "MIGRATION_PASS", _) if began.is_none() && event.data["pass"].as_u64() > Some(1) => {
                began = Some(Instant::now());
                source.execute("migrate-start-postcopy", Value::Object(serde_json::Map::new()))?;
            }
            (0, "STOP", _) => stopped = Some(event.at),
            (1, "RESUME", _) => resumed = Some(event.at),
            (side, "MIGRATION", "completed") => done[side] = true,
            (side, "MIGRATION", "failed") => bail!("the migration failed on side {side}"),
            _ => {}
        }
    }
    let ended = Instant::now();
    let (Some(began), Some(stopped), Some(resumed)) = (began, stopped, resumed) else {
        bail!("the guest was moved without a post-copy");
    };
    figures.stopped_ms.push(resumed.saturating_sub(stopped).as_secs_f64() * 1e3);
    figures.gap_ms.push(watch.end().longest_gap(began, ended).as_secs_f64() * 1e3);
    figures.writes_per_second.push(writes_per_second);
    Ok(())
}

fn columns<C: Display>(columns: [C; 5]) -> String {
    columns.iter().map(|column| format!("  {column:>28}")).collect()
}
