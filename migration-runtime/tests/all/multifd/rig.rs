//! A guest that writes while it is moved over several connections.

use std::num::NonZeroU8;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use migration_runtime::channel::Endpoint;
use migration_runtime::destination::DestinationWork;
use migration_runtime::machine::{Machine, Outcome, Raised, drive};
use migration_runtime::multifd::Multifd;
use migration_runtime::parameters::{OnLimit, Parameters};
use migration_runtime::progress::Progress;
use migration_runtime::source::SourceWork;
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::tls::{TlsClient, TlsServer};
use migration_runtime::wire::Token;

use super::super::backing::Kind;
use super::super::counter::{Counter, Handle};
use super::super::peers::{PATIENCE, accepted, listen, show};
use super::relay::{Before, Fate, Relay};

pub(super) const TOKEN: [u8; 16] = [5; 16];

/// How long memory is moved in rounds.
const ROUNDS: Duration = Duration::from_millis(300);

/// What became of the guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    Moved,
    Stayed,
    Cancelled,
    /// The word that gave it up, or the answer to that, was lost.
    InDoubt,
}

/// A migration that has begun, on threads of its own.
pub(super) struct Run {
    pub(super) from: Arc<Counter>,
    pub(super) to: Arc<Counter>,
    pub(super) here: Machine<Source>,
    pub(super) there: Machine<Destination>,
    pub(super) sent: Arc<Progress>,
    pub(super) relay: Option<Relay>,
    drivers: (JoinHandle<Outcome<Source>>, JoinHandle<Outcome<Destination>>),
}

/// Both sides of a migration, before it begins.
pub(super) struct Sides {
    pub(super) multifd: [Option<Multifd>; 2],
    pub(super) postcopy: bool,
    pub(super) silence: Option<Duration>,
    pub(super) kind: Kind,
    /// Where the certificates are, if all connections are encrypted.
    pub(super) certificates: Option<PathBuf>,
}

impl Sides {
    /// Both sides with so many connections for pages, or none.
    pub(super) fn with(counts: [u8; 2]) -> Sides {
        let multifd = counts.map(|count| NonZeroU8::new(count).map(Multifd::new));
        Sides { multifd, postcopy: false, silence: None, kind: Kind::Anonymous, certificates: None }
    }

    /// Begins a migration through a network.
    pub(super) fn through(self, fates: Vec<Fate>, before: Before) -> Run {
        let listener = listen();
        let relay = Relay::start(listener.address(), fates, before);
        let address = relay.address.clone();
        Run { relay: Some(relay), ..self.between(address.into(), listener.into()) }
    }

    /// Begins a migration between two ends.
    pub(super) fn between(self, from: Endpoint, to: Endpoint) -> Run {
        let [sends, receives] = self.multifd;
        let (here, there) = machines(self.postcopy);
        if let Some(silence) = self.silence {
            here.set_timeout(source::State::Active, silence);
            there.set_timeout(destination::State::Loading, silence);
        }
        let (guest, arriving) = (Counter::running(self.kind), Counter::new(self.kind));
        let sent = Arc::new(Progress::new());
        let handle = Arc::new(Handle(Arc::clone(&arriving)));
        let mut work = DestinationWork::new(handle, to, Arc::new(Progress::new())).with_token(Token::from_bytes(TOKEN));
        if let Some(multifd) = receives {
            work = work.with_multifd(multifd);
        }
        if self.postcopy {
            work = work.with_postcopy();
        }
        if let Some(directory) = &self.certificates {
            work = work.with_tls(TlsServer::from_directory(directory).unwrap());
        }
        let attempt = accepted(there.raise(destination::Trigger::Incoming));
        let machine = there.clone();
        let at_destination = thread::spawn(move || drive(&machine, attempt, &mut work));
        let handle = Arc::new(Handle(Arc::clone(&guest)));
        let work = SourceWork::new(handle, from, parameters(self.postcopy), Arc::clone(&sent), |_| {});
        let mut work = work.unwrap().with_token(Token::from_bytes(TOKEN));
        if let Some(multifd) = sends {
            work = work.with_multifd(multifd);
        }
        if self.postcopy {
            work = work.with_postcopy();
        }
        if let Some(directory) = &self.certificates {
            work = work.with_tls(TlsClient::from_directory(directory, "127.0.0.1").unwrap());
        }
        let attempt = accepted(here.raise(source::Trigger::Migrate));
        let machine = here.clone();
        let at_source = thread::spawn(move || drive(&machine, attempt, &mut work));
        let drivers = (at_source, at_destination);
        Run { from: guest, to: arriving, here, there, sent, relay: None, drivers }
    }
}

impl Run {
    /// Waits until memory is being moved.
    pub(super) fn wait_for_pages(&self, bytes: u64) {
        let began = std::time::Instant::now();
        while self.sent.snapshot().transferred_bytes < bytes {
            assert!(began.elapsed() < PATIENCE, "no pages leave");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until so many bytes of the source have passed on a connection.
    pub(super) fn wait_for_passed(&self, connection: usize, bytes: u64) {
        self.wait_for_passed_or_end(connection, bytes);
        assert!(self.passed(connection) >= bytes, "the attempt ends before so much passes");
    }

    /// The same; or until the attempt is over.
    pub(super) fn wait_for_passed_or_end(&self, connection: usize, bytes: u64) {
        let began = std::time::Instant::now();
        while self.passed(connection) < bytes && self.here.state().kind() != migration_runtime::states::Kind::Idle {
            assert!(began.elapsed() < PATIENCE, "too little passes");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn passed(&self, connection: usize) -> u64 {
        self.relay.as_ref().unwrap().passed[connection].load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Waits for both sides, and looks at what became of the guest.
    pub(super) fn end(self) -> Ending {
        let idle = |kind| kind == migration_runtime::states::Kind::Idle;
        let here = self.here.wait(PATIENCE, |state| idle(state.kind()));
        assert!(idle(here.kind()), "the source stays in `{here}`");
        let there = self.there.wait(Duration::from_secs(20), |state| {
            idle(state.kind()) || (state == destination::State::Listening && here != source::State::Completed)
        });
        if there == destination::State::Listening {
            // The source never came.
            accepted_or_over(&self.there.raise(destination::Trigger::Cancel));
        }
        let (at_source, at_destination) = self.drivers;
        at_source.join().unwrap();
        let there = at_destination.join().unwrap().state;
        let runs = (self.from.is_up(), self.to.is_up());
        let (ending, guest) = match (here, there) {
            (source::State::Completed, destination::State::Completed) => (Ending::Moved, Some(&self.to)),
            (source::State::Failed, destination::State::Failed) => (Ending::Stayed, Some(&self.from)),
            (source::State::Cancelled, destination::State::Failed) => (Ending::Cancelled, Some(&self.from)),
            (source::State::Unknown, destination::State::Failed | destination::State::Completed) => {
                (Ending::InDoubt, runs.1.then_some(&self.to))
            }
            other => panic!("{other:?}"),
        };
        let expected =
            guest.map_or((false, false), |guest| (Arc::ptr_eq(guest, &self.from), Arc::ptr_eq(guest, &self.to)));
        assert_eq!(runs, expected, "{ending:?}");
        if let Some(guest) = guest {
            guest.count_on(1000);
            guest.assert_whole();
        }
        ending
    }
}

/// A guest that writes all the time is moved for a while, and then as it is; or left to a post-copy.
fn parameters(postcopy: bool) -> Arc<Parameters> {
    let parameters = Parameters::default();
    parameters.set_downtime_limit_ms(0).unwrap();
    parameters.set_max_bandwidth(0);
    if !postcopy {
        parameters.set_attempt_limit_ms(ROUNDS.as_millis() as u64);
        parameters.set_on_limit(OnLimit::SwitchOver);
    }
    Arc::new(parameters)
}

fn machines(postcopy: bool) -> (Machine<Source>, Machine<Destination>) {
    let here = Machine::<Source>::new(move |guard| postcopy && guard == source::Guard::PostcopyRam);
    let there = Machine::<Destination>::new(move |guard| postcopy && guard == destination::Guard::PostcopyRam);
    for state in [source::State::HandingOver, source::State::InDoubt] {
        here.set_timeout(state, Duration::from_millis(1500));
    }
    there.set_timeout(destination::State::StandingBy, Duration::from_secs(1));
    show(&here);
    show(&there);
    (here, there)
}

fn accepted_or_over(raised: &Raised) {
    assert!(!matches!(raised, Raised::Refused(_)), "{raised:?}");
}
