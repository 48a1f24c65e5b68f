//! A guest runs, stops for good, breaks down visibly, and is made only in sizes that work.

use std::time::{Duration, Instant};

use migration_host::guest::program;
use migration_host::guest::{GuestKind, GuestOptions, create};
use vm_memory::{Bytes, GuestAddress};

use super::guest::{awaited, each_kind, guest, let_write, run_for, saved, small, snapshot};

#[test]
fn it_counts_and_its_memory_is_whole() {
    each_kind(|kind| {
        let guest = guest(kind);
        let verdict = guest.verdict().unwrap();
        assert!(verdict.is_whole(), "{verdict}");
        assert_eq!((verdict.pass, verdict.writes_counted, verdict.pages_checked), (1, 0, 512));
        let mut before = verdict;
        for _ in 0..20 {
            run_for(&*guest, 37);
            let verdict = guest.verdict().unwrap();
            assert!(verdict.is_whole(), "{verdict}");
            assert!(verdict.writes_counted >= before.writes_counted + 37, "{verdict}");
            let passes_done = u64::from(verdict.pass) - 1;
            assert!((passes_done * 100..=passes_done * 100 + 100).contains(&verdict.writes_counted), "{verdict}");
            before = verdict;
        }
    });
}

#[test]
fn stopped_is_stopped() {
    each_kind(|kind| {
        let guest = guest(kind);
        assert!(!guest.is_running());
        guest.stop().unwrap();
        for _ in 0..200 {
            guest.run().unwrap();
            guest.run().unwrap();
            assert!(guest.is_running());
            guest.stop().unwrap();
            assert!(!guest.is_running());
            let (memory, state) = (snapshot(guest.ram()), saved(&*guest));
            guest.stop().unwrap();
            assert!(memory == snapshot(guest.ram()), "memory changed after the stop");
            assert_eq!(state, saved(&*guest));
            let verdict = guest.verdict().unwrap();
            assert!(verdict.is_whole(), "{verdict}");
        }
    });
}

#[test]
fn a_running_guest_says_that_it_must_be_stopped() {
    each_kind(|kind| {
        let guest = guest(kind);
        let state = saved(&*guest);
        guest.run().unwrap();
        let expected = "the guest runs, it must be stopped for that";
        assert_eq!(guest.save(&mut Vec::new()).unwrap_err().to_string(), expected);
        assert_eq!(guest.load(&mut &state[..]).unwrap_err().to_string(), expected);
        assert_eq!(guest.verdict().unwrap_err().to_string(), expected);
        let_write(&*guest, 10);
    });
}

#[test]
fn many_threads_may_start_and_stop_it() {
    each_kind(|kind| {
        let guest = guest(kind);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        guest.run().unwrap();
                        guest.stop().unwrap();
                    }
                });
            }
        });
        assert!(!guest.is_running());
        let verdict = guest.verdict().unwrap();
        assert!(verdict.is_whole(), "{verdict}");
    });
}

#[test]
fn an_idle_guest_counts_and_keeps_to_the_control_page() {
    each_kind(|kind| {
        let guest = create(&GuestOptions { kind, hot_bytes: 0, ..small() }).unwrap();
        let before = snapshot(guest.ram());
        guest.run().unwrap();
        while guest.verdict().is_err() && super::guest::changed(&before, &snapshot(guest.ram())).is_empty() {
            std::thread::yield_now();
        }
        guest.stop().unwrap();
        assert_eq!(super::guest::changed(&before, &snapshot(guest.ram())), [0]);
        let verdict = guest.verdict().unwrap();
        assert!(verdict.is_whole() && verdict.pass > 1 && verdict.writes_counted == 0, "{verdict}");
    });
}

#[test]
fn it_keeps_to_its_pace() {
    each_kind(|kind| {
        let guest = create(&GuestOptions { kind, pages_per_second: 1000, ..small() }).unwrap();
        let start = Instant::now();
        run_for(&*guest, 200);
        // At most one turn of 64 pages is ahead of its time.
        assert!(start.elapsed() >= Duration::from_millis(200 - 64), "{:?}", start.elapsed());
    });
}

#[test]
fn without_a_program_it_does_not_run() {
    each_kind(|kind| {
        let guest = awaited(kind);
        let error = guest.run().unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "guest memory holds no program of ours: the magic word is 0x0, expected {:#x}",
                u32::from_le_bytes(*b"hot!")
            )
        );
        assert!(!guest.is_running());
        assert!(!guest.verdict().unwrap().is_whole());
        assert_eq!(guest.failure(), None);
    });
}

#[test]
fn a_virtual_cpu_that_halts_is_a_failure_that_shows() {
    each_kind(|kind| {
        if kind != GuestKind::Kvm {
            return;
        }
        const HLT: u8 = 0xf4;
        let guest = guest(kind);
        let state = saved(&*guest);
        let first = GuestAddress(program::ADDRESS);
        let instruction: u8 = guest.ram().read_obj(first).unwrap();
        guest.ram().write_obj(HLT, first).unwrap();
        guest.run().unwrap();
        while guest.is_running() {
            std::thread::yield_now();
        }
        assert_eq!(guest.failure().unwrap(), "the virtual CPU stopped by itself: Hlt");
        assert_eq!(
            guest.run().unwrap_err().to_string(),
            "the guest broke down and cannot run: the virtual CPU stopped by itself: Hlt"
        );
        guest.stop().unwrap();
        guest.ram().write_obj(instruction, first).unwrap();
        guest.load(&mut &state[..]).unwrap();
        assert_eq!(guest.failure(), None);
        run_for(&*guest, 100);
        assert!(guest.verdict().unwrap().is_whole());
    });
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let refused = |memory_bytes, hot_bytes| {
        let kind = GuestKind::Memory;
        match create(&GuestOptions { kind, memory_bytes, hot_bytes, ..small() }) {
            Ok(_) => panic!("{hot_bytes} of {memory_bytes} was accepted"),
            Err(error) => error.to_string(),
        }
    };
    assert_eq!(
        refused(4096, 0),
        "a guest cannot have 4 KiB of memory: expected whole pages of 4096 bytes, 1 MiB to 64 GiB"
    );
    assert_eq!(
        refused((1 << 20) + 1, 0),
        "a guest cannot have 1048577 bytes of memory: expected whole pages of 4096 bytes, 1 MiB to 64 GiB"
    );
    assert_eq!(
        refused(65 << 30, 0),
        "a guest cannot have 65 GiB of memory: expected whole pages of 4096 bytes, 1 MiB to 64 GiB"
    );
    assert_eq!(
        refused(1 << 20, 1 << 20),
        "1 MiB cannot be hot: expected whole pages of 4096 bytes, at most 960 KiB of a guest with 1 MiB of memory"
    );
    assert!(refused(1 << 20, 1).starts_with("1 bytes cannot be hot"));
    assert!(
        create(&GuestOptions { kind: GuestKind::Memory, memory_bytes: 1 << 20, hot_bytes: 960 << 10, ..small() })
            .is_ok()
    );
}
