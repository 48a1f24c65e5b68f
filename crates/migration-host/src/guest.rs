//! The guest that this process hosts: a program of ours that keeps writing its memory, counts, and can be verified.
//!
//! There are two kinds behind one trait: `kvm` runs the [`program`] on a virtual CPU, `plain` does the same in a
//! thread, for machines without KVM. Both use one memory [`layout`], so [`verify`] serves both. The memory of a guest is
//! one region from address 0.

mod gate;
pub mod hosted;
mod kvm;
pub mod layout;
mod memory;
pub mod pace;
mod plain;
pub mod program;
mod ram;
mod state;
pub mod verify;

use std::sync::Arc;

use migration_runtime::guest::GuestError;
use migration_runtime::memory::Bytes;

pub use self::hosted::HostedGuest;
use self::kvm::KvmGuest;
use self::layout::Plan;
use self::plain::PlainGuest;
pub use self::ram::Ram;

/// The options of a new guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GuestOptions {
    /// With KVM or without.
    pub kind: GuestKind,
    /// The size of its memory, in bytes: whole pages, 1 MiB to 64 GiB.
    pub memory_bytes: u64,
    /// How much of it the guest keeps writing, in bytes: whole pages; with 0 it only counts, in one page.
    pub hot_bytes: u64,
    /// How many pages a second it writes at most.
    pub pages_per_second: u32,
    /// One of this many cold pages is left zero; with 0, no page is.
    pub zero_one_in: u32,
    /// What its memory holds at first.
    pub contents: Contents,
    /// When the kernel allocates its memory.
    pub allocation: Allocation,
}

/// Which kind of guest.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum GuestKind {
    /// With KVM where it works, otherwise in plain memory.
    #[default]
    Auto,
    /// With KVM.
    Kvm,
    /// In plain memory.
    Memory,
}

/// What a new guest's memory holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contents {
    /// The program, about to start.
    Program,
    /// Nothing: all of it will arrive from another host. No page is touched.
    Awaited,
}

/// When the kernel allocates the pages of a guest's memory.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Allocation {
    /// When a page is first written.
    #[default]
    OnTouch,
    /// All of them at the start: nothing waits for them later, and it is certain that there are enough.
    Ahead,
}

impl Default for GuestOptions {
    fn default() -> GuestOptions {
        GuestOptions {
            kind: GuestKind::Auto,
            memory_bytes: 64 << 20,
            hot_bytes: 8 << 20,
            pages_per_second: pace::PAGES_PER_SECOND,
            zero_one_in: layout::ZERO_ONE_IN,
            contents: Contents::Program,
            allocation: Allocation::OnTouch,
        }
    }
}

/// Makes a stopped guest.
///
/// # Errors
/// When the sizes are out of bounds, there is not enough memory, or KVM is asked for and does not work.
pub fn create(options: &GuestOptions) -> Result<Arc<dyn HostedGuest>, GuestError> {
    let &GuestOptions { memory_bytes, hot_bytes, zero_one_in, .. } = options;
    let plan = Plan::new(memory_bytes, hot_bytes, zero_one_in).map_err(|error| GuestError::new(error.to_string()))?;
    let memory = memory::new(memory_bytes)?;
    if options.allocation == Allocation::Ahead {
        memory::allocate(&memory);
    }
    if options.contents == Contents::Program {
        plan.fill(&memory);
    }
    let plain = |memory| PlainGuest::new(memory, options.pages_per_second);
    let kvm = |memory| KvmGuest::new(memory, options.pages_per_second);
    let guest: Arc<dyn HostedGuest> = match options.kind {
        GuestKind::Memory => Arc::new(plain(memory)?),
        GuestKind::Kvm => Arc::new(kvm(memory)?),
        GuestKind::Auto => match kvm(memory.clone()) {
            Ok(guest) => Arc::new(guest),
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "no KVM, the guest runs in plain memory");
                Arc::new(plain(memory)?)
            }
        },
    };
    tracing::info!(
        kind = guest.kind_name(),
        memory = %Bytes(memory_bytes),
        hot = %Bytes(hot_bytes),
        "the guest is made"
    );
    Ok(guest)
}
