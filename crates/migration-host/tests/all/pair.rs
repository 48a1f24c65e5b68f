//! Two sides of one migration in this process, each with its machine, its guest and its driving thread.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use migration_host::guest::Contents;
use migration_runtime::address::Address;
use migration_runtime::channel::{Listener, Raiser, Wait};
use migration_runtime::destination::DestinationWork;
use migration_runtime::guest::Guest;
use migration_runtime::machine::{Attempt, Ending, Machine, Raised, Step, drive};
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::source::SourceWork;
use migration_runtime::states::{Role, Status, destination, source};
use migration_runtime::tls::{TlsClient, TlsServer};
use migration_runtime::wire::Token;

use super::watched::{Watch, Watched};

/// No test takes longer than this to come to an end, unless something hangs.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// How long the sides of a hurried pair wait for each other when nothing comes.
const SILENCE: Duration = Duration::from_millis(150);

/// Both sides.
pub(crate) struct Pair {
    pub(crate) watch: Arc<Watch>,
    pub(crate) source: Machine<source::Source>,
    pub(crate) destination: Machine<destination::Destination>,
    pub(crate) source_guest: Arc<Watched>,
    pub(crate) destination_guest: Arc<Watched>,
    pub(crate) source_shows: Arc<Mutex<Vec<Status>>>,
    pub(crate) destination_shows: Arc<Mutex<Vec<Status>>>,
    pub(crate) parameters: Arc<Parameters>,
    /// The token that the destination awaits.
    pub(crate) awaited: Option<Token>,
    /// The token of the source's next attempt.
    pub(crate) token: Option<Token>,
    /// How the source encrypts.
    pub(crate) client: Option<TlsClient>,
    /// How the destination encrypts.
    pub(crate) server: Option<TlsServer>,
    drivers: Vec<JoinHandle<()>>,
}

impl Pair {
    /// Two sides that do nothing yet; the guest runs on the source.
    pub(crate) fn new(pause: bool) -> Self {
        let watch = Arc::new(Watch::default());
        let source_guest = Watched::small(Contents::Program, &watch);
        let destination_guest = Watched::small(Contents::Awaited, &watch);
        source_guest.run().unwrap();
        let source: Machine<source::Source> = Machine::new(move |_| pause);
        let destination: Machine<destination::Destination> = Machine::new(|_| false);
        let (source_shows, destination_shows) = (shows(&source), shows(&destination));
        let parameters = Arc::new(Parameters::default());
        parameters.set_max_bandwidth(0);
        Self {
            watch,
            source,
            destination,
            source_guest,
            destination_guest,
            source_shows,
            destination_shows,
            parameters,
            awaited: None,
            token: None,
            client: None,
            server: None,
            drivers: Vec::new(),
        }
    }

    /// Lets both sides wait for each other only as long as a test that silences them likes to.
    pub(crate) fn hurry(&self) {
        use {destination::State as D, source::State as S};
        for state in [S::Connecting, S::Negotiating, S::Active, S::PreSwitchover, S::Device] {
            self.source.set_timeout(state, SILENCE);
        }
        for state in [D::Listening, D::Loading] {
            self.destination.set_timeout(state, SILENCE * 2);
        }
        // In this order: what the source says of a hand-over without an answer must be true.
        self.destination.set_timeout(D::StandingBy, SILENCE);
        for state in [S::HandingOver, S::InDoubt] {
            self.source.set_timeout(state, SILENCE * 2);
        }
    }

    /// Lets the destination wait for a source; where it listens, as `HOST:PORT`.
    pub(crate) fn listen(&mut self) -> String {
        let raiser = Raiser::new().unwrap();
        let address = "tcp:127.0.0.1:0".parse().unwrap();
        let listener = Listener::bind(&address, &Wait::new(&raiser, None)).unwrap();
        let at = listener.address().to_string();
        let guest = Arc::clone(&self.destination_guest);
        let mut work = DestinationWork::new(guest, listener, Arc::new(Progress::new()));
        if let Some(token) = self.awaited {
            work = work.with_token(token);
        }
        if let Some(tls) = &self.server {
            work = work.with_tls(tls.clone());
        }
        let attempt = accepted(&self.destination.raise(destination::Trigger::Incoming));
        let machine = self.destination.clone();
        self.drivers.push(thread::spawn(move || {
            drive(&machine, attempt, &mut work);
        }));
        at.strip_prefix("tcp:").unwrap().to_owned()
    }

    /// Lets the source move its guest to `to` (`HOST:PORT`).
    pub(crate) fn migrate(&mut self, to: &str) -> Arc<Progress> {
        let progress = Arc::new(Progress::new());
        let mut work = SourceWork::new(
            Arc::clone(&self.source_guest) as Arc<dyn Guest>,
            format!("tcp:{to}").parse::<Address>().unwrap(),
            Arc::clone(&self.parameters),
            Arc::clone(&progress),
            |_| {},
        )
        .unwrap();
        if let Some(token) = self.token {
            work = work.with_token(token);
        }
        if let Some(tls) = &self.client {
            work = work.with_tls(tls.clone());
        }
        let attempt = accepted(&self.source.raise(source::Trigger::Migrate));
        let machine = self.source.clone();
        self.drivers.push(thread::spawn(move || {
            drive(&machine, attempt, &mut work);
        }));
        progress
    }

    /// Waits until both sides are idle and their threads are gone; the states they are in.
    pub(crate) fn settle(&mut self) -> (source::State, destination::State) {
        let ended =
            (self.source.wait(LIMIT, |state| state.is_idle()), self.destination.wait(LIMIT, |state| state.is_idle()));
        assert!(ended.0.is_idle() && ended.1.is_idle(), "hangs in {ended:?}");
        for driver in self.drivers.drain(..) {
            driver.join().unwrap();
        }
        ended
    }
}

/// The attempt of an accepted trigger.
pub(crate) fn accepted(raised: &Raised) -> Attempt {
    match raised {
        Raised::Accepted(attempt) => *attempt,
        Raised::Ignored | Raised::Handled | Raised::Refused(_) => panic!("{raised:?}"),
    }
}

fn shows<R: Role<Status = Status>>(machine: &Machine<R>) -> Arc<Mutex<Vec<Status>>> {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&shown);
    machine.subscribe(move |step| {
        if let Step::Fired { publishes: Some(status), .. } = step {
            list.lock().unwrap().push(*status);
        }
    });
    shown
}

/// A timeout is told with its length and with whose bound it was.
pub(crate) fn check_bound(ending: &Ending, context: &str) {
    if ending.decided_by != "timed_out" {
        return;
    }
    let cause = ending.cause.as_ref().unwrap_or_else(|| panic!("{context}: no words"));
    let bound = match cause.timeout_of() {
        Some(state) => format!("timeout of `{state}`)"),
        // After the hand-over the connection may break, or the destination say how long it stands by.
        None if cause.text().contains("the guest was handed over") => return,
        None => "an unknown bound".to_owned(),
    };
    assert!(cause.text().contains(&bound) && cause.text().contains(" s"), "{context}: `{cause}`: {bound}");
}
