//! The two machines of this process, and the work behind them: the only file that raises their triggers.
//!
//! Each accepted trigger that starts an attempt gets a thread that drives it to its end. The thread is there before the
//! trigger is raised: once an attempt is accepted, nothing may keep it from being carried out.

mod clock;
mod endings;

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use migration_runtime::address::Address;
use migration_runtime::cause::Cause;
use migration_runtime::channel::{Listener, Raiser, Wait};
use migration_runtime::destination::DestinationWork;
use migration_runtime::guest::Guest;
use migration_runtime::machine::{Attempt, Machine, Outcome, Performs, Raised, Step, drive};
use migration_runtime::memory::{Layout, PAGE_BYTES};
use migration_runtime::parameters::{OnLimit, Parameters};
use migration_runtime::postcopy::{Cell, Fetch, Supply};
use migration_runtime::progress::Progress;
use migration_runtime::recovery::Recovery;
use migration_runtime::source::{Notice, SourceWork};
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::states::{Answer, Kind, Reason, Role, Status};
use migration_runtime::wire::Token;

use self::clock::{Clock, milliseconds};
use crate::announce::{Announcer, Stage};
use crate::capabilities::{Capabilities, Capability};
use crate::encryption::Encryption;
use crate::figures::{Fetched, Figures, MigrationInfo, SideInfo};
use crate::host::{Awaits, Migrations};
use crate::qmp::{CommandError, ErrorClass};
use crate::runstate::Runstate;
use crate::timeouts::StateTimeout;
use crate::trace::Trace;
use crate::vm::Vm;

/// How long an address to listen on may take to be found.
const BIND_MAX: Duration = Duration::from_secs(5);

/// Both machines of one process.
pub struct Machines {
    vm: Arc<Vm>,
    capabilities: Arc<Capabilities>,
    parameters: Arc<Parameters>,
    encryption: Arc<Encryption>,
    announcer: Arc<Announcer>,
    source: Machine<Source>,
    destination: Machine<Destination>,
    clock: Arc<Mutex<Clock>>,
    current: Mutex<Current>,
    /// The destination's half of a post-copy. The guards of its machine look here: nothing else is locked meanwhile.
    fetched: Arc<Mutex<Cell<Fetch>>>,
}

/// What belongs to the present or the last attempt of either side.
#[derive(Default)]
struct Current {
    sending: Arc<Progress>,
    receiving: Arc<Progress>,
    listens_at: Option<Address>,
    supplies: Cell<Supply>,
    /// Where to say how a paused post-copy connects again.
    resumes: Recovery,
    recovers: Recovery,
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
        let (own, guest) = (Arc::clone(capabilities), Arc::clone(&vm));
        let source = Machine::<Source>::new(move |guard| match guard {
            source::Guard::PauseBeforeSwitchover | source::Guard::PostcopyRam => {
                guard.capability().is_some_and(|name| own.is_named_on(name))
            }
            source::Guard::RunsHere => matches!(guest.runstate(), Runstate::Own(_)),
        });
        let fetched = Arc::<Mutex<Cell<Fetch>>>::default();
        let (own, fetches) = (Arc::clone(capabilities), Arc::clone(&fetched));
        let destination = Machine::<Destination>::new(move |guard| match guard {
            destination::Guard::PostcopyRam => guard.capability().is_some_and(|name| own.is_named_on(name)),
            destination::Guard::Whole => half(&fetches).is_some_and(|fetch| fetch.is_whole()),
        });
        let clock = Arc::<Mutex<Clock>>::default();
        watch(&source, trace, {
            let (announcer, clock) = (Arc::clone(&announcer), Arc::clone(&clock));
            move |from, to, publishes| {
                // The figures are final before the status that says so.
                clock.lock().unwrap_or_else(PoisonError::into_inner).step(from, to);
                if let Some((status, reason)) = publishes {
                    announcer.source_shows(status, reason, stage::<Source>(to, status));
                }
            }
        });
        watch(&destination, trace, {
            let announcer = Arc::clone(&announcer);
            move |_, to, publishes| {
                if let Some((status, reason)) = publishes {
                    announcer.destination_shows(status, reason, stage::<Destination>(to, status));
                }
            }
        });
        let (capabilities, current) = (Arc::clone(capabilities), Mutex::default());
        Self { vm, capabilities, parameters, encryption, announcer, source, destination, clock, current, fetched }
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

    /// Whether the machine of the destination is at work, and that of the source is not.
    fn only_receives(&self) -> bool {
        let receives = destination::State::kind(self.destination.state()) != Kind::Idle;
        receives && source::State::kind(self.source.state()) == Kind::Idle
    }

    fn guest(&self) -> Arc<dyn Guest> {
        Arc::clone(&self.vm) as Arc<dyn Guest>
    }

    fn figures(&self, current: &Current) -> Figures {
        let (snapshot, supply) = (current.sending.snapshot(), current.supplies.get());
        let clock = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = clock.rate(snapshot.transferred_bytes).unwrap_or(snapshot.rate);
        Figures {
            total_ms: clock.total_ms(),
            setup_ms: clock.setup_ms(),
            downtime_ms: snapshot.downtime.map(milliseconds),
            expected_downtime_ms: snapshot.expected_downtime.map(milliseconds),
            transferred: snapshot.transferred_bytes,
            remaining: supply.as_ref().map_or(snapshot.remaining_bytes, |supply| supply.unsent_pages() * PAGE_BYTES),
            total: Layout::of(&self.vm.memory()).map_or(0, |layout| layout.bytes()),
            zero_pages: snapshot.pages_zero,
            normal_pages: snapshot.pages_normal,
            dirty_pages_per_second: snapshot.dirty_rate_pages,
            bits_per_second: rate.saturating_mul(8),
            pages_per_second: rate / PAGE_BYTES,
            passes: snapshot.rounds,
            multifd_bytes: snapshot.multifd_bytes,
            postcopy_requests: supply.as_ref().map_or(0, |supply| supply.requests()),
            page_bytes: PAGE_BYTES,
        }
    }
}

impl Migrations for Machines {
    fn migrate(&self, to: Address, token: Option<Token>) -> Result<(), CommandError> {
        let (progress, announcer) = (Arc::<Progress>::default(), Arc::clone(&self.announcer));
        let (machine, parameters) = (self.source.clone(), Arc::clone(&self.parameters));
        let notify = move |notice| match notice {
            Notice::Pass(pass) => announcer.pass(pass),
            Notice::LimitReached => {
                let starts = parameters.on_limit() == OnLimit::Postcopy
                    && matches!(machine.raise(source::Trigger::StartPostcopy), Raised::Accepted(_));
                if starts {
                    tracing::warn!("the migration reaches its limit, and a post-copy is started");
                } else {
                    tracing::warn!("the migration reaches its limit and is cancelled");
                    machine.raise(source::Trigger::Cancel);
                }
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
        if self.capabilities.is_on(Capability::PostcopyRam) {
            work = work.with_postcopy();
        }
        if let Some(multifd) = self.capabilities.multifd() {
            work = work.with_multifd(multifd);
        }
        let (resumes, supplies) = (work.recovery(), work.supply());
        // Held over both, so that nobody is shown a new attempt with the figures of the old one.
        let mut current = self.current();
        start(&self.source, source::Trigger::Migrate, work, endings::left)?;
        (current.sending, current.resumes, current.supplies) = (progress, resumes, supplies);
        Ok(())
    }

    fn incoming(&self, at: Address, awaits: Awaits) -> Result<(), CommandError> {
        let trigger = destination::Trigger::Incoming;
        if destination::answer(self.destination.state(), trigger, destination::Facts::EMPTY) != Answer::Accept {
            return answered(self.destination.raise(trigger)).map(drop);
        }
        let tls = self.encryption.server().map_err(CommandError::generic)?;
        // Bound before anything is said to have begun: a bad address leaves no trace.
        let listener = listen(&at)?;
        let listens_at = listener.address().clone();
        let progress = Arc::<Progress>::default();
        let mut work = DestinationWork::new(self.guest(), listener, Arc::clone(&progress));
        if let Some(token) = awaits.token {
            work = work.with_token(token);
        }
        if let Some(tls) = tls {
            work = work.with_tls(tls);
        }
        if self.capabilities.is_on(Capability::PostcopyRam) {
            work = work.with_postcopy();
        }
        if let Some(multifd) = self.capabilities.multifd() {
            work = work.with_multifd(multifd);
        }
        self.announcer.set_exit_on_error(awaits.exit_on_error);
        let (recovers, fetch) = (work.recovery(), work.fetch());
        let mut current = self.current();
        start(&self.destination, trigger, work, endings::arrived)?;
        (current.receiving, current.listens_at, current.recovers) = (progress, Some(listens_at), recovers);
        *self.fetched.lock().unwrap_or_else(PoisonError::into_inner) = fetch;
        Ok(())
    }

    /// Raises the trigger in the machine that is at work. The destination's table gives the reason why it refuses.
    fn cancel(&self) -> Result<(), CommandError> {
        if self.only_receives() {
            return answered(self.destination.raise(destination::Trigger::Cancel)).map(drop);
        }
        answered(self.source.raise(source::Trigger::Cancel)).map(drop)
    }

    fn go_on(&self) -> Result<(), CommandError> {
        answered(self.source.raise(source::Trigger::Continue)).map(drop)
    }

    fn start_postcopy(&self) -> Result<(), CommandError> {
        answered(self.source.raise(source::Trigger::StartPostcopy)).map(drop)
    }

    fn pause(&self) -> Result<(), CommandError> {
        if self.only_receives() {
            return answered(self.destination.raise(destination::Trigger::Pause)).map(drop);
        }
        answered(self.source.raise(source::Trigger::Pause)).map(drop)
    }

    fn resume(&self, to: Address) -> Result<(), CommandError> {
        let resumes = self.current().resumes.clone();
        resumes.set(to);
        let raised = self.source.raise(source::Trigger::Resume);
        if !matches!(raised, Raised::Accepted(_)) {
            resumes.forget();
        }
        answered(raised).map(drop)
    }

    fn recover(&self, at: Address) -> Result<(), CommandError> {
        let trigger = destination::Trigger::Recover;
        if destination::answer(self.destination.state(), trigger, destination::Facts::EMPTY) != Answer::Accept {
            return answered(self.destination.raise(trigger)).map(drop);
        }
        let listener = listen(&at)?;
        let mut current = self.current();
        current.listens_at = Some(listener.address().clone());
        current.recovers.set(listener);
        let raised = self.destination.raise(trigger);
        if !matches!(raised, Raised::Accepted(_)) {
            current.recovers.forget();
        }
        answered(raised).map(drop)
    }

    fn give_up(&self) -> Result<(), CommandError> {
        if self.only_receives() {
            return answered(self.destination.raise(destination::Trigger::GiveUp)).map(drop);
        }
        answered(self.source.raise(source::Trigger::GiveUp)).map(drop)
    }

    fn query(&self) -> MigrationInfo {
        let current = self.current();
        let listens_at = current.listens_at.as_ref().map(ToString::to_string);
        let (mut source, mut destination) = (side(&self.source), side(&self.destination));
        source.stranded = current.sending.stranded().map(|cause| cause.to_string());
        source.token = current.sending.token();
        destination.token = current.receiving.token();
        let fetched = match half(&self.fetched) {
            Some(fetch) => Some(Fetched { missing_pages: fetch.missing_pages(), figures: fetch.figures() }),
            None => current.receiving.postcopy().map(|figures| Fetched { missing_pages: 0, figures }),
        };
        MigrationInfo { source, destination, figures: self.figures(&current), listens_at, fetched }
    }

    fn end(&self, limit: Duration) {
        if let Some(fetch) = half(&self.fetched) {
            // The guest ends with the process, and what waits for its pages has to.
            self.vm.end_waiting(|| fetch.end());
        }
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

/// Binds an address.
fn listen(at: &Address) -> Result<Listener, CommandError> {
    let never = Raiser::new().map_err(|error| CommandError::generic(error.to_string()))?;
    let listener = Listener::bind(at, &Wait::new(&never, BIND_MAX));
    listener.map_err(|error| CommandError::generic(error.to_line()))
}

/// The half of a post-copy that is there now.
fn half(fetched: &Mutex<Cell<Fetch>>) -> Option<Arc<Fetch>> {
    fetched.lock().unwrap_or_else(PoisonError::into_inner).get()
}

/// Calls `fired` for every transition of `machine`, and has every step of it written.
fn watch<R: Role<Status = Status, Reason = Reason>>(
    machine: &Machine<R>,
    trace: Option<&Arc<Trace>>,
    mut fired: impl FnMut(R::State, R::State, Option<(Status, Option<Reason>)>) + Send + 'static,
) {
    let trace = trace.map(Arc::clone);
    machine.subscribe(move |step| {
        if let Some(trace) = &trace {
            trace.write(step);
        }
        match step {
            Step::Fired { from, transition, publishes, reason, .. } => {
                tracing::info!(machine = R::NAME, %from, to = %transition.to, "transition");
                fired(*from, transition.to, publishes.map(|status| (status, *reason)));
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

/// Raises a trigger that starts an attempt, has `work` carry it out, and calls `ended` with what it came to.
fn start<R: Performs<W, Cause = Cause>, W: Send + 'static>(
    machine: &Machine<R>,
    trigger: R::Trigger,
    mut work: W,
    ended: impl FnOnce(&W, &Outcome<R>) + Send + 'static,
) -> Result<(), CommandError> {
    let (tell, told): (SyncSender<Attempt>, _) = sync_channel(1);
    let driven = machine.clone();
    let thread = thread::Builder::new().name(R::NAME.to_owned()).spawn(move || {
        // The sender is dropped if the trigger is refused.
        if let Ok(attempt) = told.recv() {
            let outcome = drive(&driven, attempt, &mut work);
            ended(&work, &outcome);
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
        Raised::Ignored | Raised::Handled => Ok(None),
        Raised::Refused(refusal) => {
            let class = refusal.class().and_then(ErrorClass::from_name).unwrap_or(ErrorClass::GenericError);
            Err(CommandError::new(class, refusal.to_string()))
        }
    }
}

fn side<R: Role<Status = Status, Reason = Reason>>(machine: &Machine<R>) -> SideInfo {
    let Outcome { state, reason, ending } = machine.snapshot();
    let (ended_by, cause) = ending.map(|ending| (ending.decided_by.to_owned(), ending.cause)).unzip();
    SideInfo {
        status: R::shows(state),
        reason,
        state: state.to_string(),
        in_progress: R::kind(state) != Kind::Idle,
        ended_by,
        cause: cause.flatten().map(|cause| endings::explained(&cause)),
        stranded: None,
        token: None,
    }
}
