//! The two machines of this process, and the work behind them: the only file that raises their triggers.
//!
//! Each accepted trigger that starts an attempt gets a thread that drives it to its end. The thread is there before the
//! trigger is raised: once an attempt is accepted, nothing may keep it from being carried out.

mod clock;

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use migration_runtime::address::Address;
use migration_runtime::cause::Cause;
use migration_runtime::channel::{Listener, Raiser, Wait};
use migration_runtime::destination::DestinationWork;
use migration_runtime::guest::Guest;
use migration_runtime::machine::{Attempt, Machine, Performs, Raised, Step, drive};
use migration_runtime::memory::{Layout, PAGE_BYTES};
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::source::{Notice, SourceWork};
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::states::{Answer, Kind, Role, Status};
use migration_runtime::wire::Token;

use self::clock::{Clock, milliseconds};
use crate::announce::{Announcer, Stage};
use crate::capabilities::Capabilities;
use crate::encryption::Encryption;
use crate::figures::{Figures, MigrationInfo, SideInfo};
use crate::host::{Awaits, Migrations};
use crate::qmp::{CommandError, ErrorClass};
use crate::timeouts::StateTimeout;
use crate::trace::Trace;
use crate::vm::Vm;

/// How long an address to listen on may take to be found.
const BIND_MAX: Duration = Duration::from_secs(5);

/// Both machines of one process.
pub struct Machines {
    vm: Arc<Vm>,
    parameters: Arc<Parameters>,
    encryption: Arc<Encryption>,
    announcer: Arc<Announcer>,
    source: Machine<Source>,
    destination: Machine<Destination>,
    clock: Arc<Mutex<Clock>>,
    current: Mutex<Current>,
}

/// What belongs to the present or the last attempt of either side.
#[derive(Default)]
struct Current {
    sending: Arc<Progress>,
    receiving: Arc<Progress>,
    listens_at: Option<Address>,
}

impl Machines {
    /// Both machines, in their initial states.
    pub fn new(
        vm: Arc<Vm>,
        capabilities: &Arc<Capabilities>,
        parameters: Arc<Parameters>,
        encryption: Arc<Encryption>,
        announcer: Arc<Announcer>,
        trace: Option<&Arc<Trace>>,
    ) -> Self {
        let own = Arc::clone(capabilities);
        let source = Machine::<Source>::new(move |guard| guard.capability().is_some_and(|name| own.is_named_on(name)));
        let destination = Machine::<Destination>::new(|guard| match guard {});
        let clock = Arc::<Mutex<Clock>>::default();
        watch(&source, trace, {
            let (announcer, clock) = (Arc::clone(&announcer), Arc::clone(&clock));
            move |from, to, publishes| {
                // The figures are final before the status that says so.
                clock.lock().unwrap_or_else(PoisonError::into_inner).step(from, to);
                if let Some(status) = publishes {
                    announcer.source_shows(status, stage::<Source>(to, status));
                }
            }
        });
        watch(&destination, trace, {
            let announcer = Arc::clone(&announcer);
            move |_, to, publishes| {
                if let Some(status) = publishes {
                    announcer.destination_shows(status, stage::<Destination>(to, status));
                }
            }
        });
        Self { vm, parameters, encryption, announcer, source, destination, clock, current: Mutex::default() }
    }

    /// Changes how long the peers may be silent, from the next visit of a state on.
    pub fn set_timeouts(&self, timeouts: &[StateTimeout]) {
        for timeout in timeouts {
            timeout.set(&self.source, &self.destination);
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guest(&self) -> Arc<dyn Guest> {
        Arc::clone(&self.vm) as Arc<dyn Guest>
    }

    fn figures(&self, current: &Current) -> Figures {
        let snapshot = current.sending.snapshot();
        let clock = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = clock.rate(snapshot.transferred_bytes).unwrap_or(snapshot.rate);
        Figures {
            total_ms: clock.total_ms(),
            setup_ms: clock.setup_ms(),
            downtime_ms: snapshot.downtime.map(milliseconds),
            expected_downtime_ms: snapshot.expected_downtime.map(milliseconds),
            transferred: snapshot.transferred_bytes,
            remaining: snapshot.remaining_bytes,
            total: Layout::of(&self.vm.memory()).map_or(0, |layout| layout.bytes()),
            zero_pages: snapshot.pages_zero,
            normal_pages: snapshot.pages_normal,
            dirty_pages_per_second: snapshot.dirty_rate_pages,
            bits_per_second: rate.saturating_mul(8),
            pages_per_second: rate / PAGE_BYTES,
            passes: snapshot.rounds,
            page_bytes: PAGE_BYTES,
        }
    }
}

impl Migrations for Machines {
    fn migrate(&self, to: Address, token: Option<Token>) -> Result<(), CommandError> {
        let (progress, announcer) = (Arc::<Progress>::default(), Arc::clone(&self.announcer));
        let machine = self.source.clone();
        let notify = move |notice| match notice {
            Notice::Pass(pass) => announcer.pass(pass),
            Notice::LimitReached => {
                tracing::warn!("the migration reaches its limit and is cancelled");
                machine.raise(source::Trigger::Cancel);
            }
            // The log says so already.
            Notice::Stalled | Notice::Throttled(_) => {}
        };
        let tls = self.encryption.client(&to).map_err(CommandError::generic)?;
        let work = SourceWork::new(self.guest(), to, Arc::clone(&self.parameters), Arc::clone(&progress), notify);
        let mut work = work.map_err(|error| CommandError::generic(error.to_string()))?;
        if let Some(token) = token {
            work = work.with_token(token);
        }
        if let Some(tls) = tls {
            work = work.with_tls(tls);
        }
        // Held over both, so that nobody is shown a new attempt with the figures of the old one.
        let mut current = self.current();
        start(&self.source, source::Trigger::Migrate, work)?;
        current.sending = progress;
        Ok(())
    }

    fn incoming(&self, at: Address, awaits: Awaits) -> Result<(), CommandError> {
        let trigger = destination::Trigger::Incoming;
        if destination::answer(self.destination.state(), trigger, destination::Facts::EMPTY) != Answer::Accept {
            return answered(self.destination.raise(trigger)).map(drop);
        }
        let tls = self.encryption.server().map_err(CommandError::generic)?;
        // Bound before anything is said to have begun: a bad address leaves no trace.
        let never = Raiser::new().map_err(|error| CommandError::generic(error.to_string()))?;
        let listener = Listener::bind(&at, &Wait::new(&never, BIND_MAX));
        let listener = listener.map_err(|error| CommandError::generic(error.to_line()))?;
        let listens_at = listener.address().clone();
        let progress = Arc::<Progress>::default();
        let mut work = DestinationWork::new(self.guest(), listener, Arc::clone(&progress));
        if let Some(token) = awaits.token {
            work = work.with_token(token);
        }
        if let Some(tls) = tls {
            work = work.with_tls(tls);
        }
        self.announcer.set_exit_on_error(awaits.exit_on_error);
        let mut current = self.current();
        start(&self.destination, trigger, work)?;
        (current.receiving, current.listens_at) = (progress, Some(listens_at));
        Ok(())
    }

    /// Raises the trigger in the machine that is at work. The destination's table gives the reason why it refuses.
    fn cancel(&self) -> Result<(), CommandError> {
        let receives = destination::State::kind(self.destination.state()) != Kind::Idle;
        let sends = source::State::kind(self.source.state()) != Kind::Idle;
        if receives && !sends {
            return answered(self.destination.raise(destination::Trigger::Cancel)).map(drop);
        }
        answered(self.source.raise(source::Trigger::Cancel)).map(drop)
    }

    fn go_on(&self) -> Result<(), CommandError> {
        answered(self.source.raise(source::Trigger::Continue)).map(drop)
    }

    fn query(&self) -> MigrationInfo {
        let current = self.current();
        let listens_at = current.listens_at.as_ref().map(ToString::to_string);
        let (mut source, mut destination) = (side(&self.source), side(&self.destination));
        source.stranded = current.sending.stranded().map(|cause| cause.to_string());
        source.token = current.sending.token();
        destination.token = current.receiving.token();
        MigrationInfo { source, destination, figures: self.figures(&current), listens_at }
    }

    fn end(&self, limit: Duration) {
        let idle = |state: source::State| state.kind() == Kind::Idle;
        if idle(self.source.state()) {
            return;
        }
        if let Err(refusal) = answered(self.source.raise(source::Trigger::Cancel)) {
            tracing::warn!(%refusal, "a migration is not cancelled although the process ends");
        }
        let state = self.source.wait(limit, idle);
        if !idle(state) {
            tracing::warn!(%state, "a migration is given up because the process ends");
        }
    }
}

/// Calls `fired` for every transition of `machine`, and has every step of it written.
fn watch<R: Role<Status = Status>>(
    machine: &Machine<R>,
    trace: Option<&Arc<Trace>>,
    mut fired: impl FnMut(R::State, R::State, Option<Status>) + Send + 'static,
) {
    let trace = trace.map(Arc::clone);
    machine.subscribe(move |step| {
        if let Some(trace) = &trace {
            trace.write(step);
        }
        match step {
            Step::Fired { from, transition, publishes, .. } => {
                tracing::info!(machine = R::NAME, %from, to = %transition.to, "transition");
                fired(*from, transition.to, *publishes);
            }
            Step::Reported { event, cause, stale, .. } => {
                let cause = cause.map(tracing::field::display);
                tracing::debug!(machine = R::NAME, %event, cause, stale, "evidence");
            }
            Step::Raised { trigger, raised, .. } => tracing::debug!(machine = R::NAME, %trigger, ?raised, "trigger"),
            Step::Unsent { message, cause } => {
                tracing::warn!(machine = R::NAME, %message, %cause, "message not sent");
            }
        }
    });
}

fn stage<R: Role>(state: R::State, status: Status) -> Stage {
    match (R::kind(state), status) {
        (Kind::Work | Kind::Wait | Kind::Cleanup, _) => Stage::InProgress,
        (Kind::Idle, Status::Completed) => Stage::Completed,
        (Kind::Idle, _) => Stage::Ended,
    }
}

/// Raises a trigger that starts an attempt, and has `work` carry it out.
fn start<R: Performs<W, Cause = Cause>, W: Send + 'static>(
    machine: &Machine<R>,
    trigger: R::Trigger,
    mut work: W,
) -> Result<(), CommandError> {
    let (tell, told): (SyncSender<Attempt>, _) = sync_channel(1);
    let driven = machine.clone();
    let thread = thread::Builder::new().name(R::NAME.to_owned()).spawn(move || {
        // The sender is dropped if the trigger is refused.
        if let Ok(attempt) = told.recv() {
            drive(&driven, attempt, &mut work);
        }
    });
    thread.map_err(|error| CommandError::generic(format!("no thread can be started: {error}")))?;
    if let Some(attempt) = answered(machine.raise(trigger))? {
        tell.send(attempt).map_err(|_| CommandError::generic("the thread that was to do the work is gone"))?;
    }
    Ok(())
}

fn answered(raised: Raised) -> Result<Option<Attempt>, CommandError> {
    match raised {
        Raised::Accepted(attempt) => Ok(Some(attempt)),
        Raised::Ignored => Ok(None),
        Raised::Refused(refusal) => {
            let class = refusal.class().and_then(ErrorClass::from_name).unwrap_or(ErrorClass::GenericError);
            Err(CommandError::new(class, refusal.to_string()))
        }
    }
}

fn side<R: Role<Status = Status>>(machine: &Machine<R>) -> SideInfo {
    let (state, ending) = machine.snapshot();
    let (ended_by, cause) = ending.map(|ending| (ending.decided_by.to_owned(), ending.cause)).unzip();
    SideInfo {
        status: R::shows(state),
        state: state.to_string(),
        in_progress: R::kind(state) != Kind::Idle,
        ended_by,
        cause: cause.flatten().map(|cause| cause.to_string()),
        stranded: None,
        token: None,
    }
}
