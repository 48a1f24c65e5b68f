//! A source that lies when it starts a post-copy: the destination refuses with one clear error, and never starts the guest.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use migration_runtime::channel::Channel;
use migration_runtime::destination::DestinationWork;
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::machine::{Machine, Outcome, drive};
use migration_runtime::memory::{Layout, Memory};
use migration_runtime::postcopy::send_missing;
use migration_runtime::progress::Progress;
use migration_runtime::states::Message;
use migration_runtime::states::destination::{Destination, Guard, State, Trigger};
use migration_runtime::transfer::{RawMessage, Sent, receive_message, send_message};
use migration_runtime::wire::{Frame, HandOver, Hello, JOIN, Refusal, Token, encode_membership};

use super::super::peers::{accepted, listen, patiently, sender};
use super::super::rig::TestGuest;
use super::rig::{read_header, userfaultfd};

const TOKEN: Token = Token::from_bytes([7; 16]);

struct Liar {
    main: Channel,
    guest: Arc<TestGuest>,
    layout: Layout,
    destination: JoinHandle<Outcome<Destination>>,
    at: String,
}

impl Liar {
    /// A source that was welcomed, and has sent the device state of a guest whose memory never came.
    fn welcomed(postcopy: bool) -> Liar {
        Liar::welcomed_by(TestGuest::new(), postcopy, &[])
    }

    /// The same with a guest of the test's, and with these bytes as the device state.
    fn welcomed_by(guest: Arc<TestGuest>, postcopy: bool, state: &[u8]) -> Liar {
        let wait = patiently();
        let listener = listen();
        let at = listener.address().to_string();
        let layout = Layout::of(&Guest::memory(&*guest)).unwrap();
        let machine = Machine::<Destination>::new(move |guard| guard == Guard::PostcopyRam && postcopy);
        let mut work = DestinationWork::new(guest.clone(), listener, Arc::new(Progress::new()));
        if postcopy {
            work = work.with_postcopy();
        }
        let attempt = accepted(machine.raise(Trigger::Incoming));
        let destination = thread::spawn(move || drive(&machine, attempt, &mut work));
        let mut main = Channel::connect(&at.parse().unwrap(), &wait).unwrap();
        let hello = Hello::new(TOKEN, b"test-1".to_vec(), layout.clone()).unwrap();
        let hello = if postcopy { hello.with_postcopy() } else { hello };
        send_message(&mut main, Message::Hello.number(), &hello.encode(), &wait).unwrap();
        assert_eq!(receive_message(&mut main, &wait).unwrap().number, Message::Welcome.number());
        let mut sender = sender();
        let sent = [sender.send_state(&mut main, state, &wait).unwrap(), sender.end_state(&mut main, &wait).unwrap()];
        assert_eq!(sent, [Sent::All; 2]);
        Liar { main, guest, layout, destination, at }
    }

    /// Starts the post-copy of a guest that lacks these pages.
    fn listen(&mut self, missing: &DirtyBitmap) {
        let wait = patiently();
        send_message(&mut self.main, Message::Listen.number(), &[], &wait).unwrap();
        send_missing(&mut self.main, missing, &wait).unwrap();
    }

    /// Opens the connection for page requests.
    fn join(&self) -> Channel {
        let wait = patiently();
        let mut urgent = Channel::connect(&self.at.parse().unwrap(), &wait).unwrap();
        send_message(&mut urgent, JOIN, &encode_membership(TOKEN), &wait).unwrap();
        assert_eq!(receive_message(&mut urgent, &wait).unwrap().number, JOIN);
        urgent
    }

    /// Leaves, and returns what the destination says of it.
    fn leaves(self) -> String {
        drop(self.main);
        let outcome = self.destination.join().unwrap();
        assert_eq!(outcome.state, State::Failed);
        assert!(!self.guest.is_up());
        outcome.cause().unwrap().to_string()
    }

    /// Expects to be refused, for this reason.
    fn refused(mut self, why: &str) {
        let RawMessage { number, payload } = receive_message(&mut self.main, &patiently()).unwrap();
        assert_eq!(number, Message::Refused.number());
        let said = Refusal::decode(&payload);
        assert!(said.text().contains(why), "{}", said.text());
        drop(self.main);
        assert_eq!(self.destination.join().unwrap().state, State::Failed);
        assert!(!self.guest.was_called("run") && !self.guest.is_up());
    }
}

#[test]
fn pages_that_never_came_cannot_be_left_out() {
    let Some(()) = userfaultfd() else { return };
    let mut liar = Liar::welcomed(true);
    let mut some = DirtyBitmap::new(&liar.layout);
    some.set(0);
    liar.listen(&some);
    liar.refused("leaves out pages that have never come");
}

#[test]
fn a_connection_of_another_attempt_does_not_join() {
    let Some(()) = userfaultfd() else { return };
    let mut liar = Liar::welcomed(true);
    let mut all = DirtyBitmap::new(&liar.layout);
    all.set_all();
    liar.listen(&all);
    let wait = patiently();
    let mut other = Channel::connect(&liar.at.parse().unwrap(), &wait).unwrap();
    send_message(&mut other, JOIN, &encode_membership(Token::from_bytes([8; 16])), &wait).unwrap();
    let answer = receive_message(&mut other, &wait).unwrap();
    assert_eq!(answer.number, Message::Refused.number());
    assert!(Refusal::decode(&answer.payload).text().contains("another attempt"));
    // The right one still can.
    let _urgent = liar.join();
    // The device state that it sent lacks a register.
    liar.refused("the device state is not moved");
}

#[test]
fn a_source_without_post_copy_cannot_start_one() {
    let mut liar = Liar::welcomed(false);
    let all = DirtyBitmap::new(&liar.layout);
    liar.listen(&all);
    liar.refused("the peer sent the message `listen`");
}

/// What a bitmap of another memory is good for.
#[test]
fn a_bitmap_of_another_memory_is_refused() {
    let Some(()) = userfaultfd() else { return };
    let mut liar = Liar::welcomed(true);
    let larger = vm_memory::GuestMemoryMmap::<()>::from_ranges(&[(vm_memory::GuestAddress(0), 64 << 20)]).unwrap();
    let mut all = DirtyBitmap::new(&Layout::of(&Memory::of(&Arc::new(larger))).unwrap());
    all.set_all();
    liar.listen(&all);
    liar.refused("does not fit the memory");
}

/// A guest that waits for a page in `load` or in `run` finds zeroes there once the page cannot come. What it says of them
/// is not why it was not started.
#[test]
fn a_source_that_leaves_while_the_guest_starts_is_why_it_was_not_started() {
    let Some(()) = userfaultfd() else { return };
    for method in ["load", "run"] {
        let guest = TestGuest::new().on(method, |guest| match guest.read(0) {
            0 => Err(GuestError::new("the page holds zeroes")),
            _ => Ok(()),
        });
        let mut liar = Liar::welcomed_by(Arc::clone(&guest), true, &7_u64.to_le_bytes());
        let mut all = DirtyBitmap::new(&liar.layout);
        all.set_all();
        liar.listen(&all);
        let mut urgent = liar.join();
        if method == "run" {
            let wait = patiently();
            assert_eq!(receive_message(&mut liar.main, &wait).unwrap().number, Message::Prepared.number());
            send_message(&mut liar.main, Message::HandOver.number(), &HandOver { runs: true }.encode(), &wait).unwrap();
        }
        guest.wait_for_call(method);
        // A request that is left unread would make the end a reset.
        let asked = read_header(&mut urgent, &patiently());
        assert!(matches!(asked, Frame::Request(_)), "{asked:?}");
        drop(urgent);
        let why = liar.leaves();
        assert!(why.contains("missing pages cannot be fetched: the peer closed the connection"), "{method}: {why}");
    }
}

#[test]
fn a_source_that_leaves_before_its_second_connection_has_come_is_not_waited_for() {
    let Some(()) = userfaultfd() else { return };
    let mut liar = Liar::welcomed(true);
    let mut all = DirtyBitmap::new(&liar.layout);
    all.set_all();
    liar.listen(&all);
    let left = Instant::now();
    let why = liar.leaves();
    assert!(left.elapsed() < Duration::from_secs(10), "{:?}: {why}", left.elapsed());
    assert!(why.contains("the peer closed the connection"), "{why}");
}
