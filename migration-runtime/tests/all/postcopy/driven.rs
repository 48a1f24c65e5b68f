//! Both machines drive both halves: whatever breaks and whatever the user does, the guest runs on one side, and finds what
//! it had.

mod sweeps;

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use migration_runtime::address::Address;
use migration_runtime::destination::DestinationWork;
use migration_runtime::machine::{Machine, Outcome, Raised, Step, drive};
use migration_runtime::parameters::Parameters;
use migration_runtime::postcopy::{Cell, Fetch};
use migration_runtime::progress::Progress;
use migration_runtime::recovery::Recovery;
use migration_runtime::source::SourceWork;
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::tls::{TlsClient, TlsServer};
use migration_testkit::network::Network;

use super::super::counter::{self, Counter, Handle};
use super::super::peers::{PATIENCE, accepted, listen, show};
use super::rig::{Kind, userfaultfd};

type Started = source::State;
type Arrived = destination::State;
type Leaves = source::Trigger;
type Arrives = destination::Trigger;

/// What became of the guest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ending {
    /// It runs on the destination.
    Moved { pauses: usize },
    /// It runs on the source.
    Stayed,
    /// It runs nowhere, and is whole on the source: the word that gave it up was lost.
    InDoubt,
    /// It runs nowhere: the users of both sides gave it up.
    Lost,
}

/// A migration that has begun, on threads of its own.
struct Run {
    from: Arc<Counter>,
    to: Arc<Counter>,
    network: Network,
    here: Machine<Source>,
    there: Machine<Destination>,
    resumes: Recovery,
    recovers: Recovery,
    fetch: Cell<Fetch>,
    sent: Arc<Progress>,
    received: Arc<Progress>,
    drivers: (JoinHandle<Outcome<Source>>, JoinHandle<Outcome<Destination>>),
}

impl Run {
    /// Begins over a network that breaks after so many bytes of the source, once for each time that it works.
    fn begin(kind: Kind, cuts: &[u64], slow: Option<Duration>) -> Run {
        Run::begin_over(kind, cuts, slow, None)
    }

    /// The same, encrypted with the certificates of a directory.
    fn begin_over(kind: Kind, cuts: &[u64], slow: Option<Duration>, certificates: Option<&Path>) -> Run {
        let (from, to) = (Counter::running(kind), Counter::new(kind));
        let listener = listen();
        let network = Network::start(&listener.address().to_string()).unwrap();
        network.break_after(cuts.iter().copied());
        network.slow_down(slow.unwrap_or_default());
        let address: Address = network.address().parse().unwrap();
        let parameters = Arc::new(Parameters::default());
        // Without a post-copy, memory does not converge.
        parameters.set_downtime_limit_ms(0).unwrap();
        let guest = Arc::new(Handle(Arc::clone(&from)));
        let (sent, received) = (Arc::new(Progress::new()), Arc::new(Progress::new()));
        let mut sends = SourceWork::new(guest, address, parameters, Arc::clone(&sent), |_| {}).unwrap().with_postcopy();
        let guest = Arc::new(Handle(Arc::clone(&to)));
        let mut receives = DestinationWork::new(guest, listener, Arc::clone(&received)).with_postcopy();
        if let Some(directory) = certificates {
            sends = sends.with_tls(TlsClient::from_directory(directory, "127.0.0.1").unwrap());
            receives = receives.with_tls(TlsServer::from_directory(directory).unwrap());
        }
        let (resumes, recovers, fetch) = (sends.recovery(), receives.recovery(), receives.fetch());
        let here = Machine::<Source>::new(|guard| guard == source::Guard::PostcopyRam);
        let half = fetch.clone();
        let there = Machine::<Destination>::new(move |guard| match guard {
            destination::Guard::PostcopyRam => true,
            destination::Guard::Whole => half.get().is_some_and(|fetch| fetch.is_whole()),
        });
        // A peer that is gone is found out in good time; the table has what suits a network.
        for state in [Started::PostcopyHandingOver, Started::PostcopyInDoubt] {
            here.set_timeout(state, Duration::from_millis(1500));
        }
        for state in [Started::PostcopyDevice, Started::PostcopyRecoverSetup, Started::PostcopyRecover] {
            here.set_timeout(state, Duration::from_secs(4));
        }
        there.set_timeout(Arrived::PostcopyStandingBy, Duration::from_secs(1));
        for state in [Arrived::PostcopyDevice, Arrived::PostcopyActive, Arrived::PostcopyAwaiting, Arrived::Confirming]
        {
            there.set_timeout(state, Duration::from_secs(4));
        }
        show(&here);
        show(&there);
        let attempt = accepted(there.raise(Arrives::Incoming));
        let machine = there.clone();
        let at_destination = thread::spawn(move || drive(&machine, attempt, &mut receives));
        let attempt = accepted(here.raise(Leaves::Migrate));
        let machine = here.clone();
        let at_source = thread::spawn(move || drive(&machine, attempt, &mut sends));
        let drivers = (at_source, at_destination);
        Run { from, to, network, here, there, resumes, recovers, fetch, sent, received, drivers }
    }

    /// Asks for the post-copy once memory is being moved.
    fn start_postcopy(&self) {
        let state = self.here.wait(PATIENCE, |state| !matches!(state, Started::Connecting | Started::Negotiating));
        if state == Started::Active {
            self.here.raise(Leaves::StartPostcopy);
        }
    }

    fn recover(&self) {
        let listener = listen();
        self.network.lead_to(&listener.address().to_string());
        self.recovers.set(listener);
        accepted(self.there.raise(Arrives::Recover));
        self.resumes.set(self.network.address().parse::<Address>().unwrap());
        accepted(self.here.raise(Leaves::Resume));
        let under_way = |state| matches!(state, Started::PostcopyRecoverSetup | Started::PostcopyRecover);
        let state = self.here.wait(PATIENCE, |state| !under_way(state));
        assert!(!under_way(state), "{state:?} has no end");
        if state == Started::PostcopyPaused {
            // The destination may still wait for a source that does not come.
            self.there.raise(Arrives::Pause);
        }
    }

    /// Does what an operator does until both sides are at an end: recovers as often as both pause, and gives up where one
    /// of them is gone. Returns where they end, and how often both paused.
    fn recover_to_the_end(&self) -> (Started, Arrived, usize) {
        for pauses in 0..10 {
            let here = self.here.wait(PATIENCE, |state| state == Started::PostcopyPaused || is_end(state));
            let is_left = |state| is_end(here) && state == Arrived::Listening;
            let there = self
                .there
                .wait(PATIENCE, |state| state == Arrived::PostcopyPaused || has_ended(state) || is_left(state));
            match (here, there) {
                // The source never came.
                (here, Arrived::Listening) if is_end(here) => {
                    self.there.raise(Arrives::Cancel);
                }
                (Started::PostcopyPaused, Arrived::PostcopyPaused) => self.recover(),
                // The last word of the source was lost, and the destination has every page.
                (Started::Completed, Arrived::PostcopyPaused) => {
                    assert!(self.fetch.get().unwrap().is_whole());
                    accepted(self.there.raise(Arrives::GiveUp));
                }
                // The hand-over was lost, and the destination has given up.
                (Started::PostcopyPaused, Arrived::Failed) => {
                    accepted(self.here.raise(Leaves::GiveUp));
                }
                (here, there) if is_end(here) && has_ended(there) => return (here, there, pauses),
                other => panic!("{other:?} is no place to stay"),
            }
        }
        panic!("the recovery never succeeds")
    }

    /// Lets the operator do their part until both sides are at an end, and looks at what became of the guest.
    fn end(self) -> Ending {
        let (here, there, pauses) = self.recover_to_the_end();
        let (left, arrived) = self.drivers;
        assert_eq!((left.join().unwrap().state, arrived.join().unwrap().state), (here, there));
        let runs = (self.from.is_up(), self.to.is_up());
        match (here, there) {
            (Started::Completed, Arrived::Completed) => {
                assert_eq!(runs, (false, true));
                self.to.count_on(1000);
                self.to.assert_whole();
                Ending::Moved { pauses }
            }
            (Started::Failed | Started::Cancelled, Arrived::Failed) => {
                assert_eq!(runs, (true, false));
                self.from.count_on(1000);
                self.from.assert_whole();
                Ending::Stayed
            }
            (Started::Unknown, Arrived::Failed) => {
                assert_eq!(runs, (false, false));
                self.from.assert_whole();
                let lost = self.there.reason() == Some(migration_runtime::states::Reason::GivenUp);
                if lost { Ending::Lost } else { Ending::InDoubt }
            }
            other => panic!("{other:?} after {pauses} pauses"),
        }
    }
}

fn is_end(state: Started) -> bool {
    matches!(state, Started::Completed | Started::Failed | Started::Cancelled | Started::Unknown)
}

fn has_ended(state: Arrived) -> bool {
    matches!(state, Arrived::Completed | Arrived::Failed)
}

#[test]
fn a_post_copy_completes_on_both_sides() {
    let Some(()) = userfaultfd() else { return };
    for kind in [Kind::Anonymous, Kind::Memfd] {
        for turns in [0, 20_000] {
            let run = Run::begin(kind, &[], None);
            run.from.count_on(turns);
            run.start_postcopy();
            assert_eq!(run.end(), Ending::Moved { pauses: 0 }, "{kind:?} {turns}");
        }
    }
}

#[test]
fn what_was_on_its_way_arrives_while_the_guest_still_runs() {
    let Some(()) = userfaultfd() else { return };
    let pages = |progress: &Progress| progress.snapshot().pages_normal + progress.snapshot().pages_zero;
    // Sockets hold far more than the network passes in a second.
    let run = Run::begin(Kind::Anonymous, &[], Some(Duration::from_millis(5)));
    let (sent, received) = (Arc::clone(&run.sent), Arc::clone(&run.received));
    let (tell, told) = std::sync::mpsc::channel();
    run.here.subscribe(move |step| {
        if matches!(step, Step::Fired { from: Started::Stopping, .. }) {
            // The destination goes on meanwhile, so it is looked at first.
            let arrived = pages(&received);
            tell.send((arrived, pages(&sent))).unwrap();
        }
    });
    let began = Instant::now();
    while pages(&run.sent) < counter::PAGES / 2 {
        assert!(began.elapsed() < PATIENCE, "no pages leave");
        thread::yield_now();
    }
    run.start_postcopy();
    let (arrived, left) = told.recv_timeout(PATIENCE).unwrap();
    assert!(arrived >= left, "{arrived} of {left} pages had arrived when the guest was stopped");
    assert_eq!(run.end(), Ending::Moved { pauses: 0 });
}

#[test]
fn a_cancel_before_the_post_copy_leaves_the_guest_where_it_is() {
    let Some(()) = userfaultfd() else { return };
    let run = Run::begin(Kind::Anonymous, &[], None);
    let _ = run.here.wait(PATIENCE, |state| state == Started::Active);
    assert!(matches!(run.here.raise(Leaves::Pause), Raised::Refused(_)));
    accepted(run.here.raise(Leaves::Cancel));
    assert_eq!(run.end(), Ending::Stayed);
}

#[test]
fn a_user_who_pauses_on_either_side_recovers() {
    let Some(()) = userfaultfd() else { return };
    for at_source in [true, false] {
        let run = Run::begin(Kind::Memfd, &[], Some(Duration::from_millis(2)));
        run.start_postcopy();
        let _ = run.here.wait(PATIENCE, |state| state == Started::PostcopyActive || is_end(state));
        assert!(matches!(run.here.raise(Leaves::Cancel), Raised::Refused(_)));
        if at_source {
            accepted(run.here.raise(Leaves::Pause));
        } else {
            accepted(run.there.raise(Arrives::Pause));
        }
        assert_eq!(run.end(), Ending::Moved { pauses: 1 }, "paused at the source: {at_source}");
    }
}

#[test]
fn the_guest_goes_on_with_what_it_has_while_the_post_copy_is_paused() {
    let Some(()) = userfaultfd() else { return };
    let run = Run::begin(Kind::Anonymous, &[], Some(Duration::from_millis(2)));
    run.start_postcopy();
    let _ = run.there.wait(PATIENCE, |state| state == Arrived::PostcopyActive);
    run.network.cut();
    let there = run.there.wait(PATIENCE, |state| state == Arrived::PostcopyPaused);
    assert_eq!(there, Arrived::PostcopyPaused);
    assert!(!run.fetch.get().unwrap().is_whole());
    assert_eq!(run.end(), Ending::Moved { pauses: 1 });
}

#[test]
fn a_pause_in_every_state_of_a_post_copy_is_recovered_or_refused() {
    let Some(()) = userfaultfd() else { return };
    for state in [Started::PostcopyActive, Started::PostcopyRecoverSetup, Started::PostcopyRecover] {
        let run = Run::begin(Kind::Anonymous, &[7_000_000], None);
        let here = run.here.clone();
        let pauses = thread::spawn(move || {
            let _ = here.wait(PATIENCE, |now| now == state || is_end(now));
            here.raise(Leaves::Pause)
        });
        run.start_postcopy();
        assert!(matches!(run.end(), Ending::Moved { .. }), "at the source in {state:?}");
        pauses.join().unwrap();
    }
    for state in [Arrived::PostcopyActive, Arrived::Confirming, Arrived::PostcopyAwaiting, Arrived::PostcopyRecover] {
        let run = Run::begin(Kind::Anonymous, &[7_000_000], None);
        let there = run.there.clone();
        let pauses = thread::spawn(move || {
            let _ = there.wait(PATIENCE, |now| now == state || has_ended(now));
            there.raise(Arrives::Pause)
        });
        run.start_postcopy();
        assert!(matches!(run.end(), Ending::Moved { .. }), "at the destination in {state:?}");
        pauses.join().unwrap();
    }
}

#[test]
fn a_side_that_is_gone_is_given_up() {
    let Some(()) = userfaultfd() else { return };
    let run = Run::begin(Kind::Anonymous, &[], Some(Duration::from_millis(2)));
    run.start_postcopy();
    let _ = run.here.wait(PATIENCE, |state| state == Started::PostcopyActive || is_end(state));
    accepted(run.here.raise(Leaves::Pause));
    let _ = run.there.wait(PATIENCE, |state| state == Arrived::PostcopyPaused || has_ended(state));
    accepted(run.there.raise(Arrives::GiveUp));
    assert_eq!(run.there.wait(PATIENCE, has_ended), Arrived::Failed);
    accepted(run.here.raise(Leaves::GiveUp));
    assert_eq!(run.end(), Ending::Lost);
}
