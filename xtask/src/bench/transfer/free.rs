//! Free pages for a destination that receives into memory that nobody has touched.
//!
//! A virtual machine can tell its hypervisor after two seconds which pages are free (`VIRTIO_BALLOON_F_REPORTING`). Such a
//! page has to be found again when it is next touched, which takes ten times as long as to clear it. Whoever comes first
//! after a pause pays for that, so chance would decide between two programs: how long each takes to start, and what ran
//! before it. Here another process has the pages until the destination asks for them, or they are free for long.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use migration_testkit::host::Host;

use super::options::{Free, Options, Room};

/// For how long pages are free that the hypervisor may have taken back.
const LONG: Duration = Duration::from_secs(10);

/// Free pages, once they are given.
pub(super) struct FreePages {
    holder: Option<Host>,
    wait: Duration,
}

impl FreePages {
    /// Gets pages ready for what is received into `room`; `None` if it has its own. `program` is our host, which can hold
    /// memory.
    pub(super) fn prepare(program: &Path, options: &Options, room: Room) -> Result<Option<FreePages>> {
        Ok(match (room, options.free) {
            (Room::Prefaulted, _) => None,
            (Room::Fresh, Free::ForLong) => Some(FreePages { holder: None, wait: LONG }),
            (Room::Fresh, Free::JustNow) => {
                // Some more than the guest has, for the rest of the destination and for the sockets.
                let holder = hold(program, options.memory_mib * 5 / 4)?;
                Some(FreePages { holder: Some(holder), wait: Duration::ZERO })
            }
        })
    }

    /// Gives them: whoever asks for memory next gets them.
    pub(super) fn give(self) {
        drop(self.holder);
        thread::sleep(self.wait);
    }
}

/// Prepares free pages, and gives them at once.
pub(super) fn give(program: &Path, options: &Options, room: Room) -> Result<()> {
    if let Some(pages) = FreePages::prepare(program, options, room)? {
        pages.give();
    }
    Ok(())
}

/// Has a process of its own take so much memory. `program` is our host.
pub(super) fn hold(program: &Path, mib: usize) -> Result<Host> {
    let memory = format!("{mib}M");
    let guest = ["--log", "warn", "--guest", "memory", "--memory", &memory];
    Host::start("holding", program, &[&guest[..], &["--incoming", "defer", "--prealloc"]].concat())
}
