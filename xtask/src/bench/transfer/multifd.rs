//! `bench multifd`: what several connections bring, beside QEMU with as many and plain TCP over loopback.

use std::fmt::{Display, Write};

use anyhow::Result;

use super::both::Both;
use super::options::{Options, Room};
use super::pair::Moved;
use super::qemu::Backing;
use super::{free, loopback, ours};
use crate::bench::series::Series;

/// Over how many connections pages go. One is the main connection alone.
const CONNECTIONS: [u8; 3] = [1, 2, 4];

const ROOMS: [Room; 2] = [Room::Fresh, Room::Prefaulted];

/// Who moves memory.
const MOVERS: [&str; 3] = ["loopback TCP", "migration-host", "QEMU"];

/// The figures of one mover over so many connections into one kind of memory.
#[derive(Default)]
struct Figures {
    mib_per_second: Series,
    cpu_s: Series,
}

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let both = Both::find(options)?;
    let mut text = format!(
        "{} MiB of memory without a zero page, an idle guest (`{}`), downtime limit {} ms\n\
         {} rounds, everything in turns: median [least..greatest]\n{}\n",
        options.memory_mib,
        options.guest,
        options.downtime_limit_ms,
        options.rounds,
        both.qemu_line(),
    );
    let mut measured = ROOMS.map(|_| CONNECTIONS.map(|_| MOVERS.map(|_| Figures::default())));
    for round in 1..=options.rounds {
        for (room, by_connections) in ROOMS.iter().zip(&mut measured) {
            for (&connections, figures) in CONNECTIONS.iter().zip(by_connections) {
                migration_cli::output::say(format_args!(
                    "round {round} of {}: {room:?}, {connections} connections",
                    options.rounds
                ));
                let options = Options { connections, ..options.clone() };
                free::give(&both.program, &options, *room)?;
                let elapsed =
                    loopback::by_several(&both.bytes, &mut room.memory(both.bytes.len()), connections.into())?;
                figures[0].mib_per_second.push(options.memory_mib as f64 / elapsed.as_secs_f64());
                // Every other round goes backwards, so that nobody always comes after the same one.
                for who in if round % 2 == 0 { [2, 1] } else { [1, 2] } {
                    let moved = match (who, &both.qemu) {
                        (1, _) => ours::migrate(&both.program, &options, *room, None)?,
                        (_, Ok(qemu)) => qemu.migrate(&options, Backing::Anonymous, *room, None)?,
                        (_, Err(_)) => continue,
                    };
                    figures[who].note(&options, &moved);
                }
            }
        }
    }
    let _ = writeln!(text, "{}", both.load.line());
    for (room, by_connections) in ROOMS.iter().zip(&measured) {
        report(*room, by_connections, &mut text);
    }
    Ok(text)
}

impl Figures {
    fn note(&mut self, options: &Options, moved: &Moved) {
        self.mib_per_second.push(options.memory_mib as f64 / moved.total.as_secs_f64());
        self.cpu_s.push((moved.source_cpu + moved.destination_cpu).as_secs_f64());
    }
}

fn report(room: Room, by_connections: &[[Figures; MOVERS.len()]; CONNECTIONS.len()], text: &mut String) {
    let heads = ["MiB/s", "of loopback TCP", "of QEMU's", "CPU s of both ends"];
    // A string takes everything.
    let _ = writeln!(text, "\n{:<32}{}", format!("into {room:?} memory").to_lowercase(), columns(heads));
    for (connections, figures) in CONNECTIONS.iter().zip(by_connections) {
        let plain = &figures[0].mib_per_second;
        for (who, one) in MOVERS.iter().zip(figures).filter(|(_, one)| !one.mib_per_second.is_empty()) {
            let rate = &one.mib_per_second;
            let line = columns([rate, &rate.over(plain), &rate.over(&figures[2].mib_per_second), &one.cpu_s]);
            let _ = writeln!(text, "{:<32}{line}", format!("{who}, {connections}"));
        }
    }
}

fn columns<C: Display>(columns: [C; 4]) -> String {
    columns.iter().map(|column| format!("  {column:>24}")).collect()
}
