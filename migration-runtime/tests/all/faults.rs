//! A peer that misbehaves gets a clear answer, at once, and memory is never allocated on its word.

use std::time::{Duration, Instant};

use migration_runtime::channel::{Channel, ChannelError, ChannelErrorKind, Raiser, Wait};
use migration_runtime::memory::{Memory, PageRun};
use migration_runtime::transfer::{Pace, Sent, receive_message};
use migration_runtime::wire::{Frame, Payload};

use super::peers::{
    Got, NEVER, PAGE, PATIENCE, REGIONS, all_pages, beside, filled_memory, memory, patiently, receive_all, receiver,
    sender,
};

/// Says `bytes` to a receiver and hangs up; gives what the receiver makes of it.
fn answer(bytes: &[u8]) -> Result<Vec<Got>, ChannelError> {
    let (mut here, there) = Channel::pair().unwrap();
    let target = memory();
    let (_, received) = beside(
        || {
            // The receiver may have hung up already.
            let _ = here.write_all(bytes, &patiently());
            drop(here);
        },
        || receive_all(there, &target),
    );
    received
}

fn zeroes(page: u64, pages: u64) -> Vec<u8> {
    Frame::Zeroes(PageRun { address: page * PAGE, pages }).encode().to_vec()
}

fn every_page() -> Vec<u8> {
    REGIONS.iter().flat_map(|&(page, pages)| zeroes(page, pages)).collect()
}

fn state(offset: u64, bytes: &[u8]) -> Vec<u8> {
    let payload = Payload::of(bytes);
    [Frame::State { offset, payload }.encode().as_slice(), bytes].concat()
}

fn frame(frame: Frame) -> Vec<u8> {
    frame.encode().to_vec()
}

#[test]
fn each_fault_has_its_sentence() {
    let damaged = {
        let mut bytes = state(0, b"state");
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    let pages = PageRun { address: 299 * PAGE, pages: 2 };
    for (bytes, text) in [
        (
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            "the peer does not speak the migration protocol: it sent [47, 45, 54, 20]",
        ),
        (vec![0; 4], "the peer does not speak the migration protocol: it sent [00, 00, 00, 00]"),
        (b"vMIG________________________________".to_vec(), "a frame's header arrived damaged"),
        (zeroes(300, 1), "a frame names the page at 0x12c000, which this guest does not have"),
        (zeroes(300, u32::MAX.into()), "a frame names 4294967295 pages at 0x12c000, which this guest does not have"),
        (frame(Frame::Pages(pages)), "a frame names 2 pages at 0x12b000, which this guest does not have"),
        (frame(Frame::MemoryEnd), "the memory ended before 1407 of its pages came"),
        (
            [every_page(), frame(Frame::MemoryEnd), zeroes(0, 1)].concat(),
            "the page at 0x0 came after the end of the memory",
        ),
        (state(5, b"state"), "device state for offset 5 came at offset 0"),
        (damaged, "the payload of a frame arrived damaged"),
        (
            [state(0, b"state"), frame(Frame::StateEnd { bytes: 4 })].concat(),
            "5 bytes of device state came instead of 4",
        ),
        (frame(Frame::StateEnd { bytes: 1 }), "0 bytes of device state came instead of 1"),
        ([every_page(), vec![], frame(Frame::MemoryEnd), frame(Frame::MemoryEnd)].concat(), "the memory ended twice"),
        (frame(Frame::Synced), "the source sent an answer, for which nobody asked"),
    ] {
        let error = answer(&bytes).unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(error.kind(), ChannelErrorKind::Protocol, "{text}");
    }
}

#[test]
fn a_stream_that_ends_anywhere_is_closed_and_nothing_else() {
    let bytes = [
        frame(Frame::Pages(PageRun { address: 0, pages: 1 })),
        vec![9; PAGE as usize],
        every_page(),
        frame(Frame::MemoryEnd),
        state(0, b"state"),
        frame(Frame::StateEnd { bytes: 5 }),
    ]
    .concat();
    for length in (0..bytes.len()).step_by(7) {
        let error = answer(&bytes[..length]).unwrap_err();
        assert_eq!(error.kind(), ChannelErrorKind::Closed, "after {length} bytes: {error}");
        assert_eq!(error.to_string(), "the peer closed the connection");
    }
    assert_eq!(answer(&bytes).unwrap(), [Got::MemoryEnd, Got::State(b"state".to_vec())]);
}

#[test]
fn where_a_message_is_due_nothing_else_may_come() {
    for (sent, text) in [
        (zeroes(0, 1), "the peer sent pages instead of a message"),
        (frame(Frame::MemoryEnd), "the peer sent the end of the memory instead of a message"),
    ] {
        let (mut here, mut there) = Channel::pair().unwrap();
        let wait = patiently();
        here.write_all(&sent, &wait).unwrap();
        assert_eq!(receive_message(&mut there, &wait).unwrap_err().to_string(), text);
    }
}

#[test]
fn a_peer_that_stalls_is_given_up() {
    let short = Wait::new(&*NEVER, Duration::from_millis(50));
    let text = "the peer gave no sign of life for 0.05 s";

    // In the middle of a page.
    let (mut here, mut there) = Channel::pair().unwrap();
    let run = PageRun { address: 0, pages: 2 };
    here.write_all(&frame(Frame::Pages(run)), &short).unwrap();
    here.write_all(&[1; 5000], &short).unwrap();
    let target = memory();
    let error = receiver(&target).next(&mut there, &short).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ChannelErrorKind::TimedOut, text));

    // Without reading what is sent.
    let source = filled_memory();
    let mut dirty = all_pages(&source);
    let sent = sender().send_round(&mut here, &Memory::of(&source), &mut dirty, Pace::Bounded, &short);
    let error = sent.unwrap_err();
    let text = "the peer took nothing in for 0.05 s";
    assert_eq!((error.kind(), error.to_string().as_str()), (ChannelErrorKind::TimedOut, text));
}

#[test]
fn an_interrupt_ends_a_wait_at_once() {
    let (mut here, mut there) = Channel::pair().unwrap();
    let (source, target) = (filled_memory(), memory());
    let raiser = Raiser::new().unwrap();
    let wait = Wait::new(&raiser, PATIENCE);
    let (sent, raised) = beside(
        || {
            let sent = sender().send_round(
                &mut here,
                &Memory::of(&source),
                &mut all_pages(&source),
                Pace::Bounded,
                &Wait::new(&raiser, PATIENCE),
            );
            (sent.unwrap_err(), Instant::now())
        },
        || {
            // The sender's first bytes are here; nobody reads the rest.
            there.wait_for_peer(&wait).unwrap();
            raiser.raise();
            Instant::now()
        },
    );
    let (error, ended) = sent;
    assert_eq!(error.kind(), ChannelErrorKind::Interrupted);
    assert!(ended.saturating_duration_since(raised) < Duration::from_secs(5));
    let error = receiver(&target).next(&mut there, &wait).unwrap_err();
    assert_eq!(error.kind(), ChannelErrorKind::Interrupted);
}

#[test]
fn a_source_learns_that_its_peer_is_gone() {
    let source = filled_memory();
    let (mut here, there) = Channel::pair().unwrap();
    drop(there);
    let wait = patiently();
    let error = here.write_all(&[0; 64], &wait).unwrap_err();
    assert_eq!(error.kind(), ChannelErrorKind::Closed);
    assert_eq!(receive_message(&mut here, &wait).unwrap_err().kind(), ChannelErrorKind::Closed);
    let sent = sender().send_round(&mut here, &Memory::of(&source), &mut all_pages(&source), Pace::Bounded, &wait);
    assert_eq!(sent.unwrap(), Sent::PeerSpoke);
}
