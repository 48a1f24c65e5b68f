//! The only owner of a state.
//!
//! A [`Machine`] holds the state and the pending facts of one role behind one lock, and changes them only as the
//! generated `advance` says. Any thread may raise a trigger or report evidence at any time; what clients are shown leaves
//! in the order of the changes, because observers are called under the same lock.

#[cfg(all(test, loom))]
mod interleavings;

use std::time::{Duration, Instant};

use crate::fact_set::FactSet;
use crate::role::{Answer, Role, Transition};
use crate::step::{Ending, Evidence, Noticed, Outcome, Raised, Refusal, Step};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use crate::visit::{Attempt, Visit};
use crate::word::{Fact, Kind, Word};

/// How many outcomes of attempts are kept for whoever drove them. Attempts follow each other, and each is driven by a
/// thread that asks at its end, so more than one or two means that nobody asks.
const OUTCOMES_MAX: usize = 16;

/// What is called for every step of a machine, in the order of the steps.
type Observer<R, C> = Box<dyn FnMut(&Step<'_, R, C>) + Send>;

/// A running machine of the role `R`, whose work gives causes of the type `C`. Clones share it.
///
/// ```
/// mod doors {
///     migration_macros::state_machine!("../../migration-macros/tests/tables/tiny.yaml");
/// }
///
/// use doors::Status;
/// use doors::door::{Door, MovingEvent, ReleasingEvent, Trigger, Work};
/// use migration_machine::{Machine, Raised, Visit, VisitOver, drive};
///
/// struct Motor;
///
/// impl Work for Motor {
///     type Cause = String;
///
///     fn moving(&mut self, _: &Visit) -> Result<MovingEvent<String>, VisitOver> {
///         Ok(MovingEvent::Stuck("ice".to_owned()))
///     }
///
///     fn releasing(&mut self, _: &Visit) -> Result<ReleasingEvent, VisitOver> {
///         Ok(ReleasingEvent::Released)
///     }
/// }
///
/// let machine = Machine::<Door>::new(|guard| match guard {});
/// let Raised::Accepted(attempt) = machine.raise(Trigger::Open) else { panic!("a shut door opens") };
/// let outcome = drive(&machine, attempt, &mut Motor);
/// assert_eq!(outcome.status(), Status::Opened);
/// assert_eq!(outcome.cause().map(String::as_str), Some("ice"));
/// ```
pub struct Machine<R: Role, C = String> {
    shared: Arc<Shared<R, C>>,
}

struct Shared<R: Role, C> {
    core: Mutex<Core<R, C>>,
    changed: Condvar,
    guards: Box<dyn Fn(R::Guard) -> bool + Send + Sync>,
}

// Invariant: `facts` holds pending triggers, the events of the present visit and the fixed guards of the present
// attempt, and nothing in an idle state.
struct Core<R: Role, C> {
    state: R::State,
    facts: FactSet<R>,
    attempt: Attempt,
    visit: Visit,
    outbox: Vec<R::Message>,
    ending: Option<Ending<C>>,
    reason: Option<R::Reason>,
    outcomes: Vec<(Attempt, Outcome<R, C>)>,
    timeouts: Vec<(R::State, Duration)>,
    observers: Vec<Observer<R, C>>,
}

impl<R: Role, C> Clone for Machine<R, C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<R: Role, C: Clone> Machine<R, C> {
    /// A machine in its initial state.
    ///
    /// `guards` answers what the table calls guards. Those that are fixed are asked once, when an attempt begins;
    /// the others at every step. It is called under the machine's lock: it must not block or call back.
    pub fn new(guards: impl Fn(R::Guard) -> bool + Send + Sync + 'static) -> Self {
        let core = Core {
            state: R::INITIAL,
            facts: FactSet::EMPTY,
            attempt: Attempt::default(),
            visit: Visit::detached(None),
            outbox: Vec::new(),
            ending: None,
            reason: None,
            outcomes: Vec::new(),
            timeouts: Vec::new(),
            observers: Vec::new(),
        };
        let shared = Shared { core: Mutex::new(core), changed: Condvar::new(), guards: Box::new(guards) };
        Self { shared: Arc::new(shared) }
    }

    /// Calls `observer` for every step from now on, in the order of the steps.
    ///
    /// It is called under the machine's lock, so that order is kept: it must not block or call back.
    pub fn subscribe(&self, observer: impl FnMut(&Step<'_, R, C>) + Send + 'static) {
        self.lock().observers.push(Box::new(observer));
    }

    /// Waits at most this long for the peer in `state`, from its next visit on, in place of the table's default.
    pub fn set_timeout(&self, state: R::State, timeout: Duration) {
        let mut core = self.lock();
        core.timeouts.retain(|(of, _)| *of != state);
        core.timeouts.push((state, timeout));
    }

    /// Raises a trigger for the user. A trigger that is not accepted leaves no trace.
    ///
    /// After [`Raised::Accepted`] in an idle state, call [`drive`](crate::drive()). After [`Raised::Handled`], carry the
    /// command out: the table says that it changes nothing that the machine knows.
    pub fn raise(&self, trigger: R::Trigger) -> Raised {
        let mut core = self.lock();
        let starts = R::kind(core.state) == Kind::Idle;
        let fixed = if starts { self.ask(R::FIXED) } else { core.facts.intersection(R::FIXED) };
        let raised = match R::answer(core.state, trigger, fixed) {
            Answer::Ignore => Raised::Ignored,
            Answer::Handle => Raised::Handled,
            Answer::Refuse(reason) => Raised::Refused(Refusal::new::<R>(trigger, core.state, fixed, reason)),
            Answer::Accept => {
                if starts {
                    core.begin(fixed);
                }
                Raised::Accepted(core.attempt)
            }
        };
        core.tell(&Step::Raised { trigger, raised: &raised, guards: fixed });
        if matches!(raised, Raised::Accepted(_)) {
            core.facts = core.facts.union(trigger.fact());
            self.advance(&mut core, &Ending { decided_by: trigger.name(), cause: None });
        }
        raised
    }

    /// Reports evidence that the work of `visit` found. Evidence of a visit that is over changes nothing.
    pub fn report(&self, visit: &Visit, event: R::Event, cause: Option<C>) -> Evidence {
        let mut core = self.lock();
        if !core.visit.is(visit) || R::kind(core.state) == Kind::Idle {
            core.tell(&Step::Reported { event, visit: visit.number(), cause: cause.as_ref(), stale: true });
            return Evidence::Stale;
        }
        self.hear(&mut core, event, cause)
    }

    /// Reports an event that something outside the work noticed, for the present visit. In an idle state it begins an
    /// attempt if a transition fires by it, and is stale if none does.
    ///
    /// After an attempt has begun, call [`drive`](crate::drive()).
    pub fn notice(&self, event: R::Event, cause: Option<C>) -> Noticed {
        let mut core = self.lock();
        if R::kind(core.state) != Kind::Idle {
            return Noticed { evidence: self.hear(&mut core, event, cause), began: None };
        }
        let (fixed, asked) = (self.ask(R::FIXED), self.ask(R::GUARDS.minus(R::FIXED)));
        if R::advance(core.state, fixed.union(asked).union(event.fact())).is_none() {
            let visit = core.visit.number();
            core.tell(&Step::Reported { event, visit, cause: cause.as_ref(), stale: true });
            return Noticed { evidence: Evidence::Stale, began: None };
        }
        core.begin(fixed);
        let began = Some(core.attempt);
        Noticed { evidence: self.hear(&mut core, event, cause), began }
    }

    /// Adds an event of the present visit, and fires what it enables.
    fn hear(&self, core: &mut Core<R, C>, event: R::Event, cause: Option<C>) -> Evidence {
        let visit = core.visit.number();
        core.tell(&Step::Reported { event, visit, cause: cause.as_ref(), stale: false });
        core.facts = core.facts.union(event.fact());
        if self.advance(core, &Ending { decided_by: event.name(), cause }) {
            Evidence::Fired
        } else {
            Evidence::Pending
        }
    }

    /// Returns the state and the stay in it, for the work of `attempt`; `None` once the attempt is over.
    #[must_use]
    pub fn visit(&self, attempt: Attempt) -> Option<(R::State, Visit)> {
        let core = self.lock();
        let runs = core.attempt == attempt && R::kind(core.state) != Kind::Idle;
        runs.then(|| (core.state, core.visit.clone()))
    }

    /// Takes the next message that a fired transition sends, for the work of `visit`.
    pub(crate) fn next_message(&self, visit: &Visit) -> Option<R::Message> {
        let mut core = self.lock();
        if core.visit.is(visit) && !core.outbox.is_empty() { Some(core.outbox.remove(0)) } else { None }
    }

    /// Waits until `visit` is over.
    pub(crate) fn await_end(&self, visit: &Visit) {
        let mut core = self.lock();
        while core.visit.is(visit) {
            core = self.shared.changed.wait(core).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Tells observers that a message was not sent, where nothing depends on it.
    pub(crate) fn tell_unsent(&self, message: R::Message, cause: &C) {
        self.lock().tell(&Step::Unsent { message, cause });
    }

    /// Takes the outcome of `attempt`, once that is over.
    pub(crate) fn take_outcome(&self, attempt: Attempt) -> Option<Outcome<R, C>> {
        let mut core = self.lock();
        let at = core.outcomes.iter().position(|(of, _)| *of == attempt)?;
        Some(core.outcomes.remove(at).1)
    }

    /// Returns the state the machine is in.
    #[must_use]
    pub fn state(&self) -> R::State {
        self.lock().state
    }

    /// Returns what a client is shown.
    #[must_use]
    pub fn status(&self) -> R::Status {
        R::shows(self.state())
    }

    /// Returns why the last attempt ended, or is ending; `None` before it does.
    #[must_use]
    pub fn ending(&self) -> Option<Ending<C>> {
        self.lock().ending.clone()
    }

    /// Returns the reason that is kept: the first one that the attempt was given, until the next attempt begins.
    #[must_use]
    pub fn reason(&self) -> Option<R::Reason> {
        self.lock().reason
    }

    /// Returns the state and why the last attempt ended, in the words of the table and of the work, as of one moment.
    #[must_use]
    pub fn snapshot(&self) -> Outcome<R, C> {
        let core = self.lock();
        Outcome { state: core.state, reason: core.reason, ending: core.ending.clone() }
    }

    /// Waits until the state satisfies `wanted`, at most for `limit`. Returns the state then.
    #[must_use]
    pub fn wait(&self, limit: Duration, wanted: impl Fn(R::State) -> bool) -> R::State {
        let deadline = Instant::now() + limit;
        let mut core = self.lock();
        while !wanted(core.state) {
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                break;
            };
            core = self.shared.changed.wait_timeout(core, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        core.state
    }

    fn lock(&self) -> MutexGuard<'_, Core<R, C>> {
        self.shared.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the guards among `wanted` that hold now.
    fn ask(&self, wanted: FactSet<R>) -> FactSet<R> {
        let holds = |guard: &&R::Guard| wanted.contains(guard.fact()) && (self.shared.guards)(**guard);
        R::Guard::ALL.iter().filter(holds).fold(FactSet::EMPTY, |facts, guard| facts.union(guard.fact()))
    }

    /// Fires transitions while one is enabled. The table's check proved that this ends.
    fn advance(&self, core: &mut Core<R, C>, decision: &Ending<C>) -> bool {
        let mut fired = false;
        loop {
            let asked = self.ask(R::GUARDS.minus(R::FIXED));
            let Some(transition) = R::advance(core.state, core.facts.union(asked)) else {
                break;
            };
            core.fire(transition, decision, asked);
            fired = true;
        }
        if fired {
            self.shared.changed.notify_all();
        }
        fired
    }
}

impl<R: Role, C: Clone> Core<R, C> {
    fn begin(&mut self, fixed: FactSet<R>) {
        self.attempt = self.attempt.next();
        self.facts = fixed;
        self.ending = None;
        self.outbox.clear();
    }

    fn fire(&mut self, transition: &'static Transition<R>, decision: &Ending<C>, asked: FactSet<R>) {
        let from = self.state;
        self.reason = R::reason(from, transition, self.reason);
        let gone = R::EVENTS.union(transition.consumes).union(transition.drops);
        self.state = transition.to;
        self.facts = self.facts.minus(gone);
        self.visit.end();
        self.visit = self.visit.next(self.attempt, self.state.name(), self.timeout(), self.timer());
        self.outbox.extend_from_slice(transition.sends);
        match R::kind(self.state) {
            Kind::Idle => {
                self.facts = FactSet::EMPTY;
                self.outbox.clear();
                self.outcomes.truncate(OUTCOMES_MAX - 1);
                let (state, reason, ending) = (self.state, self.reason, self.ending.clone());
                self.outcomes.insert(0, (self.attempt, Outcome { state, reason, ending }));
            }
            Kind::Cleanup if self.ending.is_none() => self.ending = Some(decision.clone()),
            Kind::Cleanup | Kind::Work | Kind::Wait => {}
        }
        let publishes = transition.public.then(|| R::shows(self.state));
        let (attempt, reason) = (self.attempt, self.reason);
        self.tell(&Step::Fired { from, transition, attempt, publishes, reason, guards: asked });
    }

    fn timeout(&self) -> Option<Duration> {
        let own = self.timeouts.iter().find(|(state, _)| *state == self.state).map(|(_, timeout)| *timeout);
        own.or_else(|| R::entry(self.state).timeout.map(|timeout| Duration::from_millis(timeout.after_ms.into())))
    }

    fn timer(&self) -> Option<Duration> {
        R::entry(self.state).timer.map(|timer| Duration::from_millis(timer.after_ms.into()))
    }

    fn tell(&mut self, step: &Step<'_, R, C>) {
        for observer in &mut self.observers {
            observer(step);
        }
    }
}
