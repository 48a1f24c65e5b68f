//! `bench transfer`: how fast a guest's memory moves and how long the guest stands still, beside what the machine can do.
//!
//! The guest is idle and none of its pages is zero, so there is exactly its memory to move. What it is compared with runs
//! in the same rounds, in turns: plain TCP over loopback, a copy in memory, and QEMU with the same amount of memory.
//! Receiving into memory that nobody has touched is mostly a matter of allocating pages, so both kinds are measured.

mod loopback;
mod ours;
mod pair;
mod qemu;
mod report;

use std::fs::File;
use std::io::Read;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use migration_testkit::build::{self, Profile};

use super::Load;
use super::series::Series;
use pair::Moved;
use qemu::{Backing, Qemu};

/// What the bench is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// How often everything is measured.
    pub(crate) rounds: u32,
    /// The guest's memory in MiB.
    pub(crate) memory_mib: usize,
    /// For how long the guest may stand still, in ms.
    pub(crate) downtime_limit_ms: u64,
    /// The kind of guest in our hosts: `auto`, `kvm` or `memory`.
    pub(crate) guest: String,
}

/// The memory that receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// Nobody has touched it: the kernel has yet to find every page.
    Fresh,
    /// Every page is there.
    Prefaulted,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// Plain TCP, received into one small buffer.
    Loopback,
    /// Plain TCP, received into as much memory as was sent.
    LoopbackInto(Room),
    /// A copy within one process.
    Copy(Room),
    /// A migration between two hosts of ours.
    Ours(Room),
    /// A migration between two processes of QEMU.
    Qemu(Backing, Room),
}

/// In the order of the report.
const SUBJECTS: [Subject; 11] = [
    Subject::Loopback,
    Subject::LoopbackInto(Room::Fresh),
    Subject::LoopbackInto(Room::Prefaulted),
    Subject::Copy(Room::Fresh),
    Subject::Copy(Room::Prefaulted),
    Subject::Ours(Room::Fresh),
    Subject::Ours(Room::Prefaulted),
    Subject::Qemu(Backing::Anonymous, Room::Fresh),
    Subject::Qemu(Backing::Anonymous, Room::Prefaulted),
    Subject::Qemu(Backing::SharedFile, Room::Fresh),
    Subject::Qemu(Backing::SharedFile, Room::Prefaulted),
];

/// So many times the memory that is moved is taken and given back before each measurement. On a virtual machine a page
/// that was free for a while may have to be found by the hypervisor first; without this, who comes after whom decides.
const TAKEN_BEFORE: usize = 3;

/// The figures of one subject.
#[derive(Clone, Debug, Default)]
struct Figures {
    mib_per_second: Series,
    /// From the event `STOP` to the event `RESUME`.
    standstill_ms: Series,
    /// What `query-migrate` says.
    downtime_ms: Series,
    source_cpu_s: Series,
    destination_cpu_s: Series,
}

/// All that was measured, and the words that go with it.
struct Measured {
    figures: [Figures; SUBJECTS.len()],
    /// Who QEMU is, or why it was left out.
    qemu: Result<String, String>,
    load: String,
}

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let program = build::program("migration-host", Profile::Release)?;
    let folder = tempfile::tempdir()?;
    let mut bytes = vec![0; options.memory_mib << 20];
    File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("no random bytes")?;
    let load = Load::now();
    let qemu = Qemu::find(folder.path(), &bytes);
    let mut measured = Measured {
        figures: Default::default(),
        qemu: qemu.as_ref().map(|qemu| qemu.version().to_owned()).map_err(|why| format!("{why:#}")),
        load: String::new(),
    };
    for round in 1..=options.rounds {
        for (subject, figures) in SUBJECTS.iter().zip(&mut measured.figures) {
            eprintln!("round {round} of {}: {}", options.rounds, subject.name());
            drop(Room::Prefaulted.memory(TAKEN_BEFORE * bytes.len()));
            match *subject {
                Subject::Loopback => figures.note_rate(options, loopback::into_buffer(&bytes)?),
                Subject::LoopbackInto(room) => {
                    figures.note_rate(options, loopback::into_memory(&bytes, &mut room.memory(bytes.len()))?);
                }
                Subject::Copy(room) => figures.note_rate(options, copy(&bytes, &mut room.memory(bytes.len()))),
                Subject::Ours(room) => figures.note(options, &ours::migrate(&program, options, room)?),
                Subject::Qemu(backing, room) => {
                    if let Ok(qemu) = &qemu {
                        figures.note(options, &qemu.migrate(options, backing, room)?);
                    }
                }
            }
        }
    }
    measured.load = load.line();
    Ok(report::report(options, &measured))
}

/// Copies bytes and says how long it took.
fn copy(from: &[u8], to: &mut [u8]) -> Duration {
    let began = Instant::now();
    to.copy_from_slice(from);
    began.elapsed()
}

impl Room {
    /// Memory of this process, of this kind.
    fn memory(self, bytes: usize) -> Vec<u8> {
        match self {
            // Zeroes of this length come straight from the kernel, as a promise.
            Room::Fresh => vec![0; bytes],
            Room::Prefaulted => vec![1; bytes],
        }
    }
}

impl Figures {
    fn note(&mut self, options: &Options, moved: &Moved) {
        self.note_rate(options, moved.total);
        self.standstill_ms.push(moved.standstill.as_secs_f64() * 1e3);
        self.downtime_ms.push(moved.downtime_ms);
        self.source_cpu_s.push(moved.source_cpu.as_secs_f64());
        self.destination_cpu_s.push(moved.destination_cpu.as_secs_f64());
    }

    fn note_rate(&mut self, options: &Options, elapsed: Duration) {
        self.mib_per_second.push(options.memory_mib as f64 / elapsed.as_secs_f64());
    }
}

impl Measured {
    fn of(&self, subject: Subject) -> Option<&Figures> {
        SUBJECTS.iter().position(|other| *other == subject).map(|at| &self.figures[at])
    }
}

impl Subject {
    fn name(self) -> &'static str {
        match self {
            Subject::Loopback => "loopback TCP into one buffer",
            Subject::LoopbackInto(Room::Fresh) => "loopback TCP into fresh memory",
            Subject::LoopbackInto(Room::Prefaulted) => "loopback TCP into prefaulted memory",
            Subject::Copy(Room::Fresh) => "memcpy into fresh memory",
            Subject::Copy(Room::Prefaulted) => "memcpy into prefaulted memory",
            Subject::Ours(Room::Fresh) => "migration-host, fresh",
            Subject::Ours(Room::Prefaulted) => "migration-host, prefaulted",
            Subject::Qemu(Backing::Anonymous, Room::Fresh) => "QEMU, anonymous, fresh",
            Subject::Qemu(Backing::Anonymous, Room::Prefaulted) => "QEMU, anonymous, prefaulted",
            Subject::Qemu(Backing::SharedFile, Room::Fresh) => "QEMU, shared file, fresh",
            Subject::Qemu(Backing::SharedFile, Room::Prefaulted) => "QEMU, shared file, prefaulted",
        }
    }

    /// What a migration of this kind receives into; none where nothing is migrated.
    fn room_of_migration(self) -> Option<Room> {
        match self {
            Subject::Loopback | Subject::LoopbackInto(_) | Subject::Copy(_) => None,
            Subject::Ours(room) | Subject::Qemu(_, room) => Some(room),
        }
    }
}
