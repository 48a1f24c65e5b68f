//! Migration capabilities: switches that a client sets before a migration.
//!
//! Clients set capabilities that they know from QEMU, and ask which there are. So QEMU's others are listed, as off, and
//! switching one on is an error that says that it is not supported, rather than that it does not exist.

use std::num::NonZeroU8;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use migration_runtime::multifd::Multifd;

/// How many connections `multifd` uses if nobody says: QEMU's default.
const MULTIFD_CHANNELS_DEFAULT: u8 = 2;

/// Capabilities of QEMU that are not supported here, in the order of its documentation.
pub const UNSUPPORTED: &[&str] = &[
    "xbzrle",
    "rdma-pin-all",
    "x-colo",
    "release-ram",
    "return-path",
    "dirty-bitmaps",
    "late-block-activate",
    "x-ignore-shared",
    "validate-uuid",
    "background-snapshot",
    "zero-copy-send",
    "switchover-ack",
    "dirty-limit",
    "mapped-ram",
];

/// A capability that works here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Tell clients each public change of a migration: `MIGRATION` and `MIGRATION_PASS`.
    Events,
    /// Wait for `migrate-continue` between stopping the guest and moving the rest of it.
    PauseBeforeSwitchover,
    /// Slow a guest down that writes faster than the connection carries.
    AutoConverge,
    /// Let `migrate-start-postcopy` switch over before all memory has left; on both sides.
    PostcopyRam,
    /// Move pages over as many connections as `multifd-channels` says; on both sides.
    Multifd,
    /// Give the pages that a guest waits for in a post-copy a connection of their own. A post-copy always does that
    /// here, so the capability is only kept for clients that set it.
    PostcopyPreempt,
    /// Tell for how long each vCPU waited in a post-copy. `query-migrate` always does that here, so the capability is
    /// only kept for clients that set it.
    PostcopyBlocktime,
}

impl Capability {
    /// Every capability that works here.
    pub const ALL: [Capability; 7] = [
        Capability::Events,
        Capability::PauseBeforeSwitchover,
        Capability::AutoConverge,
        Capability::PostcopyRam,
        Capability::Multifd,
        Capability::PostcopyPreempt,
        Capability::PostcopyBlocktime,
    ];

    /// Returns the name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Capability::Events => "events",
            Capability::PauseBeforeSwitchover => "pause-before-switchover",
            Capability::AutoConverge => "auto-converge",
            Capability::PostcopyRam => "postcopy-ram",
            Capability::Multifd => "multifd",
            Capability::PostcopyPreempt => "postcopy-preempt",
            Capability::PostcopyBlocktime => "postcopy-blocktime",
        }
    }

    /// Returns the capability without which this one cannot be on, as in QEMU.
    pub fn requires(self) -> Option<Capability> {
        (self == Capability::PostcopyPreempt).then_some(Capability::PostcopyRam)
    }

    /// Returns the capability of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.name() == name)
    }
}

/// Which capabilities are on, all of them off at first, and how many connections one of them is for.
#[derive(Debug)]
pub struct Capabilities {
    on: [AtomicBool; Capability::ALL.len()],
    multifd_channels: AtomicU8,
}

impl Default for Capabilities {
    fn default() -> Self {
        let on = Capability::ALL.map(|_| AtomicBool::new(false));
        Self { on, multifd_channels: AtomicU8::new(MULTIFD_CHANNELS_DEFAULT) }
    }
}

impl Capabilities {
    /// Returns whether `capability` is on.
    pub fn is_on(&self, capability: Capability) -> bool {
        self.switch(capability).load(Ordering::SeqCst)
    }

    /// Switches `capability` on or off.
    pub fn set(&self, capability: Capability, on: bool) {
        self.switch(capability).store(on, Ordering::SeqCst);
    }

    /// Returns whether the capability of this name is on. One that is not supported is off.
    pub fn is_named_on(&self, name: &str) -> bool {
        Capability::from_name(name).is_some_and(|capability| self.is_on(capability))
    }

    /// Returns the connections for pages of the next migration; `None` where `multifd` is off.
    pub fn multifd(&self) -> Option<Multifd> {
        let count = NonZeroU8::new(self.multifd_channels()).filter(|_| self.is_on(Capability::Multifd))?;
        Some(Multifd::new(count))
    }

    /// Returns how many connections `multifd` uses.
    pub fn multifd_channels(&self) -> u8 {
        self.multifd_channels.load(Ordering::SeqCst)
    }

    /// Sets how many connections `multifd` uses, from the next migration on.
    pub fn set_multifd_channels(&self, count: NonZeroU8) {
        self.multifd_channels.store(count.get(), Ordering::SeqCst);
    }

    fn switch(&self, capability: Capability) -> &AtomicBool {
        &self.on[capability as usize]
    }
}
