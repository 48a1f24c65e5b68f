//! Evidence of an old attempt never acts on a new one: a first migration hangs and is cancelled, a second one is on its
//! way, and then the first connection answers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use migration_runtime::cause::Cause;
use migration_runtime::machine::{Machine, Performs, Raised, Step, Unsent, Visit, VisitOver, drive};
use migration_runtime::states::source::{Event, Reported, Source, State, Trigger};
use migration_runtime::states::{Message, Status, destination};
use migration_runtime::wire::{HEADER_BYTES, Refusal, VERSION_MAX, Welcome};
use migration_testkit::network::FullPort;
use serde_json::json;

use super::pair::{LIMIT, Pair, accepted};
use super::process::pair_of_hosts;
use super::wire::message;

/// Longer than any test: what has this limit is not ended by it.
const HOUR: Duration = Duration::from_secs(3600);

/// What the first connection says, at last.
fn answers() -> Vec<(&'static str, Vec<u8>)> {
    let refusal = Refusal::new("too late").encode();
    vec![
        ("nothing, and hangs up", Vec::new()),
        ("welcome", message(Message::Welcome.number(), &Welcome { version: VERSION_MAX }.encode())),
        ("refused", message(Message::Refused.number(), &refusal)),
        ("ready", message(Message::Ready.number(), &[])),
        ("running", message(Message::Running.number(), &[])),
        ("garbage", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
    ]
}

/// A destination that takes the connection and says nothing.
struct Mute {
    listener: TcpListener,
}

impl Mute {
    fn new() -> Mute {
        Mute { listener: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn address(&self) -> String {
        self.listener.local_addr().unwrap().to_string()
    }

    /// The source, once it has said hello.
    fn visitor(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        stream.read_exact(&mut [0; HEADER_BYTES]).unwrap();
        stream
    }
}

/// The source has hung up, or did not read what was said: nobody minds.
fn say(mut stream: TcpStream, bytes: &[u8]) {
    drop(stream.write_all(bytes));
}

#[test]
fn the_first_destination_answers_during_the_second_attempt() {
    for (what, bytes) in answers() {
        let mut pair = Pair::new(true);
        pair.source.set_timeout(State::Negotiating, HOUR);
        let mute = Mute::new();
        pair.migrate(&mute.address());
        let first = mute.visitor();
        assert_eq!(pair.source.wait(LIMIT, |state| state == State::Negotiating), State::Negotiating);
        accepted(&pair.source.raise(Trigger::Cancel));
        assert_eq!(pair.source.wait(LIMIT, |state| state.is_idle()), State::Cancelled);
        second_attempt(pair, what, || say(first, &bytes));
    }
}

#[test]
fn a_port_that_takes_nobody_is_left_at_once() {
    let mut pair = Pair::new(true);
    pair.source.set_timeout(State::Connecting, HOUR);
    let states = states(&pair.source);
    let full = FullPort::start().unwrap();
    pair.migrate(full.address().trim_start_matches("tcp:"));
    assert_eq!(pair.source.state(), State::Connecting);
    accepted(&pair.source.raise(Trigger::Cancel));
    assert_eq!(pair.source.wait(LIMIT, |state| state.is_idle()), State::Cancelled);
    assert_eq!(*states.lock().unwrap(), [State::Connecting, State::Cancelling, State::Cancelled]);
    second_attempt(pair, "the port is free at last", move || full.take_everybody());
}

/// Moves the guest; in the midst of it, something belated happens to the first attempt.
fn second_attempt(mut pair: Pair, what: &str, belated: impl FnOnce()) {
    let at = pair.listen();
    pair.migrate(&at);
    assert_eq!(pair.source.wait(LIMIT, |state| state == State::PreSwitchover), State::PreSwitchover, "{what}");
    let told = told(&pair.source);
    belated();
    accepted(&pair.source.raise(Trigger::Continue));
    assert_eq!(pair.settle(), (State::Completed, destination::State::Completed), "{what}");
    use Status::{Active, Cancelled, Cancelling, Completed, Device, PreSwitchover, Setup};
    let shown = [Setup, Cancelling, Cancelled, Setup, Active, PreSwitchover, Device, Completed];
    assert_eq!(*pair.source_shows.lock().unwrap(), shown, "{what}");
    assert_eq!(*told.lock().unwrap(), [Event::Ready, Event::Running, Event::CleanedUp], "{what}");
    assert_eq!(pair.watch.most(), 1, "{what}");
    let verdict = pair.destination_guest.verdict();
    assert!(verdict.is_whole(), "{what}: {:?}", verdict.faults);
}

#[test]
fn the_same_between_processes() {
    let mut hosts = pair_of_hosts();
    hosts.source.capability("pause-before-switchover").unwrap();
    let mut firsts = Vec::new();
    for (_, bytes) in answers() {
        let mute = Mute::new();
        hosts.source.ask("migrate", json!({ "uri": format!("tcp:{}", mute.address()) }));
        firsts.push((mute.visitor(), bytes));
        hosts.source.ask("migrate_cancel", json!({}));
        let events = hosts.source.events_until("MIGRATION cancelled");
        assert_eq!(events, ["MIGRATION setup", "MIGRATION cancelling", "MIGRATION cancelled"]);
    }
    let full = FullPort::start().unwrap();
    hosts.source.ask("migrate", json!({ "uri": full.address() }));
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.source.wait_for("cancelled");

    hosts.migrate();
    hosts.source.wait_for("pre-switchover");
    for (stream, bytes) in firsts {
        say(stream, &bytes);
    }
    full.take_everybody();
    hosts.source.ask("migrate-continue", json!({"state": "pre-switchover"}));
    assert_eq!(hosts.source.events_until("MIGRATION completed"), ["MIGRATION device", "MIGRATION completed"]);
    hosts.destination.wait_for("completed");
    assert!(hosts.destination.is_whole());
}

/// Work that does not notice the end of its visit. Its evidence comes late, and changes nothing; and until it has
/// come, no other attempt can begin.
#[test]
fn work_that_is_late_finds_nothing_changed_by_it() {
    let machine: Machine<Source> = Machine::new(|_| false);
    let steps = states(&machine);
    let evidence = told(&machine);
    let attempt = accepted(&machine.raise(Trigger::Migrate));
    let (begun, begins) = channel();
    let (release, released) = channel();
    let driver = {
        let machine = machine.clone();
        thread::spawn(move || drive(&machine, attempt, &mut Stubborn { begun, released }))
    };
    assert_eq!(begins.recv_timeout(LIMIT), Ok(State::Connecting));
    accepted(&machine.raise(Trigger::Cancel));
    assert!(matches!(machine.raise(Trigger::Migrate), Raised::Refused(_)), "the first has not cleaned up");
    assert_eq!(machine.state(), State::Cancelling);
    release.send(Event::Connected).unwrap();
    assert_eq!(begins.recv_timeout(LIMIT), Ok(State::Cancelling));
    assert_eq!(machine.state(), State::Cancelling, "it is cancelled for all that it is connected");
    release.send(Event::CleanedUp).unwrap();
    driver.join().unwrap();
    assert_eq!(*steps.lock().unwrap(), [State::Connecting, State::Cancelling, State::Cancelled]);
    assert_eq!(*evidence.lock().unwrap(), [Event::CleanedUp], "what was stale is no evidence");
}

/// Reports what it is told to, when it is told to.
struct Stubborn {
    begun: Sender<State>,
    released: Receiver<Event>,
}

impl Performs<Stubborn> for Source {
    type Cause = Cause;

    fn send(_work: &mut Stubborn, _message: Message, _visit: &Visit) -> Result<(), Unsent> {
        Err(Unsent::Failed(Cause::new("there is nobody to talk to")))
    }

    fn perform(work: &mut Stubborn, state: State, _visit: &Visit) -> Option<Result<Reported<Cause>, VisitOver>> {
        if state.is_idle() {
            return None;
        }
        work.begun.send(state).unwrap();
        Some(Ok(Reported::new(work.released.recv().unwrap())))
    }
}

/// The states that a source enters from now on.
fn states(machine: &Machine<Source>) -> Arc<Mutex<Vec<State>>> {
    let entered = Arc::<Mutex<Vec<State>>>::default();
    let list = Arc::clone(&entered);
    machine.subscribe(move |step| {
        if let Step::Fired { transition, .. } = step {
            list.lock().unwrap().push(transition.to);
        }
    });
    entered
}

/// The evidence that a source takes from now on.
fn told(machine: &Machine<Source>) -> Arc<Mutex<Vec<Event>>> {
    let events = Arc::<Mutex<Vec<Event>>>::default();
    let list = Arc::clone(&events);
    machine.subscribe(move |step| {
        if let Step::Reported { event, stale: false, .. } = step {
            list.lock().unwrap().push(*event);
        }
    });
    events
}
