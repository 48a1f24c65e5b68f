//! What is measured, and the figures of it.

use std::time::Duration;

use super::options::{Options, Room};
use super::pair::Moved;
use super::qemu::Backing;
use crate::bench::series::Series;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
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
pub(super) const SUBJECTS: [Subject; 11] = [
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

/// The figures of one subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub(super) mib_per_second: Series,
    /// From the event `STOP` to the event `RESUME`.
    pub(super) standstill_ms: Series,
    /// What `query-migrate` says.
    pub(super) downtime_ms: Series,
    pub(super) source_cpu_s: Series,
    pub(super) destination_cpu_s: Series,
}

/// All that was measured, and the words that go with it.
pub(super) struct Measured {
    pub(super) figures: [Figures; SUBJECTS.len()],
    /// Who QEMU is, or why it was left out.
    pub(super) qemu: Result<String, String>,
    pub(super) load: String,
}

impl Figures {
    pub(super) fn note(&mut self, options: &Options, moved: &Moved) {
        self.note_rate(options, moved.total);
        self.standstill_ms.push(moved.standstill.as_secs_f64() * 1e3);
        self.downtime_ms.push(moved.downtime_ms);
        self.source_cpu_s.push(moved.source_cpu.as_secs_f64());
        self.destination_cpu_s.push(moved.destination_cpu.as_secs_f64());
    }

    pub(super) fn note_rate(&mut self, options: &Options, elapsed: Duration) {
        self.mib_per_second.push(options.memory_mib as f64 / elapsed.as_secs_f64());
    }
}

impl Measured {
    pub(super) fn of(&self, subject: Subject) -> Option<&Figures> {
        SUBJECTS.iter().position(|other| *other == subject).map(|at| &self.figures[at])
    }
}

impl Subject {
    pub(super) fn name(self) -> &'static str {
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
    pub(super) fn room_of_migration(self) -> Option<Room> {
        match self {
            Subject::Loopback | Subject::LoopbackInto(_) | Subject::Copy(_) => None,
            Subject::Ours(room) | Subject::Qemu(_, room) => Some(room),
        }
    }
}
