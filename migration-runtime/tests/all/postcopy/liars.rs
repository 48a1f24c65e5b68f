//! Peers that lie get one clear error, and never the guest.

use std::thread;

use migration_runtime::channel::Channel;
use migration_runtime::memory::Memory;
use migration_runtime::postcopy::{Supply, receive_missing};
use migration_runtime::transfer::Sent;
use migration_runtime::wire::{Frame, Payload};

use super::super::peers::{PAGE, contents, filled_memory, memory, patiently};
use super::rig::{Kind, Rig, Stream, VCPUS, layout_of, run, send, some_pages, userfaultfd};

/// What a source sends: a frame, and whatever follows its header.
type Said = (Frame, Vec<u8>);

fn pages(page: u64, count: u64) -> Said {
    (Frame::Pages(run(page * PAGE, count)), vec![0x66; (count * PAGE) as usize])
}

#[test]
fn a_source_that_lies_on_the_main_connection_changes_nothing() {
    let Some(()) = userfaultfd() else { return };
    // Page 0 is not missing, page 1 is; 300 is a hole between two regions, 299 and 301 are pages.
    let lies: [(Vec<Said>, &str); 10] = [
        (vec![pages(0, 1)], "the source sent the page at 0x0, not all of it missing, or sent before"),
        (vec![pages(1, 2)], "the source sent 2 pages at 0x1000, not all of it missing, or sent before"),
        (
            vec![(Frame::Zeroes(run(0, 1)), vec![])],
            "the source sent the page at 0x0, not all of it missing, or sent before",
        ),
        (
            vec![(Frame::Zeroes(run(0, 0xffff_ffff)), vec![])],
            "the source sent 4294967295 pages at 0x0, not all of it missing, or sent before",
        ),
        (vec![pages(300, 1)], "the source sent the page at 0x12c000, not all of it missing, or sent before"),
        (
            vec![pages(1 << 40, 1)],
            "the source sent the page at 0x10000000000000, not all of it missing, or sent before",
        ),
        (vec![(Frame::MemoryEnd, vec![])], "the memory ended before 1052 of its pages came"),
        (vec![(Frame::StateEnd { bytes: 0 }, vec![])], "the source sent device state instead of pages"),
        (vec![(Frame::Request(run(0, 1)), vec![])], "the source sent a request for pages instead of pages"),
        (vec![(Frame::Sync, vec![])], "the source sent a question instead of pages"),
    ];
    for (lie, why) in lies {
        let rig = Rig::new(Kind::Memfd);
        let expected = rig.expected_after_vcpus();
        let missing = rig.missing;
        let why = why.replace("1052", &missing.to_string());
        let (mut here, mut there) = Channel::pair().unwrap();
        let (_answers, asks) = Channel::pair().unwrap();
        rig.fetch.connect(asks, &there).unwrap();
        let wait = patiently();
        for (frame, bytes) in lie {
            send(&mut here, frame, &wait);
            here.write_all(&bytes, &wait).unwrap();
        }
        let error = rig.fetch.receive(&mut there, &wait).unwrap_err();
        assert_eq!(error.to_string(), why);
        assert_eq!(rig.fetch.missing_pages(), missing, "{why}");
        goes_on(&rig, &expected, &why);
    }
}

#[test]
fn a_page_is_pushed_once_at_most() {
    let Some(()) = userfaultfd() else { return };
    let rig = Rig::new(Kind::Anonymous);
    let (mut here, mut there) = Channel::pair().unwrap();
    let (_answers, asks) = Channel::pair().unwrap();
    rig.fetch.connect(asks, &there).unwrap();
    let wait = patiently();
    for (frame, bytes) in [pages(1, 1), pages(1, 1)] {
        send(&mut here, frame, &wait);
        here.write_all(&bytes, &wait).unwrap();
    }
    let error = rig.fetch.receive(&mut there, &wait).unwrap_err();
    assert_eq!(error.to_string(), "the source sent the page at 0x1000, not all of it missing, or sent before");
    assert_eq!(rig.fetch.missing_pages(), rig.missing - 1);
}

#[test]
fn a_source_that_lies_on_the_connection_for_requests_changes_nothing() {
    let Some(()) = userfaultfd() else { return };
    let lies = [
        (pages(1, 1), "the source sent the page at 0x1000, for which nobody asked"),
        ((Frame::Zeroes(run(PAGE, 1)), vec![]), "the source sent the page at 0x1000, for which nobody asked"),
        ((Frame::Zeroes(run(300 * PAGE, 9)), vec![]), "the source sent 9 pages at 0x12c000, for which nobody asked"),
        ((Frame::MemoryEnd, vec![]), "the source answered a request with the end of the memory"),
        ((Frame::MissingEnd { pages: 0 }, vec![]), "the source answered a request with a bitmap of missing pages"),
    ];
    for ((frame, bytes), why) in lies {
        let rig = Rig::new(Kind::Anonymous);
        let expected = rig.expected_after_vcpus();
        let (_here, mut there) = Channel::pair().unwrap();
        let (mut answers, asks) = Channel::pair().unwrap();
        rig.fetch.connect(asks, &there).unwrap();
        let wait = patiently();
        send(&mut answers, frame, &wait);
        // The header alone may have ended the connection.
        let _ = answers.write_all(&bytes, &wait);
        let error = rig.fetch.receive(&mut there, &wait).unwrap_err();
        assert_eq!(error.to_string(), why);
        assert_eq!(rig.fetch.missing_pages(), rig.missing, "{why}");
        goes_on(&rig, &expected, why);
    }
}

#[test]
fn a_destination_that_lies_gets_one_clear_error() {
    let source = filled_memory();
    let before = contents(&source);
    let lies = [
        (
            Frame::Request(run(300 * PAGE, 1)),
            "the destination asked for the page at 0x12c000, which the guest does not have",
        ),
        (
            Frame::Request(run(299 * PAGE, 2)),
            "the destination asked for 2 pages at 0x12b000, which the guest does not have",
        ),
        (
            Frame::Request(run(1 << 60, 1)),
            "the destination asked for the page at 0x1000000000000000, which the guest does not have",
        ),
        (Frame::MemoryEnd, "the destination sent the end of the memory instead of a request"),
        (Frame::Zeroes(run(0, 1)), "the destination sent pages instead of a request"),
    ];
    for (lie, why) in lies {
        let supply = Supply::new(&Memory::of(&source), some_pages(&source)).unwrap();
        let (mut here, there) = Channel::pair().unwrap();
        let (answers, mut asks) = Channel::pair().unwrap();
        supply.connect(answers, &here).unwrap();
        let wait = patiently();
        send(&mut asks, lie, &wait);
        // Nobody reads what is pushed, so the push ends when the other connection does.
        let error = supply.push(&mut here, &wait).unwrap_err();
        assert_eq!(error.to_string(), why);
        drop(there);
        assert!(contents(&source) == before, "{why}");
    }
}

#[test]
fn a_bitmap_that_does_not_fit_is_refused() {
    let layout = layout_of(&memory());
    let words = some_pages(&memory()).words().len() as u32;
    let piece = |first_word: u32, words: &[u64]| -> Said {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        (Frame::Missing { first_word, payload: Payload::of(&bytes) }, bytes)
    };
    let end = |pages| -> Said { (Frame::MissingEnd { pages }, vec![]) };
    let (size, bits) = (
        "a bitmap of missing pages does not fit the memory",
        "a bitmap of missing pages names pages that the memory lacks",
    );
    let lies = [
        (vec![piece(words, &[1])], size),
        (vec![piece(u32::MAX, &[1])], size),
        (vec![piece(0, &vec![1; words as usize + 1])], size),
        (vec![piece(1, &[1]), piece(1, &[2])], size),
        (vec![piece(1, &[1]), piece(0, &[2])], size),
        (vec![piece(words - 1, &[u64::MAX])], bits),
        (vec![piece(0, &[1]), end(2)], "a bitmap of missing pages has 1 instead of 2"),
        (vec![end(u64::MAX)], "a bitmap of missing pages has 0 instead of 18446744073709551615"),
        (vec![(Frame::MemoryEnd, vec![])], "the peer sent the end of the memory instead of a bitmap of missing pages"),
    ];
    for (lie, why) in lies {
        let (mut here, mut there) = Channel::pair().unwrap();
        let wait = patiently();
        for (frame, bytes) in lie {
            send(&mut here, frame, &wait);
            here.write_all(&bytes, &wait).unwrap();
        }
        assert_eq!(receive_missing(&mut there, &layout, &wait).unwrap_err().to_string(), why);
    }
}

/// After a liar, an honest source brings the guest what it had.
fn goes_on(rig: &Rig, expected: &[u8], after: &str) {
    thread::scope(|scope| {
        for vcpu in 0..VCPUS {
            scope.spawn(move || rig.run_vcpu(vcpu));
        }
        let (pushed, received) = rig.recover(Stream::Pair);
        assert_eq!(pushed.unwrap(), Sent::All);
        received.unwrap();
    });
    assert!(contents(&rig.destination) == expected, "after: {after}");
}
