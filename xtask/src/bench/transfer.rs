//! `bench transfer`: how fast a guest's memory moves and how long the guest stands still, beside what the machine can do.
//!
//! The guest is idle and none of its pages is zero, so there is exactly its memory to move. What it is compared with runs
//! in the same rounds, in turns: plain TCP over loopback, a copy in memory, and QEMU with the same amount of memory.
//! Receiving into memory that nobody has touched is mostly a matter of allocating pages, so both kinds are measured.

mod both;
mod figures;
mod found;
mod free;
pub(crate) mod fresh;
mod loopback;
pub(crate) mod multifd;
mod options;
mod ours;
mod pair;
mod qemu;
mod report;
pub(crate) mod standstill;
pub(crate) mod tls;

use std::time::{Duration, Instant};

use anyhow::Result;

use both::Both;
use figures::{Measured, SUBJECTS, Subject};

pub(crate) use options::{Free, Options};

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let both = Both::find(options)?;
    let bytes = &both.bytes;
    let mut measured = Measured {
        figures: Default::default(),
        qemu: both.qemu.as_ref().map(|qemu| qemu.version().to_owned()).map_err(|why| format!("{why:#}")),
        load: String::new(),
    };
    for round in 1..=options.rounds {
        for (subject, figures) in SUBJECTS.iter().zip(&mut measured.figures) {
            migration_cli::output::say(format_args!("round {round} of {}: {}", options.rounds, subject.name()));
            if let Subject::LoopbackInto(room) | Subject::Copy(room) = *subject {
                free::give(&both.program, options, room)?;
            }
            match *subject {
                Subject::Loopback => figures.note_rate(options, loopback::into_buffer(bytes)?),
                Subject::LoopbackInto(room) => {
                    figures.note_rate(options, loopback::into_memory(bytes, &mut room.memory(bytes.len()))?);
                }
                Subject::Copy(room) => figures.note_rate(options, copy(bytes, &mut room.memory(bytes.len()))),
                Subject::Ours(room) => figures.note(options, &ours::migrate(&both.program, options, room, None)?),
                Subject::Qemu(backing, room) => {
                    if let Ok(qemu) = &both.qemu {
                        figures.note(options, &qemu.migrate(options, backing, room, None)?);
                    }
                }
            }
        }
    }
    measured.load = both.load.line();
    Ok(report::report(options, &measured))
}

/// Copies bytes and says how long it took.
fn copy(from: &[u8], to: &mut [u8]) -> Duration {
    let began = Instant::now();
    to.copy_from_slice(from);
    began.elapsed()
}
