//! Post-copy between two ends: a guest that runs while its memory follows finds what it had.

mod cuts;
mod driven;
mod kvm;
mod liars;
mod lying_destination;
mod lying_source;
pub(super) mod rig;

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::channel::Channel;
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::memory::Memory;
use migration_runtime::postcopy::{Fetch, Supply, receive_missing, send_missing};
use migration_runtime::transfer::Sent;
use migration_runtime::wire::Frame;
use vm_memory::{Bytes, GuestAddress};

use super::peers::{PAGE, PATIENCE, contents, filled_memory, memory, patiently};
use rig::{Kind, Rig, Stream, layout_of, page_of, some_pages, userfaultfd};

#[test]
fn a_guest_that_runs_meanwhile_finds_what_it_had() {
    let Some(()) = userfaultfd() else { return };
    for (kind, stream) in [(Kind::Anonymous, Stream::Tcp), (Kind::Memfd, Stream::Tcp), (Kind::Memfd, Stream::Pair)] {
        let rig = Rig::new(kind);
        let expected = rig.expected_after_vcpus();
        thread::scope(|scope| {
            let vcpus: Vec<_> = (0..rig::VCPUS)
                .map(|vcpu| {
                    scope.spawn({
                        let rig = &rig;
                        move || rig.run_vcpu(vcpu)
                    })
                })
                .collect();
            let (pushed, received) = rig.move_on(stream);
            assert_eq!(pushed.unwrap(), Sent::All);
            received.unwrap();
            vcpus.into_iter().for_each(|vcpu| vcpu.join().unwrap());
        });
        assert!(rig.fetch.is_whole() && rig.fetch.missing_pages() == 0, "{kind:?} {stream:?}");
        let figures = rig.fetch.figures();
        assert_eq!(figures.pulled_pages + figures.pushed_pages, rig.missing, "every page counts once: {figures:?}");
        assert!(figures.requests >= figures.pulled_pages, "{figures:?}");
        assert!(contents(&rig.destination) == expected, "{kind:?} {stream:?}");
    }
}

#[test]
fn a_page_is_asked_for_once_however_many_wait_for_it() {
    let Some(()) = userfaultfd() else { return };
    let rig = Rig::new(Kind::Anonymous);
    let connections = rig.connect(Stream::Tcp);
    let pages: Vec<u64> = some_pages(&rig.destination).iter().take(40).collect();
    let together = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for &page in &pages {
                    together.wait();
                    assert_eq!(page_of(&rig.destination, page), page_of(&rig.source, page), "{page:#x}");
                }
            });
        }
    });
    // A thread goes on when its page is there, which is before it is counted.
    let began = Instant::now();
    while rig.fetch.missing_pages() > rig.missing - 40 && began.elapsed() < PATIENCE {
        thread::yield_now();
    }
    let figures = rig.fetch.figures();
    assert_eq!((figures.requests, figures.pulled_pages, figures.pushed_pages), (40, 40, 0));
    assert_eq!(rig.supply.requests(), 40);
    let waits: u64 = figures.latency.iter().sum();
    assert!((40..=120).contains(&waits), "{waits} waits");
    assert!((1..=3).contains(&figures.blocked.len()), "{:?}", figures.blocked);
    assert_eq!(rig.fetch.missing_pages(), rig.missing - 40);
    drop(connections);
}

#[test]
fn the_kernel_waits_for_a_page_as_a_thread_does() {
    let Some(()) = userfaultfd() else { return };
    for kind in [Kind::Anonymous, Kind::Memfd] {
        let rig = Rig::new(kind);
        let connections = rig.connect(Stream::Tcp);
        let missing: Vec<u64> = some_pages(&rig.destination).iter().take(2).collect();
        let mut file = tempfile::tempfile().unwrap();
        let (read, written) = (GuestAddress(missing[0]), GuestAddress(missing[1] + 100));
        // write(2) out of the first page, read(2) into the middle of the second.
        rig.destination.write_all_volatile_to(read, &mut file, PAGE as usize).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        let mut bytes = vec![0; PAGE as usize];
        std::io::Read::read_exact(&mut file, &mut bytes).unwrap();
        assert!(bytes == page_of(&rig.source, missing[0]), "{kind:?}");
        std::io::Seek::rewind(&mut file).unwrap();
        rig.destination.read_exact_volatile_from(written, &mut file, 50).unwrap();
        let mut expected = page_of(&rig.source, missing[1]);
        expected[100..150].copy_from_slice(&bytes[..50]);
        assert!(page_of(&rig.destination, missing[1]) == expected, "{kind:?}");
        drop(connections);
    }
}

#[test]
fn memory_that_holds_only_zeroes_stays_unallocated() {
    let Some(()) = userfaultfd() else { return };
    let (source, destination) = (memory(), memory());
    let mut missing = DirtyBitmap::new(&layout_of(&source));
    missing.set_all();
    let pages = missing.count();
    let supply = Supply::new(&Memory::of(&source), missing.clone()).unwrap();
    let fetch = Fetch::begin(&Memory::of(&destination), missing).unwrap();
    let rig = Rig { source, destination, supply, fetch, missing: pages };
    let (pushed, received) = rig.move_on(Stream::Pair);
    assert_eq!(pushed.unwrap(), Sent::All);
    received.unwrap();
    assert_eq!(rig.fetch.figures().zero_pages, pages);
    assert!(contents(&rig.destination).iter().all(|&byte| byte == 0));
}

#[test]
fn what_a_guest_gives_back_reads_as_zeroes() {
    let Some(()) = userfaultfd() else { return };
    // A page that is not missing and that nobody has stored is a trap too, and holds zeroes.
    let source = filled_memory();
    let destination = memory();
    let missing = DirtyBitmap::new(&layout_of(&source));
    let fetch = Fetch::begin(&Memory::of(&destination), missing).unwrap();
    assert!(fetch.is_whole());
    assert_eq!(page_of(&destination, 5 * PAGE), vec![0; PAGE as usize]);
    destination.write_obj(7_u8, GuestAddress(6 * PAGE)).unwrap();
    assert_eq!(destination.read_obj::<u8>(GuestAddress(6 * PAGE)).unwrap(), 7);
    assert_eq!(fetch.figures().requests, 0);
}

#[test]
fn the_rest_is_pushed_from_the_last_request_on() {
    let source = filled_memory();
    let mut missing = DirtyBitmap::new(&layout_of(&source));
    missing.set_all();
    let supply = Supply::new(&Memory::of(&source), missing).unwrap();
    let (mut here, mut there) = Channel::pair().unwrap();
    let (urgent, mut asks) = Channel::pair().unwrap();
    supply.connect(urgent, &here).unwrap();
    let wait = patiently();
    let address = 4500 * PAGE;
    rig::send(&mut asks, Frame::Request(rig::run(address, 1)), &wait);
    // The answer has come, so the push that begins now knows of the request.
    asks.wait_for_peer(&wait).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| assert!(!matches!(supply.push(&mut here, &patiently()), Ok(Sent::All))));
        let first = rig::read_header(&mut there, &wait);
        assert_eq!(rig::run_of(&first).address, address + PAGE, "{first:?}");
        drop(there);
    });
}

#[test]
fn a_bitmap_arrives_as_it_was_sent() {
    let layout = layout_of(&memory());
    let mut all = DirtyBitmap::new(&layout);
    all.set_all();
    let mut one = DirtyBitmap::new(&layout);
    one.set(4096 * PAGE);
    for missing in [DirtyBitmap::new(&layout), one, all, some_pages(&memory())] {
        let (mut here, mut there) = Channel::pair().unwrap();
        let wait = patiently();
        send_missing(&mut here, &missing, &wait).unwrap();
        let received = receive_missing(&mut there, &layout, &wait).unwrap();
        assert_eq!(received.words(), missing.words());
    }
}

#[test]
fn a_request_that_nobody_answers_ends_the_connection() {
    let Some(()) = userfaultfd() else { return };
    let rig = Rig::new(Kind::Anonymous);
    let (main, mut there) = Channel::pair().unwrap();
    let (_asks, urgent) = Channel::pair().unwrap();
    rig.fetch.connect(urgent, &there).unwrap();
    let page = some_pages(&rig.destination).iter().next().unwrap();
    let expected = page_of(&rig.source, page);
    thread::scope(|scope| {
        let vcpu = scope.spawn(|| page_of(&rig.destination, page));
        let began = Instant::now();
        let error = rig.fetch.receive(&mut there, &patiently()).unwrap_err();
        assert_eq!(error.to_string(), "the source did not answer a request for 10 s (a fixed bound)");
        assert!(began.elapsed() < Duration::from_secs(15));
        assert!(rig.fetch.longest_wait() >= Some(Duration::from_secs(10)));
        drop(main);
        let (pushed, received) = rig.recover(Stream::Pair);
        assert_eq!(pushed.unwrap(), Sent::All);
        received.unwrap();
        assert_eq!(vcpu.join().unwrap(), expected);
    });
}
