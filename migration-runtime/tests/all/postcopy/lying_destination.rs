//! A destination that leaves in the middle of a post-copy's beginning.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::guest::Guest;
use migration_runtime::machine::{Machine, drive};
use migration_runtime::memory::Layout;
use migration_runtime::parameters::Parameters;
use migration_runtime::postcopy::receive_missing;
use migration_runtime::progress::Progress;
use migration_runtime::source::SourceWork;
use migration_runtime::states::Message;
use migration_runtime::states::source::{Guard, Source, State, Trigger};
use migration_runtime::transfer::{Received, Receiver, receive_message, send_message};
use migration_runtime::wire::{Hello, JOIN};

use super::super::peers::{PATIENCE, accepted, listen, patiently};
use super::super::rig::TestGuest;

#[test]
fn a_destination_that_leaves_before_it_answers_the_second_connection_is_not_waited_for() {
    let wait = patiently();
    let listener = listen();
    let (guest, parameters) = (TestGuest::running(), Arc::new(Parameters::default()));
    // Without a post-copy, memory does not converge.
    parameters.set_downtime_limit_ms(0).unwrap();
    parameters.set_max_bandwidth(1 << 20);
    let machine = Machine::<Source>::new(|guard| guard == Guard::PostcopyRam);
    let (at, progress) = (listener.address().clone(), Arc::new(Progress::new()));
    let mut work = SourceWork::new(guest.clone(), at, parameters, progress, |_| {}).unwrap().with_postcopy();
    let attempt = accepted(machine.raise(Trigger::Migrate));
    let driven = machine.clone();
    let source = thread::spawn(move || drive(&driven, attempt, &mut work));

    let mut main = listener.accept(&wait).unwrap();
    let (_, welcome) = Hello::decode(&receive_message(&mut main, &wait).unwrap().payload).unwrap();
    send_message(&mut main, Message::Welcome.number(), &welcome.encode(), &wait).unwrap();
    assert_eq!(machine.wait(PATIENCE, |state| state == State::Active), State::Active);
    machine.raise(Trigger::StartPostcopy);
    let here = TestGuest::new();
    let (memory, layout) = (here.memory(), Layout::of(&here.memory()).unwrap());
    let mut receiver = Receiver::new(&memory, &layout, Arc::new(Progress::new())).with_restarts();
    while !matches!(receiver.next(&mut main, &wait).unwrap(), Received::Message(_)) {}
    receive_missing(&mut main, &layout, &wait).unwrap();
    let mut urgent = listener.accept(&wait).unwrap();
    assert_eq!(receive_message(&mut urgent, &wait).unwrap().number, JOIN);
    drop(main);
    let left = Instant::now();
    let outcome = source.join().unwrap();
    assert_eq!(outcome.state, State::Failed);
    assert!(guest.is_up() && left.elapsed() < Duration::from_secs(10), "{:?} {outcome:?}", left.elapsed());
    assert!(outcome.cause().unwrap().text().contains("the peer closed the connection"), "{outcome:?}");
}
