//! A peer lives while it takes in what is sent to it: neither what a socket buffers nor a word in between changes that.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::channel::{Channel, ChannelErrorKind, Raiser, Wait};
use migration_runtime::memory::Memory;
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::transfer::{Pace, Sender, Sent, receive_message, send_keep_alive, send_message, synchronise};
use migration_runtime::wire::Frame;

use super::peers::{
    Got, NEVER, PATIENCE, all_pages, beside, contents, filled_memory, got, memory, patiently, receiver, sender,
    tcp_pair,
};

#[test]
fn what_a_socket_buffers_is_no_sign_of_life() {
    let source = filled_memory();
    let (mut here, _there) = tcp_pair();
    let parameters = Parameters::default();
    // The buffers of the sockets would hold what is sent for longer than anybody waits.
    parameters.set_max_bandwidth(100 << 10);
    let mut sender = Sender::new(Arc::new(parameters), Arc::new(Progress::new()));
    let began = Instant::now();
    let wait = Wait::new(&*NEVER, Duration::from_secs(1));
    let sent = sender.send_round(&mut here, &Memory::of(&source), &mut all_pages(&source), Pace::Bounded, &wait);
    let error = sent.unwrap_err();
    assert_eq!(error.kind(), ChannelErrorKind::TimedOut);
    assert_eq!(error.to_string(), "the peer took nothing in for 1 s");
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
}

/// A stream of a VMM's own, which reads slowly.
struct Slow(UnixStream);

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = into.len().min(32 << 10);
        let read = self.0.read(&mut into[..count])?;
        thread::sleep(Duration::from_millis(10));
        Ok(read)
    }
}

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Now and then a part is all that is taken, as any stream may.
        self.0.write(&bytes[..bytes.len().min(7)])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsFd for Slow {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[test]
fn a_slow_peer_is_waited_for_as_long_as_it_takes_something_in() {
    let (source, target) = (filled_memory(), memory());
    let (one, other) = UnixStream::pair().unwrap();
    let mut here = Channel::from_fd(one.into(), "the receiver").unwrap();
    let mut there = Channel::from_stream(Slow(other), "the sender").unwrap();
    let began = Instant::now();
    let progress = Arc::new(Progress::new());
    beside(
        || {
            let wait = Wait::new(&*NEVER, Duration::from_millis(600));
            let parameters = Parameters::default();
            parameters.set_max_bandwidth(0);
            let mut sender = Sender::new(Arc::new(parameters), Arc::clone(&progress));
            let mut dirty = all_pages(&source);
            let sent = sender.send_round(&mut here, &Memory::of(&source), &mut dirty, Pace::Bounded, &wait);
            assert_eq!(sent.unwrap(), Sent::All);
            assert_eq!(synchronise(&mut here, &wait).unwrap(), None);
            assert_eq!(here.bytes_taken(), here.bytes_sent());
            assert!(progress.snapshot().taken_bytes > 0);
            drop(here);
        },
        || {
            let wait = patiently();
            let mut receiver = receiver(&target);
            assert_eq!(got(receiver.next(&mut there, &wait).unwrap()), Got::RoundEnd(1));
            // The question is answered while the next thing is awaited, which is the end.
            assert_eq!(receiver.next(&mut there, &wait).unwrap_err().kind(), ChannelErrorKind::Closed);
        },
    );
    assert!(began.elapsed() > Duration::from_millis(1200), "slower than the peer may be silent");
    assert!(contents(&source) == contents(&target));
}

#[test]
fn a_sign_of_life_does_not_stop_a_sender() {
    let (source, target) = (filled_memory(), memory());
    let (mut here, mut there) = tcp_pair();
    for _ in 0..5 {
        send_keep_alive(&mut there, &patiently()).unwrap();
    }
    here.wait_for_peer(&patiently()).unwrap();
    let (sent, received) = beside(
        || {
            let wait = patiently();
            sender().send_round(&mut here, &Memory::of(&source), &mut all_pages(&source), Pace::Bounded, &wait)
        },
        || receiver(&target).next(&mut there, &patiently()),
    );
    assert_eq!(sent.unwrap(), Sent::All);
    assert_eq!(got(received.unwrap()), Got::RoundEnd(1));
}

#[test]
fn a_descriptor_that_is_no_stream_is_refused() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let error = Channel::from_fd(socket.into(), "nobody").unwrap_err();
    assert_eq!(error.to_string(), "the descriptor is a socket, but not a stream");
}

#[test]
fn an_answer_that_comes_after_nobody_waits_for_it_disturbs_nothing() {
    let (mut here, mut there) = tcp_pair();
    let leaves = Raiser::new().unwrap();
    let wait = patiently();
    let ((), left) = beside(
        || {
            there.wait_for_peer(&patiently()).unwrap();
            leaves.raise();
        },
        || synchronise(&mut here, &Wait::new(&leaves, PATIENCE)),
    );
    assert_eq!(left.unwrap_err().kind(), ChannelErrorKind::Interrupted);
    there.write_all(&Frame::Synced.encode(), &wait).unwrap();
    send_message(&mut there, 3, b"ready", &wait).unwrap();
    let heard = receive_message(&mut here, &wait).unwrap();
    assert_eq!((heard.number, heard.payload), (3, b"ready".to_vec()));
    there.write_all(&Frame::Synced.encode(), &wait).unwrap();
    let error = receive_message(&mut here, &wait).unwrap_err();
    assert_eq!(error.to_string(), "the peer sent an answer instead of a message");
}
