//! A source that lies when it starts a post-copy: the destination refuses with one clear error, and never starts the guest.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use migration_runtime::channel::{Channel, Listener, Raiser, Wait};
use migration_runtime::destination::DestinationWork;
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::Guest;
use migration_runtime::machine::{Machine, Outcome, Raised, drive};
use migration_runtime::memory::{Layout, Memory};
use migration_runtime::postcopy::send_missing;
use migration_runtime::progress::Progress;
use migration_runtime::states::Message;
use migration_runtime::states::destination::{Destination, Guard, State, Trigger};
use migration_runtime::transfer::{RawMessage, receive_message, send_message};
use migration_runtime::wire::{Frame, Hello, JOIN, Refusal, Token, encode_membership};

use super::super::peers::PATIENCE;
use super::super::rig::TestGuest;
use super::rig::userfaultfd;

const TOKEN: Token = Token::from_bytes([7; 16]);

struct Liar {
    never: Raiser,
    main: Channel,
    guest: Arc<TestGuest>,
    layout: Layout,
    destination: JoinHandle<Outcome<Destination>>,
    at: String,
}

impl Liar {
    /// A source that was welcomed, and has sent the device state of a guest whose memory never came.
    fn welcomed(postcopy: bool) -> Liar {
        let never = Raiser::new().unwrap();
        let wait = Wait::new(&never, PATIENCE);
        let listener = Listener::bind(&"tcp:127.0.0.1:0".parse().unwrap(), &wait).unwrap();
        let at = listener.address().to_string();
        let guest = TestGuest::new();
        let layout = Layout::of(&Guest::memory(&*guest)).unwrap();
        let machine = Machine::<Destination>::new(move |guard| guard == Guard::PostcopyRam && postcopy);
        let mut work = DestinationWork::new(guest.clone(), listener, Arc::new(Progress::new()));
        if postcopy {
            work = work.with_postcopy();
        }
        let Raised::Accepted(attempt) = machine.raise(Trigger::Incoming) else { panic!("it was idle") };
        let destination = thread::spawn(move || drive(&machine, attempt, &mut work));
        let mut main = Channel::connect(&at.parse().unwrap(), &wait).unwrap();
        let hello = Hello::new(TOKEN, b"test-1".to_vec(), layout.clone()).unwrap();
        let hello = if postcopy { hello.with_postcopy() } else { hello };
        send_message(&mut main, Message::Hello.number(), &hello.encode(), &wait).unwrap();
        assert_eq!(receive_message(&mut main, &wait).unwrap().number, Message::Welcome.number());
        main.write_all(&Frame::StateEnd { bytes: 0 }.encode(), &wait).unwrap();
        Liar { never, main, guest, layout, destination, at }
    }

    /// Starts the post-copy of a guest that lacks these pages.
    fn listen(&mut self, missing: &DirtyBitmap) {
        let wait = Wait::new(&self.never, PATIENCE);
        send_message(&mut self.main, Message::Listen.number(), &[], &wait).unwrap();
        send_missing(&mut self.main, missing, &wait).unwrap();
    }

    /// Expects to be refused, for this reason.
    fn refused(mut self, why: &str) {
        let RawMessage { number, payload } =
            receive_message(&mut self.main, &Wait::new(&self.never, PATIENCE)).unwrap();
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
    if !userfaultfd() {
        return;
    }
    let mut liar = Liar::welcomed(true);
    let mut some = DirtyBitmap::new(&liar.layout);
    some.set(0);
    liar.listen(&some);
    liar.refused("leaves out pages that have never come");
}

#[test]
fn a_connection_of_another_attempt_does_not_join() {
    if !userfaultfd() {
        return;
    }
    let mut liar = Liar::welcomed(true);
    let mut all = DirtyBitmap::new(&liar.layout);
    all.set_all();
    liar.listen(&all);
    let wait = Wait::new(&liar.never, PATIENCE);
    let mut other = Channel::connect(&liar.at.parse().unwrap(), &wait).unwrap();
    send_message(&mut other, JOIN, &encode_membership(Token::from_bytes([8; 16])), &wait).unwrap();
    let answer = receive_message(&mut other, &wait).unwrap();
    assert_eq!(answer.number, Message::Refused.number());
    assert!(Refusal::decode(&answer.payload).text().contains("another attempt"));
    // The right one still can.
    let mut urgent = Channel::connect(&liar.at.parse().unwrap(), &wait).unwrap();
    send_message(&mut urgent, JOIN, &encode_membership(TOKEN), &wait).unwrap();
    assert_eq!(receive_message(&mut urgent, &wait).unwrap().number, JOIN);
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
    if !userfaultfd() {
        return;
    }
    let mut liar = Liar::welcomed(true);
    let larger = vm_memory::GuestMemoryMmap::<()>::from_ranges(&[(vm_memory::GuestAddress(0), 64 << 20)]).unwrap();
    let mut all = DirtyBitmap::new(&Layout::of(&Memory::of(&Arc::new(larger))).unwrap());
    all.set_all();
    liar.listen(&all);
    liar.refused("does not fit the memory");
}
