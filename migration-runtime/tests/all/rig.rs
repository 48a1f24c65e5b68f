//! A guest that does what a test says in any of its methods, and both sides of a migration of it, over a real socket.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use migration_runtime::channel::{Channel, Endpoint};
use migration_runtime::destination::DestinationWork;
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::machine::{Machine, Outcome, drive};
use migration_runtime::memory::Memory;
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::source::{Departure, Notice, SourceWork};
use migration_runtime::states::{destination, source};
use vm_memory::{Bytes, GuestAddress};

use super::peers::{PAGE, PATIENCE, Ram, accepted, contents, listen};

/// Pages of a test guest.
pub(super) const PAGES: u64 = 600;

type Hook = Box<dyn Fn(&TestGuest) -> Result<(), GuestError> + Send + Sync>;

/// A guest whose methods a test can extend.
pub(super) struct TestGuest {
    ram: Arc<Ram>,
    marks: Vec<AtomicU64>,
    pub(super) runs: AtomicBool,
    logs: AtomicBool,
    /// By how many per cent it is slowed down.
    pub(super) throttled: AtomicU8,
    /// Bytes of device state in each round, and those that have arrived.
    pub(super) bytes_a_round: AtomicU64,
    pub(super) arrived_in_rounds: AtomicU64,
    register: AtomicU64,
    /// Words of device state beside the register.
    pub(super) bulk: AtomicU64,
    /// What it says of itself, or on a destination what it was told.
    pub(super) description: Mutex<Vec<u8>>,
    hooks: Mutex<BTreeMap<&'static str, Arc<Hook>>>,
    calls: Mutex<Vec<&'static str>>,
    called: Condvar,
}

impl TestGuest {
    pub(super) fn new() -> Arc<TestGuest> {
        Arc::new(TestGuest {
            ram: Arc::new(Ram::from_ranges(&[(GuestAddress(0), (PAGES * PAGE) as usize)]).unwrap()),
            marks: (0..PAGES.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            runs: AtomicBool::new(false),
            logs: AtomicBool::new(false),
            throttled: AtomicU8::new(0),
            bytes_a_round: AtomicU64::new(0),
            arrived_in_rounds: AtomicU64::new(0),
            register: AtomicU64::new(0),
            bulk: AtomicU64::new(0),
            description: Mutex::new(b"test-1".to_vec()),
            hooks: Mutex::default(),
            calls: Mutex::default(),
            called: Condvar::new(),
        })
    }

    /// A guest that runs, with data in its memory.
    pub(super) fn running() -> Arc<TestGuest> {
        let guest = TestGuest::new();
        for page in (0..PAGES).step_by(3) {
            guest.write(page, page + 1);
        }
        guest.register.store(7, Ordering::SeqCst);
        guest.runs.store(true, Ordering::SeqCst);
        guest
    }

    /// Has `hook` called at the beginning of the method with this name.
    pub(super) fn on(
        self: Arc<TestGuest>,
        method: &'static str,
        hook: impl Fn(&TestGuest) -> Result<(), GuestError> + Send + Sync + 'static,
    ) -> Arc<TestGuest> {
        lock(&self.hooks).insert(method, Arc::new(Box::new(hook)));
        self
    }

    /// What a vCPU or a device does: it writes, then marks.
    pub(super) fn write(&self, page: u64, value: u64) {
        self.ram.write_obj(value, GuestAddress(page * PAGE + 8)).unwrap();
        self.marks[(page / 64) as usize].fetch_or(1 << (page % 64), Ordering::SeqCst);
    }

    /// What the page holds that [`write`](TestGuest::write) writes to.
    pub(super) fn read(&self, page: u64) -> u64 {
        self.ram.read_obj(GuestAddress(page * PAGE + 8)).unwrap()
    }

    pub(super) fn is_up(&self) -> bool {
        self.runs.load(Ordering::SeqCst)
    }

    pub(super) fn is_logging(&self) -> bool {
        self.logs.load(Ordering::SeqCst)
    }

    pub(super) fn was_called(&self, method: &str) -> bool {
        lock(&self.calls).contains(&method)
    }

    /// Waits until a method is called.
    pub(super) fn wait_for_call(&self, method: &str) {
        self.wait(|calls| calls.contains(&method));
    }

    /// Waits for something that is true at one of the calls of the guest.
    pub(super) fn wait_until(&self, condition: impl Fn() -> bool) {
        self.wait(|_| condition());
    }

    fn wait(&self, condition: impl Fn(&[&'static str]) -> bool) {
        let calls = lock(&self.calls);
        let waited = self.called.wait_timeout_while(calls, PATIENCE, |calls| !condition(calls));
        assert!(!waited.unwrap_or_else(PoisonError::into_inner).1.timed_out(), "it does not come");
    }

    /// Compares everything that a migration moves.
    pub(super) fn equals(&self, other: &TestGuest) -> bool {
        let registers = [self, other].map(|guest| guest.register.load(Ordering::SeqCst));
        registers[0] == registers[1] && self.same_memory(other)
    }

    pub(super) fn same_memory(&self, other: &TestGuest) -> bool {
        contents(&self.ram) == contents(&other.ram)
    }

    fn called(&self, method: &'static str) -> Result<(), GuestError> {
        lock(&self.calls).push(method);
        self.called.notify_all();
        let hook = lock(&self.hooks).get(method).cloned();
        hook.map_or(Ok(()), |hook| hook(self))
    }
}

impl Guest for TestGuest {
    fn memory(&self) -> Memory {
        Memory::of(&self.ram)
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        self.called("describe")?;
        Ok(lock(&self.description).clone())
    }

    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        *lock(&self.description) = description.to_vec();
        self.called("admit")
    }

    fn run(&self) -> Result<(), GuestError> {
        self.called("run")?;
        self.runs.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn stay_paused(&self) -> Result<(), GuestError> {
        self.called("stay_paused")
    }

    fn stop(&self) -> Result<(), GuestError> {
        self.called("stop")?;
        self.runs.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn give_up_stop(&self) {
        let _ = self.called("give_up_stop");
    }

    fn is_running(&self) -> bool {
        let _ = self.called("is_running");
        self.is_up()
    }

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        self.called("save")?;
        state.write_all(&self.register.load(Ordering::SeqCst).to_le_bytes()).map_err(not_moved)?;
        let bulk = self.bulk.load(Ordering::SeqCst);
        (0..bulk).try_for_each(|word| state.write_all(&word.to_le_bytes())).map_err(not_moved)
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        self.called("load")?;
        let mut word = [0; 8];
        state.read_exact(&mut word).map_err(not_moved)?;
        self.register.store(u64::from_le_bytes(word), Ordering::SeqCst);
        let bulk = self.bulk.load(Ordering::SeqCst);
        for expected in 0..bulk {
            state.read_exact(&mut word).map_err(not_moved)?;
            if u64::from_le_bytes(word) != expected {
                return Err(GuestError::new(format!("word {expected} of the device state is another")));
            }
        }
        Ok(())
    }

    fn save_round(&self, state: &mut dyn Write) -> Result<u64, GuestError> {
        self.called("save_round")?;
        let bytes = self.bytes_a_round.load(Ordering::SeqCst);
        state.write_all(&vec![7; bytes as usize]).map_err(not_moved)?;
        Ok(0)
    }

    fn load_round(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        self.called("load_round")?;
        let bytes = io::copy(state, &mut io::sink()).map_err(not_moved)?;
        self.arrived_in_rounds.fetch_add(bytes, Ordering::SeqCst);
        Ok(())
    }

    fn throttle(&self, percent: u8) -> Result<(), GuestError> {
        self.throttled.store(percent, Ordering::SeqCst);
        self.called("throttle")
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        self.called("start_dirty_log")?;
        self.logs.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        self.called("harvest_dirty_log")?;
        let words: Vec<u64> = self.marks.iter().map(|word| word.swap(0, Ordering::SeqCst)).collect();
        into.merge_words(0, &words);
        Ok(())
    }

    fn stop_dirty_log(&self) {
        self.logs.store(false, Ordering::SeqCst);
        let _ = self.called("stop_dirty_log");
    }
}

/// A migration that goes on.
pub(super) struct Moving {
    pub(super) outgoing: Machine<source::Source>,
    pub(super) incoming: Machine<destination::Destination>,
    pub(super) sent: Arc<Progress>,
    pub(super) received: Arc<Progress>,
    sends: JoinHandle<(Outcome<source::Source>, Departure)>,
    receives: JoinHandle<Outcome<destination::Destination>>,
}

/// What a test may set.
#[derive(Clone, Default)]
pub(super) struct Settings {
    /// How long a peer may be silent, in every state that bounds its silence. The hand-over is bounded as a whole.
    pub(super) silence: Option<Duration>,
    pub(super) parameters: Arc<Parameters>,
    /// Whether the user cancels an attempt that reaches its limit.
    pub(super) cancels_at_limit: bool,
    pub(super) connects: Connects,
    pub(super) told: Arc<Told>,
}

/// What a source has told so far.
#[derive(Default)]
pub(super) struct Told {
    notices: Mutex<Vec<Notice>>,
    more: Condvar,
}

/// How the two sides come together.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Connects {
    #[default]
    SourceDials,
    DestinationDials,
    HandedOver,
}

impl Settings {
    /// What the source has told so far.
    pub(super) fn notices(&self) -> Vec<Notice> {
        lock(&self.told.notices).clone()
    }

    /// Waits until the source tells something.
    pub(super) fn wait_for(&self, notice: Notice) {
        let notices = lock(&self.told.notices);
        let waited = self.told.more.wait_timeout_while(notices, PATIENCE, |notices| !notices.contains(&notice));
        let (notices, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "{notice:?} is not among {notices:?}");
    }
}

impl Connects {
    /// The ends of the source and of the destination.
    fn ends(self) -> (Endpoint, Endpoint) {
        if self == Connects::HandedOver {
            let (here, there) = UnixStream::pair().unwrap();
            let channel = |end: UnixStream| Channel::from_fd(end.into(), "the orchestrator's socket").unwrap();
            return (channel(here).into(), channel(there).into());
        }
        let listener = listen();
        let address = listener.address().clone();
        match self {
            Connects::SourceDials => (address.into(), listener.into()),
            Connects::DestinationDials => (listener.into(), address.into()),
            Connects::HandedOver => unreachable!("handled above"),
        }
    }
}

impl Moving {
    /// Begins to move `here` to `there`.
    pub(super) fn start(here: &Arc<TestGuest>, there: &Arc<TestGuest>, settings: &Settings) -> Moving {
        let (from, to) = settings.connects.ends();
        let (sent, received) = (Arc::new(Progress::new()), Arc::new(Progress::new()));
        let outgoing = Machine::<source::Source>::new(|_| false);
        let incoming = Machine::<destination::Destination>::new(|_| false);
        if let Some(silence) = settings.silence {
            for state in [source::State::Active, source::State::Device] {
                outgoing.set_timeout(state, silence);
            }
            incoming.set_timeout(destination::State::Loading, silence);
        }
        let mut work = DestinationWork::new(there.clone(), to, Arc::clone(&received));
        let attempt = accepted(incoming.raise(destination::Trigger::Incoming));
        let machine = incoming.clone();
        let receives = thread::spawn(move || drive(&machine, attempt, &mut work));
        let (notices, machine, cancels) = (Arc::clone(&settings.told), outgoing.clone(), settings.cancels_at_limit);
        let notify = move |notice| {
            lock(&notices.notices).push(notice);
            notices.more.notify_all();
            if cancels && notice == Notice::LimitReached {
                machine.raise(source::Trigger::Cancel);
            }
        };
        let parameters = Arc::clone(&settings.parameters);
        let mut work = SourceWork::new(here.clone(), from, parameters, Arc::clone(&sent), notify).unwrap();
        let attempt = accepted(outgoing.raise(source::Trigger::Migrate));
        let machine = outgoing.clone();
        let sends = thread::spawn(move || {
            let outcome = drive(&machine, attempt, &mut work);
            let departure = work.departure(&outcome);
            (outcome, departure)
        });
        Moving { outgoing, incoming, sent, received, sends, receives }
    }

    /// Waits until the source is in a state.
    pub(super) fn wait_for(&self, state: source::State) {
        assert_eq!(self.outgoing.wait(PATIENCE, |now| now == state), state);
    }

    /// Waits for both ends.
    pub(super) fn finish(self) -> (Outcome<source::Source>, Outcome<destination::Destination>) {
        let (sent, received, _) = self.finish_all();
        (sent, received)
    }

    /// Waits for both ends, and returns what the attempt came to on the source, too. A side that does not end fails the test instead
    /// of holding it.
    pub(super) fn finish_all(self) -> (Outcome<source::Source>, Outcome<destination::Destination>, Departure) {
        let idle = |kind| kind == migration_runtime::states::Kind::Idle;
        let state = self.outgoing.wait(PATIENCE, |state| idle(state.kind()));
        assert!(idle(state.kind()), "the source stays in `{state}`");
        let state = self.incoming.wait(PATIENCE, |state| idle(state.kind()));
        assert!(idle(state.kind()), "the destination stays in `{state}`");
        let (sent, departure) = self.sends.join().expect("the source's work ends");
        (sent, self.receives.join().expect("the destination's work ends"), departure)
    }
}

/// Moves `here` to `there`, and returns how that ended on both sides.
pub(super) fn migrate(
    here: &Arc<TestGuest>,
    there: &Arc<TestGuest>,
) -> (Outcome<source::Source>, Outcome<destination::Destination>) {
    Moving::start(here, there, &Settings::default()).finish()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_moved(error: io::Error) -> GuestError {
    GuestError::with_source("the device state is not moved", error)
}
