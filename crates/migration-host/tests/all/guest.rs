//! Guests for the tests of guests: small ones, of every kind that this machine has.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use migration_host::guest::verify::writes_counted;
use migration_host::guest::{Contents, GuestKind, GuestOptions, HostedGuest, Ram, create};
use migration_runtime::memory::PAGE_BYTES;
use migration_testkit::skip::skipped;
use vm_memory::{Bytes, GuestAddress};

pub(super) const MEMORY_BYTES: u64 = 2 << 20;
pub(super) const HOT_BYTES: u64 = 100 * PAGE_BYTES;

/// A guest that has not made the writes that a test waits for by then never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// Does something with each kind of guest that can run here.
pub(super) fn each_kind(test: impl Fn(GuestKind)) {
    test(GuestKind::Memory);
    let kvm = create(&GuestOptions { kind: GuestKind::Kvm, ..small() });
    match kvm {
        Ok(_) => test(GuestKind::Kvm),
        Err(error) => skipped(format!("the half of this test that needs KVM: {error}")),
    }
}

/// A small guest that writes fast.
pub(super) fn small() -> GuestOptions {
    GuestOptions {
        memory_bytes: MEMORY_BYTES,
        hot_bytes: HOT_BYTES,
        pages_per_second: 1_000_000,
        ..GuestOptions::default()
    }
}

pub(super) fn guest(kind: GuestKind) -> Arc<dyn HostedGuest> {
    create(&GuestOptions { kind, ..small() }).unwrap()
}

pub(super) fn awaited(kind: GuestKind) -> Arc<dyn HostedGuest> {
    create(&GuestOptions { kind, contents: Contents::Awaited, ..small() }).unwrap()
}

/// Lets the guest make some more writes; it runs, and goes on running.
pub(super) fn let_write(guest: &dyn HostedGuest, writes: u64) {
    let from = writes_counted(guest.ram());
    let start = Instant::now();
    while writes_counted(guest.ram()) < from + writes {
        assert!(start.elapsed() < PATIENCE, "no {writes} writes after {from}: {:?}", guest.failure());
        assert_eq!(guest.failure(), None);
        thread::yield_now();
    }
}

pub(super) fn run_for(guest: &dyn HostedGuest, writes: u64) {
    guest.run().unwrap();
    let_write(guest, writes);
    guest.stop().unwrap();
}

pub(super) fn snapshot(memory: &Ram) -> Vec<u8> {
    let mut bytes = vec![0; MEMORY_BYTES as usize];
    memory.read_slice(&mut bytes, GuestAddress(0)).unwrap();
    bytes
}

/// The addresses of the pages that differ.
pub(super) fn changed(before: &[u8], after: &[u8]) -> Vec<u64> {
    let size = PAGE_BYTES as usize;
    let pages = before.chunks(size).zip(after.chunks(size)).enumerate();
    pages.filter(|(_, (before, after))| before != after).map(|(page, _)| page as u64 * PAGE_BYTES).collect()
}

/// The device state of a stopped guest.
pub(super) fn saved(guest: &dyn HostedGuest) -> Vec<u8> {
    let mut state = Vec::new();
    guest.save(&mut state).unwrap();
    state
}
