//! The two machines of this process, and the work behind them: the only file that raises their triggers.
//!
//! Each accepted trigger that starts an attempt gets a thread that drives it to its end. The thread is there before the
//! trigger is raised: once an attempt is accepted, nothing may keep it from being carried out.

mod clock;
mod command;
mod endings;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use migration_runtime::address::Address;
use migration_runtime::channel::{Listener, Raiser, Wait};
use migration_runtime::destination::DestinationWork;
use migration_runtime::guest::Guest;
use migration_runtime::machine::{Machine, Outcome, Raised};
use migration_runtime::memory::{Layout, PAGE_BYTES};
use migration_runtime::parameters::{OnLimit, Parameters};
use migration_runtime::postcopy::{Cell, Fetch, Supply};
use migration_runtime::progress::Progress;
use migration_runtime::recovery::Recovery;
use migration_runtime::source::{Notice, SourceWork, after_give_up};
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::states::{Answer, Kind, Reason, Role, Status};
use migration_runtime::wire::Token;

use self::clock::Clock;
use self::command::{raise, start};
use self::watch::{Pause, stage, watch};
use crate::announce::Announcer;
use crate::capabilities::{Capabilities, Capability};
use crate::encryption::Encryption;
use crate::figures::{Fetched, Figures, MigrationInfo, SideInfo, milliseconds};
use crate::host::{Awaits, Migrations};
use crate::qmp::CommandError;
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
    /// Why the post-copy that sends, and the one that receives, was paused.
    pauses: (Pause, Pause),
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
    /// Says that the source's attempt was cancelled at its limit.
    overran: Arc<Mutex<Option<String>>>,
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
        let (clock, pauses) = (Arc::<Mutex<Clock>>::default(), <(Pause, Pause)>::default());
        watch(&source, trace, {
            let (announcer, clock, pause) = (Arc::clone(&announcer), Arc::clone(&clock), pauses.0.clone());
            move |fired| {
                // The figures, and why it is so, are final before the status that says so.
                clock.lock().unwrap_or_else(PoisonError::into_inner).step(fired.from, fired.to);
                if fired.to == source::State::PostcopyPaused {
                    pause.note::<Source>(fired.why);
                }
                if let Some((status, reason)) = fired.publishes {
                    announcer.source_shows(status, reason, stage::<Source>(fired.to, status));
                }
            }
        });
        watch(&destination, trace, {
            let (announcer, pause) = (Arc::clone(&announcer), pauses.1.clone());
            move |fired| {
                if fired.to == destination::State::PostcopyPaused {
                    pause.note::<Destination>(fired.why);
                }
                if let Some((status, reason)) = fired.publishes {
                    announcer.destination_shows(status, reason, stage::<Destination>(fired.to, status));
                }
            }
        });
        let (capabilities, current) = (Arc::clone(capabilities), Mutex::default());
        Self {
            vm,
            capabilities,
            parameters,
            encryption,
            announcer,
            source,
            destination,
            clock,
            current,
            fetched,
            pauses,
        }
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
            throttle_percent: snapshot.throttle_percent,
            postcopy_requests: supply.as_ref().map_or(0, |supply| supply.requests()),
            page_bytes: PAGE_BYTES,
        }
    }
}

impl Migrations for Machines {
    fn migrate(&self, to: Address, token: Option<Token>) -> Result<(), CommandError> {
        let (progress, announcer) = (Arc::<Progress>::default(), Arc::clone(&self.announcer));
        let (machine, parameters) = (self.source.clone(), Arc::clone(&self.parameters));
        let overran = Arc::<Mutex<Option<String>>>::default();
        let tells = Arc::clone(&overran);
        let notify = move |notice| match notice {
            Notice::Pass(pass) => announcer.pass(pass),
            Notice::LimitReached => {
                let starts = parameters.on_limit() == OnLimit::Postcopy
                    && matches!(machine.raise(source::Trigger::StartPostcopy), Raised::Accepted(_));
                if starts {
                    tracing::warn!("the migration reaches its limit, and a post-copy is started");
                } else {
                    let limit = parameters.attempt_limit().unwrap_or_default().as_secs_f64();
                    let why = format!("the migration did not complete within its limit of {limit} s (`x-limit`)");
                    tracing::warn!(why, "the migration is cancelled");
                    *tells.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
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
        current.overran = overran;
        Ok(())
    }

    fn incoming(&self, at: Address, awaits: Awaits) -> Result<(), CommandError> {
        let trigger = destination::Trigger::Incoming;
        if destination::answer(self.destination.state(), trigger, destination::Facts::EMPTY) != Answer::Accept {
            return raise(&self.destination, trigger).map(drop);
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
            return raise(&self.destination, destination::Trigger::Cancel).map(drop);
        }
        raise(&self.source, source::Trigger::Cancel).map(drop)
    }

    fn go_on(&self) -> Result<(), CommandError> {
        raise(&self.source, source::Trigger::Continue).map(drop)
    }

    fn start_postcopy(&self) -> Result<(), CommandError> {
        raise(&self.source, source::Trigger::StartPostcopy).map(drop)
    }

    fn pause(&self) -> Result<(), CommandError> {
        if self.only_receives() {
            return raise(&self.destination, destination::Trigger::Pause).map(drop);
        }
        raise(&self.source, source::Trigger::Pause).map(drop)
    }

    fn resume(&self, to: Address) -> Result<(), CommandError> {
        let resumes = self.current().resumes.clone();
        resumes.set(to);
        let raised = raise(&self.source, source::Trigger::Resume);
        if !matches!(raised, Ok(Some(_))) {
            resumes.forget();
        }
        raised.map(drop)
    }

    fn recover(&self, at: Address) -> Result<(), CommandError> {
        let trigger = destination::Trigger::Recover;
        if destination::answer(self.destination.state(), trigger, destination::Facts::EMPTY) != Answer::Accept {
            return raise(&self.destination, trigger).map(drop);
        }
        let listener = listen(&at)?;
        let mut current = self.current();
        current.listens_at = Some(listener.address().clone());
        current.recovers.set(listener);
        let raised = raise(&self.destination, trigger);
        if !matches!(raised, Ok(Some(_))) {
            current.recovers.forget();
        }
        raised.map(drop)
    }

    fn give_up(&self) -> Result<(), CommandError> {
        if self.only_receives() {
            return raise(&self.destination, destination::Trigger::GiveUp).map(drop);
        }
        raise(&self.source, source::Trigger::GiveUp).map(drop)
    }

    fn query(&self) -> MigrationInfo {
        let current = self.current();
        let listens_at = current.listens_at.as_ref().map(ToString::to_string);
        let (mut source, mut destination) = (side(&self.source), side(&self.destination));
        let ran_there = current.sending.ran_there();
        source.cause = match (source.status, source.reason) {
            (Status::PostcopyPaused, _) => self.pauses.0.why(),
            (Status::Cancelling | Status::Cancelled, _) => {
                current.overran.lock().unwrap_or_else(PoisonError::into_inner).clone()
            }
            (_, Some(Reason::GivenUp)) => Some(after_give_up(ran_there).to_owned()),
            (_, _) => source.cause,
        };
        destination.cause = match (destination.status, destination.reason) {
            (Status::PostcopyPaused, None) => self.pauses.1.why(),
            (_, Some(Reason::GivenUp)) => Some(LOST.to_owned()),
            (_, _) => destination.cause,
        };
        source.stranded = current.sending.stranded().map(|cause| cause.to_string());
        source.token = current.sending.token();
        destination.token = current.receiving.token();
        let fetched = match half(&self.fetched) {
            Some(fetch) => Some(Fetched { missing_pages: fetch.missing_pages(), figures: fetch.figures() }),
            None => current.receiving.postcopy().map(|figures| Fetched { missing_pages: 0, figures }),
        };
        MigrationInfo { source, destination, figures: self.figures(&current), listens_at, fetched, ran_there }
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
        // Refused once the guest was handed over.
        let cancels = raise(&self.source, source::Trigger::Cancel).is_ok();
        let is_over = |state: source::State| idle(state) || endings::is_halted(state);
        let mut state = self.source.state();
        if !cancels && !is_over(state) {
            tracing::warn!(%state, "the process ends once the guest has left, which was handed over; a signal ends it at once");
        }
        while !is_over(state) {
            state = self.source.wait(limit, is_over);
            // While pages follow the guest, the process is what it needs to go on.
            if !endings::follows(state) {
                break;
            }
        }
        if !idle(state) {
            let missing_pages = self.current().supplies.get().map(|supply| supply.unsent_pages());
            tracing::error!(%state, missing_pages, "the process ends in the middle of a migration: {}", endings::lost(state));
        }
    }
}

/// What became of a guest whose user gave up the rest of its memory.
const LOST: &str = "the post-copy was given up: part of the memory of the guest that ran here is gone with its source";

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

fn side<R: Role<Status = Status, Reason = Reason>>(machine: &Machine<R>) -> SideInfo {
    let Outcome { state, reason, ending } = machine.snapshot();
    let failed = matches!(R::shows(state), Status::Failing | Status::Failed);
    let (ended_by, cause) = ending.map(|ending| (ending.decided_by.to_owned(), ending.cause)).unzip();
    SideInfo {
        status: R::shows(state),
        reason,
        state: state.to_string(),
        in_progress: R::kind(state) != Kind::Idle,
        ended_by,
        cause: cause.flatten().filter(|_| failed).map(|cause| endings::explained(&cause)),
        stranded: None,
        token: None,
    }
}
