//! A guest arrives as it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migration_runtime::channel::{Channel, Peek};
use migration_runtime::memory::{Layout, Memory};
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::transfer::{
    Pace, RawMessage, Received, Receiver, Sender, Sent, receive_message, send_keep_alive, send_message, synchronise,
};
use vm_memory::{Bytes, GuestAddress};

use super::peers::{
    Got, PAGE, all_pages, beside, contents, filled_memory, got, memory, pair, patiently, receive_all, receiver,
    send_all, sender, tcp_pair,
};

#[test]
fn a_whole_guest_moves_over_tcp_and_unix() {
    let directory = tempfile::tempdir().unwrap();
    let unix = format!("unix:{}/socket", directory.path().display());
    for address in ["tcp:127.0.0.1:0", &unix] {
        let (source, destination) = (filled_memory(), memory());
        let state: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let (here, there) = pair(&address.parse().unwrap());
        let (sent, received) = beside(|| send_all(here, &source, &state), || receive_all(there, &destination));
        sent.unwrap();
        let expected = [Got::RoundEnd(1), Got::MemoryEnd, Got::State(state)];
        assert!(received.unwrap() == expected, "over {address}");
        assert!(contents(&source) == contents(&destination), "over {address}");
    }
}

#[test]
fn zeroes_wipe_what_was_there() {
    let (source, destination) = (memory(), filled_memory());
    let (here, there) = tcp_pair();
    let (sent, received) = beside(|| send_all(here, &source, &[]), || receive_all(there, &destination));
    sent.unwrap();
    received.unwrap();
    assert!(contents(&destination).iter().all(|&byte| byte == 0));
}

#[test]
fn later_rounds_send_only_what_is_dirty() {
    let (source, destination) = (filled_memory(), memory());
    let (mut here, mut there) = tcp_pair();
    let progress = Arc::new(Progress::new());
    let layout = Layout::of(&Memory::of(&destination)).unwrap();
    beside(
        || {
            let wait = patiently();
            let mut sender = Sender::new(Arc::new(Parameters::default()), Arc::clone(&progress));
            let mut dirty = all_pages(&source);
            let mut round = |dirty: &mut _, pace| {
                assert_eq!(sender.send_round(&mut here, &Memory::of(&source), dirty, pace, &wait).unwrap(), Sent::All);
            };
            round(&mut dirty, Pace::Bounded);
            assert!(dirty.is_empty());
            let before = progress.snapshot();
            assert_eq!(before.pages_normal + before.pages_zero, layout.pages());
            assert!(before.rate > 0);
            for page in [0, 103, 4096, 4097, 5125] {
                source.write_obj(page, GuestAddress(page * PAGE + 8)).unwrap();
                assert!(dirty.set(page * PAGE));
            }
            round(&mut dirty, Pace::Unbounded);
            let after = progress.snapshot();
            assert_eq!((after.rounds, after.remaining_bytes), (2, 0));
            assert_eq!(after.pages_normal + after.pages_zero, layout.pages() + 5);
            let bytes = after.transferred_bytes - before.transferred_bytes;
            assert!((5 * PAGE..6 * PAGE).contains(&bytes), "{bytes} bytes");
        },
        || {
            let wait = patiently();
            let mut receiver = Receiver::new(&Memory::of(&destination), &layout, Arc::new(Progress::new()));
            for round in [1, 2] {
                let received = got(receiver.next(&mut there, &wait).unwrap());
                assert_eq!(received, Got::RoundEnd(round));
            }
        },
    );
    assert!(contents(&source) == contents(&destination));
}

#[test]
fn a_question_is_answered_once_all_before_it_was_taken_in() {
    let (source, destination) = (filled_memory(), memory());
    let (mut here, mut there) = tcp_pair();
    let round_taken = AtomicBool::new(false);
    beside(
        || {
            let wait = patiently();
            let mut dirty = all_pages(&source);
            let sent = sender().send_round(&mut here, &Memory::of(&source), &mut dirty, Pace::Bounded, &wait);
            assert_eq!(sent.unwrap(), Sent::All);
            assert_eq!(synchronise(&mut here, &wait).unwrap(), None);
            assert!(round_taken.load(Ordering::SeqCst));
            send_message(&mut here, 1, &[], &wait).unwrap();
            // The next question is answered by something else.
            let heard = synchronise(&mut here, &wait).unwrap();
            assert_eq!(heard, Some(RawMessage { number: 6, payload: b"no".to_vec() }));
        },
        || {
            let wait = patiently();
            let mut receiver = receiver(&destination);
            assert_eq!(got(receiver.next(&mut there, &wait).unwrap()), Got::RoundEnd(1));
            round_taken.store(true, Ordering::SeqCst);
            assert!(matches!(receiver.next(&mut there, &wait).unwrap(), Received::Message(_)));
            send_message(&mut there, 6, b"no", &wait).unwrap();
        },
    );
}

#[test]
fn messages_pass_between_and_signs_of_life_are_not_told() {
    let (mut here, mut there) = Channel::pair().unwrap();
    let wait = patiently();
    let big = vec![7; 64 << 10];
    assert_eq!(there.peek(), Peek::Quiet);
    send_keep_alive(&mut here, &wait).unwrap();
    send_message(&mut here, 3, b"hello", &wait).unwrap();
    assert_eq!(there.peek(), Peek::Spoke);
    let expected = RawMessage { number: 3, payload: b"hello".to_vec() };
    assert_eq!(receive_message(&mut there, &wait).unwrap(), expected);
    assert_eq!(there.peek(), Peek::Quiet);
    let (_, received) = beside(
        || send_message(&mut here, 9, &big, &patiently()).unwrap(),
        || receive_message(&mut there, &patiently()).unwrap(),
    );
    assert_eq!(received, RawMessage { number: 9, payload: big });
    drop(here);
    assert_eq!(there.peek(), Peek::Closed);
}

#[test]
fn a_sender_stops_when_its_peer_speaks() {
    let source = filled_memory();
    let (mut here, mut there) = tcp_pair();
    let wait = patiently();
    // Nobody reads: the socket is full before the refusal comes.
    send_message(&mut there, 6, b"no", &wait).unwrap();
    here.wait_for_peer(&wait).unwrap();
    let sent = sender().send_round(&mut here, &Memory::of(&source), &mut all_pages(&source), Pace::Bounded, &wait);
    assert_eq!(sent.unwrap(), Sent::PeerSpoke);
    let refusal = RawMessage { number: 6, payload: b"no".to_vec() };
    assert_eq!(receive_message(&mut here, &wait).unwrap(), refusal);
}

#[test]
fn a_sender_that_waits_for_room_hears_its_peer() {
    // Far more than the buffers of both sockets hold.
    let source = filled_memory();
    let (mut here, mut there) = Channel::pair().unwrap();
    let (sent, ()) = beside(
        || {
            let wait = patiently();
            let mut dirty = all_pages(&source);
            sender().send_round(&mut here, &Memory::of(&source), &mut dirty, Pace::Bounded, &wait)
        },
        || {
            let wait = patiently();
            there.wait_for_peer(&wait).unwrap();
            send_message(&mut there, 6, b"no", &wait).unwrap();
        },
    );
    assert_eq!(sent.unwrap(), Sent::PeerSpoke);
    let wait = patiently();
    assert_eq!(receive_message(&mut here, &wait).unwrap().number, 6);
    // The frame that was cut off is the last thing that this side can have said.
    let error = send_message(&mut here, 1, &[], &wait).unwrap_err();
    assert_eq!(error.to_string(), "the connection was left in the middle of a frame");
}

#[test]
fn what_a_peer_says_before_it_hangs_up_is_heard() {
    let source = filled_memory();
    let (mut here, mut there) = tcp_pair();
    let wait = patiently();
    send_message(&mut there, 6, b"no", &wait).unwrap();
    drop(there);
    let mut dirty = all_pages(&source);
    let sent = sender().send_round(&mut here, &Memory::of(&source), &mut dirty, Pace::Bounded, &wait).unwrap();
    assert_eq!(sent, Sent::PeerSpoke);
    assert_eq!(receive_message(&mut here, &wait).unwrap().payload, b"no");
}
