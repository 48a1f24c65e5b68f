//! Connections that are none of the attempt, and a source that does not keep to its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use migration_runtime::channel::Channel;
use migration_runtime::memory::{Layout, Memory, PageRun};
use migration_runtime::progress::Progress;
use migration_runtime::states::source;
use migration_runtime::transfer::{
    Pace, PageReceivers, PageSenders, RawMessage, Receiver, receive_message, send_message,
};
use migration_runtime::wire::{Frame, JOIN, JOIN_PAGES, Payload, Refusal, Token, encode_page_membership};

use super::super::peers::{PAGE, PATIENCE, all_pages, filled_memory, memory, patiently, sender, tcp_pair};
use super::nobody;
use super::rig::{Ending, Sides, TOKEN};

/// Says something to whoever listens, and returns why it is refused.
fn refused(at: SocketAddr, number: u16, payload: &[u8]) -> String {
    let wait = patiently();
    let mut channel = Channel::connect(&format!("tcp:{at}").parse().unwrap(), &wait).unwrap();
    send_message(&mut channel, number, payload, &wait).unwrap();
    let RawMessage { payload, .. } = receive_message(&mut channel, &wait).unwrap();
    Refusal::decode(&payload).text().to_owned()
}

#[test]
fn visitors_are_told_why_they_are_refused_and_harm_nobody() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    // They come just before the second connection for pages.
    let before = Box::new(move |number, at| {
        if number != 2 {
            return;
        }
        let (ours, others) = (Token::from_bytes(TOKEN), Token::from_bytes([6; 16]));
        let member = |token, index| refused(at, JOIN_PAGES, &encode_page_membership(token, index));
        let mut told = tells.lock().unwrap();
        told.push(member(others, 1));
        told.push(member(ours, 0));
        told.push(member(ours, 2));
        told.push(member(ours, 255));
        told.push(refused(at, JOIN_PAGES, b"short"));
        told.push(refused(at, JOIN, &ours.bytes()));
        let mut noise = TcpStream::connect(at).unwrap();
        noise.write_all(&[0x5a; 4096]).unwrap();
        let mut answer = Vec::new();
        noise.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let _ = noise.read_to_end(&mut answer);
        // And one that never says anything.
        std::mem::forget(TcpStream::connect(at).unwrap());
    });
    assert_eq!(Sides::with([2, 2]).through(vec![], before).end(), Ending::Moved);
    let told = told.lock().unwrap();
    let [other, twice, beyond, far, short, urgent] = &told[..] else { panic!("{told:?}") };
    assert!(other.contains("belongs to another attempt"), "{other}");
    assert_eq!(twice, "connection 0 for pages has joined already");
    assert_eq!(beyond, "there is no connection 2 for pages: this host awaits 2, from 0 on");
    assert!(far.contains("no connection 255 for pages"), "{far}");
    assert!(short.contains("malformed"), "{short}");
    assert!(urgent.contains("instead of `join-pages`"), "{urgent}");
}

#[test]
fn a_connection_too_many_finds_nobody() {
    let run = Sides::with([2, 2]).through(vec![], nobody());
    run.wait_for_pages(1_000_000);
    let relay = run.relay.as_ref().unwrap();
    let mut late = TcpStream::connect(relay.address.to_string().trim_start_matches("tcp:")).unwrap();
    late.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(late.read(&mut [0]).unwrap_or(0), 0, "nobody answers");
    assert_eq!(run.end(), Ending::Moved);
}

#[test]
fn a_side_that_has_other_connections_is_refused_with_the_way_out() {
    for (counts, words, remedy) in [
        ([2, 0], "over 2 further connections, and this host awaits none", "`multifd` on both sides"),
        ([0, 2], "over the main connection, and this host awaits 2 more", "`multifd` on both sides"),
        ([4, 2], "over 4 further connections, and this host awaits 2", "`multifd-channels` to the same number"),
    ] {
        let run = Sides::with(counts).through(vec![], nobody());
        let here = run.here.clone();
        assert_eq!(here.wait(PATIENCE, |state| state == source::State::Failed), source::State::Failed);
        let why = here.ending().unwrap().cause.unwrap().to_string();
        assert!(why.contains(words) && why.contains(remedy), "{why}");
        assert_eq!(run.end(), Ending::Stayed);
    }
}

#[test]
fn pages_that_come_by_a_connection_that_is_not_theirs_are_refused() {
    let run = |page: u64, pages| Frame::Zeroes(PageRun { address: page * PAGE, pages }).encode().to_vec();
    let text = Frame::Farewell { payload: Payload::of(b"") }.encode().to_vec();
    for (bytes, words) in [
        (run(4608, 1), "connection 0 for pages: another connection carries"),
        (run(300, 300), "connection 0 for pages: another connection carries"),
        (run(77 + 301, 1), "which this guest does not have"),
        (Frame::RoundEnd { round: 1 }.encode().to_vec(), "the end of a round on a connection for pages"),
        (Frame::Synced.encode().to_vec(), "an answer on a connection for pages"),
        (Frame::MemoryEnd.encode().to_vec(), ""),
        (text, "the peer ended the migration"),
        (vec![0x5a; 64], "does not speak the migration protocol"),
    ] {
        let destination = memory();
        let memory = Memory::of(&destination);
        let layout = Layout::of(&memory).unwrap();
        let ((mut main, mut main_there), (mut zero, zero_there), (mut one, one_there)) =
            (tcp_pair(), tcp_pair(), tcp_pair());
        let channels = vec![zero_there, one_there];
        let progress = Arc::new(Progress::new());
        let pages = PageReceivers::start(&memory, &layout, Arc::clone(&progress), Some(PATIENCE), channels).unwrap();
        let mut receiver = Receiver::new(&memory, &layout, progress).with_pages(pages);
        let wait = patiently();
        // Page 4608 is in the tenth block, which goes by connection 1.
        zero.write_all(&bytes, &wait).unwrap();
        one.write_all(&Frame::MemoryEnd.encode(), &wait).unwrap();
        if words.is_empty() {
            // Everything ends, and nothing came.
            main.write_all(&Frame::MemoryEnd.encode(), &wait).unwrap();
        }
        let error = receiver.next(&mut main_there, &wait).unwrap_err().to_line();
        let expected = if words.is_empty() { "the memory ended before 1407 of its pages came" } else { words };
        assert!(error.contains(expected), "{error} instead of {expected}");
    }
    // Nor may they come on the main connection.
    let destination = memory();
    let memory = Memory::of(&destination);
    let layout = Layout::of(&memory).unwrap();
    let ((mut main, mut main_there), (_zero, zero_there)) = (tcp_pair(), tcp_pair());
    let progress = Arc::new(Progress::new());
    let pages = PageReceivers::start(&memory, &layout, Arc::clone(&progress), None, vec![zero_there]).unwrap();
    let mut receiver = Receiver::new(&memory, &layout, progress).with_pages(pages);
    let wait = patiently();
    main.write_all(&run(0, 1), &wait).unwrap();
    let error = receiver.next(&mut main_there, &wait).unwrap_err().to_line();
    assert!(error.contains("came on the main connection"), "{error}");
}

#[test]
fn a_destination_that_says_what_it_may_not_ends_the_attempt() {
    let unasked = Frame::Synced.encode().to_vec();
    let message = Frame::Message { number: JOIN_PAGES, payload: Payload::of(b"") }.encode().to_vec();
    for (bytes, words) in [
        (unasked, "the destination sent an answer on a connection for pages"),
        (message, "the destination sent a message on a connection for pages"),
        (vec![0x5a; 64], "does not speak the migration protocol"),
        (Frame::Taken { bytes: u64::MAX }.encode().to_vec(), ""),
    ] {
        let source = filled_memory();
        let memory = Memory::of(&source);
        let ((mut main, _main_there), (zero, _zero_there), (one, mut one_there)) = (tcp_pair(), tcp_pair(), tcp_pair());
        let pages = PageSenders::start(&memory, Arc::new(Progress::new()), Some(PATIENCE), vec![zero, one]).unwrap();
        let mut sender = sender();
        sender.set_pages(Some(pages));
        let wait = patiently();
        one_there.write_all(&bytes, &wait).unwrap();
        let mut sends = || {
            let mut dirty = all_pages(&source);
            let _ = sender.send_round(&mut main, &memory, &mut dirty, Pace::Unbounded, &wait)?;
            // It takes a moment until each thread has looked.
            std::thread::sleep(Duration::from_millis(200));
            sender.pages().unwrap().check()
        };
        match (sends(), words) {
            (Ok(()), "") => {}
            (Err(error), words) if !words.is_empty() => assert!(error.to_line().contains(words), "{}", error.to_line()),
            (sent, _) => panic!("{sent:?} instead of `{words}`"),
        }
    }
}
