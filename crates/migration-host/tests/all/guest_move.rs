//! A guest is moved from one to another of its kind: by its device state, its memory, and its dirty log.

use std::sync::Arc;

use migration_host::guest::verify::FAULTS_LISTED_MAX;
use migration_host::guest::{GuestKind, GuestOptions, HostedGuest, Ram, create};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::memory::{Layout, PAGE_BYTES};
use proptest::prelude::*;
use vm_memory::{Bytes, GuestAddress};

use super::guest::{MEMORY_BYTES, awaited, changed, each_kind, guest, let_write, run_for, saved, small, snapshot};

fn nothing_dirty(guest: &dyn HostedGuest) -> DirtyBitmap {
    DirtyBitmap::new(&Layout::of(&guest.memory()).unwrap())
}

fn copy(from: &Ram, to: &Ram, address: u64) {
    let mut page = [0; PAGE_BYTES as usize];
    from.read_slice(&mut page, GuestAddress(address)).unwrap();
    to.write_slice(&page, GuestAddress(address)).unwrap();
}

fn copy_dirty(from: &Ram, to: &Ram, dirty: &mut DirtyBitmap) {
    while let Some(run) = dirty.take_run(16) {
        for page in 0..run.pages {
            copy(from, to, run.address + page * PAGE_BYTES);
        }
    }
}

/// The destination of a stopped guest has all that it had, and goes on from there.
fn check_arrived(source: &dyn HostedGuest, destination: &dyn HostedGuest) {
    let left = source.verdict().unwrap();
    assert!(left.is_whole(), "{left}");
    assert_eq!(destination.verdict().unwrap(), left);
    run_for(destination, 230);
    let arrived = destination.verdict().unwrap();
    assert!(arrived.is_whole(), "{arrived}");
    assert!(arrived.writes_counted >= left.writes_counted + 230, "{left}, then {arrived}");
}

#[test]
fn state_and_memory_are_all_there_is_to_a_guest() {
    each_kind(|kind| {
        let mut source: Arc<dyn HostedGuest> = guest(kind);
        for writes in [0, 1, 63, 64, 65, 99, 100, 101, 250] {
            run_for(&*source, writes);
            let destination = awaited(kind);
            let mut all = nothing_dirty(&*source);
            all.set_all();
            copy_dirty(source.ram(), destination.ram(), &mut all);
            destination.load(&mut &saved(&*source)[..]).unwrap();
            check_arrived(&*source, &*destination);
            source = destination;
        }
    });
}

#[test]
fn a_guest_without_its_state_shows_it() {
    each_kind(|kind| {
        let source = guest(kind);
        run_for(&*source, 150);
        while source.verdict().unwrap().writes_counted.is_multiple_of(100) {
            run_for(&*source, 1);
        }
        let destination = awaited(kind);
        destination.ram().write_slice(&snapshot(source.ram()), GuestAddress(0)).unwrap();
        run_for(&*destination, 100);
        let verdict = destination.verdict().unwrap();
        assert!(!verdict.is_whole(), "{verdict}");
        assert!(verdict.faults.len() <= FAULTS_LISTED_MAX);
    });
}

#[test]
fn the_dirty_log_has_the_pages_that_were_written_and_no_other() {
    each_kind(|kind| {
        let guest = &*guest(kind);
        run_for(guest, 10);
        guest.start_dirty_log().unwrap();
        for writes in [1, 5, 20, 64, 130] {
            let before = snapshot(guest.ram());
            run_for(guest, writes);
            let mut dirty = nothing_dirty(guest);
            guest.harvest_dirty_log(&mut dirty).unwrap();
            let found: Vec<u64> = dirty.iter().collect();
            assert_eq!(found, changed(&before, &snapshot(guest.ram())), "after {writes} writes");
            guest.harvest_dirty_log(&mut dirty).unwrap();
            assert_eq!(dirty.count(), found.len() as u64, "a harvest leaves nothing, and takes nothing away");
        }
    });
}

#[test]
fn the_dirty_log_starts_empty_and_says_when_it_does_not_run() {
    each_kind(|kind| {
        let guest = &*guest(kind);
        let harvest = || {
            let mut dirty = nothing_dirty(guest);
            guest.harvest_dirty_log(&mut dirty).map(|()| dirty.count()).map_err(|error| error.to_string())
        };
        let not_running = Err("the dirty log is not running".to_owned());
        assert_eq!(harvest(), not_running);
        guest.stop_dirty_log();
        run_for(guest, 10);
        guest.start_dirty_log().unwrap();
        assert_eq!(harvest(), Ok(0));
        run_for(guest, 10);
        guest.start_dirty_log().unwrap();
        assert_eq!(harvest(), Ok(0), "a log that is started anew");
        run_for(guest, 10);
        guest.stop_dirty_log();
        guest.stop_dirty_log();
        assert_eq!(harvest(), not_running);
        guest.start_dirty_log().unwrap();
        assert_eq!(harvest(), Ok(0), "a log that was stopped in between");
    });
}

#[test]
fn a_running_guest_is_copied_whole_by_rounds() {
    each_kind(|kind| {
        for _ in 0..10 {
            let source = &*guest(kind);
            let destination = &*awaited(kind);
            let mut dirty = nothing_dirty(source);
            source.run().unwrap();
            let_write(source, 30);
            source.start_dirty_log().unwrap();
            dirty.set_all();
            for _ in 0..20 {
                copy_dirty(source.ram(), destination.ram(), &mut dirty);
                source.harvest_dirty_log(&mut dirty).unwrap();
            }
            source.stop().unwrap();
            source.harvest_dirty_log(&mut dirty).unwrap();
            source.stop_dirty_log();
            copy_dirty(source.ram(), destination.ram(), &mut dirty);
            assert!(snapshot(source.ram()) == snapshot(destination.ram()));
            destination.load(&mut &saved(source)[..]).unwrap();
            check_arrived(source, destination);
        }
    });
}

#[test]
fn state_of_another_kind_or_cut_short_is_refused() {
    each_kind(|kind| {
        let guest = guest(kind);
        run_for(&*guest, 10);
        let state = saved(&*guest);
        let name = guest.kind().to_owned();
        let refused = |mut bytes: &[u8]| guest.load(&mut bytes).unwrap_err().to_string();
        for length in 0..state.len() {
            assert_eq!(
                refused(&state[..length]),
                format!("device state is malformed, expected that of a `{name}` guest")
            );
        }
        let mut longer = state.clone();
        longer.push(0);
        assert_eq!(refused(&longer), format!("device state has 1 bytes more than that of a `{name}` guest"));
        assert_eq!(refused(b"\x03xyz"), format!("device state is that of a `xyz` guest, expected `{name}`"));
        assert_eq!(refused(&vec![0; 1 << 20]), "device state has more than the expected 65536 bytes");
        assert_eq!(saved(&*guest), state, "a refused state changes nothing");
        guest.load(&mut &state[..]).unwrap();
        run_for(&*guest, 120);
        assert!(guest.verdict().unwrap().is_whole());
    });
}

/// Some bytes of a good state, changed.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_state_is_loaded_the_guest_can_be_stopped(damage in damage(), noise in prop::collection::vec(any::<u8>(), 0..200)) {
        each_kind(|kind| {
            let guest = create(&GuestOptions { kind, memory_bytes: MEMORY_BYTES, ..small() }).unwrap();
            let mut state = saved(&*guest);
            for (index, byte) in &damage {
                let index = index.index(state.len());
                state[index] = *byte;
            }
            let _ = guest.load(&mut &noise[..]);
            if guest.load(&mut &state[..]).is_ok() {
                guest.run().unwrap();
                std::thread::yield_now();
                guest.stop().unwrap();
                assert!(!guest.is_running());
                guest.verdict().unwrap();
            }
        });
    }
}

#[test]
fn kinds_are_told_apart() {
    let guest = guest(GuestKind::Memory);
    assert_eq!((guest.kind(), guest.kind_name()), ("memory-1", "memory"));
    each_kind(|kind| {
        let auto = create(&small()).unwrap();
        if kind == GuestKind::Kvm {
            assert_eq!((auto.kind(), auto.kind_name()), ("kvm-1", "kvm"));
        }
    });
}
