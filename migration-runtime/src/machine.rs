//! The only owner of a state.
//!
//! A [`Machine`] is one role of a migration: it holds the state and the pending facts behind one lock, and changes
//! them only as the generated `advance` says. Any thread may raise a trigger or report evidence at any time; what
//! clients are shown leaves in the order of the changes, because observers are called under the same lock.

#[cfg(all(test, loom))]
mod interleavings;
mod step;
mod visit;

pub use step::{Decision, Ending, Evidence, Raised, Refusal, Step};
pub use visit::{Attempt, Visit, VisitOver};

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::cause::Cause;
use crate::states::{Answer, Kind, Message, Role, Status, Transition};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What is called for every step of a machine, in the order of the steps.
type Observer<R> = Box<dyn FnMut(&Step<R>) + Send>;

/// One role of a migration; clones share it.
pub struct Machine<R: Role> {
    shared: Arc<Shared<R>>,
}

struct Shared<R: Role> {
    core: Mutex<Core<R>>,
    changed: Condvar,
    guards: Box<dyn Fn(R::Guard) -> bool + Send + Sync>,
}

// Invariant: `facts` holds pending triggers, the events of the present visit and the fixed guards of the present
// attempt, and nothing in an idle state.
struct Core<R: Role> {
    state: R::State,
    facts: R::Facts,
    attempt: Attempt,
    visit: Visit,
    outbox: Vec<Message>,
    ending: Option<Ending>,
    timeouts: Vec<(R::State, Duration)>,
    observers: Vec<Observer<R>>,
    never: Arc<OwnedFd>,
}

impl<R: Role> Clone for Machine<R> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<R: Role> Machine<R> {
    /// A machine in its initial state.
    ///
    /// `guards` answers what the table calls guards. Those that are fixed are asked once, when an attempt begins;
    /// the others at every step. It is called under the machine's lock: it must not block or call back.
    ///
    /// # Errors
    ///
    /// When the process has no descriptor left.
    pub fn new(guards: impl Fn(R::Guard) -> bool + Send + Sync + 'static) -> io::Result<Self> {
        let never = Arc::new(visit::unreadable()?);
        let core = Core {
            state: R::INITIAL,
            facts: R::Facts::default(),
            attempt: Attempt::default(),
            visit: Visit::first(&never),
            outbox: Vec::new(),
            ending: None,
            timeouts: Vec::new(),
            observers: Vec::new(),
            never,
        };
        let shared = Shared { core: Mutex::new(core), changed: Condvar::new(), guards: Box::new(guards) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Calls `observer` for every step from now on, in the order of the steps.
    ///
    /// It is called under the machine's lock, so that order is kept: it must not block or call back.
    pub fn subscribe(&self, observer: impl FnMut(&Step<R>) + Send + 'static) {
        self.lock().observers.push(Box::new(observer));
    }

    /// Waits at most this long for the peer in `state`, from its next visit on, in place of the table's default.
    pub fn set_timeout(&self, state: R::State, timeout: Duration) {
        let mut core = self.lock();
        core.timeouts.retain(|(of, _)| *of != state);
        core.timeouts.push((state, timeout));
    }

    /// Asks for something in the name of the user. A refused or ignored trigger leaves no trace.
    ///
    /// Whoever gets [`Raised::Accepted`] from an idle state must [`drive`](crate::drive::drive) the attempt.
    pub fn raise(&self, trigger: R::Trigger) -> Raised {
        let mut core = self.lock();
        let starts = R::kind(core.state) == Kind::Idle;
        let fixed = if starts { self.ask(R::is_fixed) } else { R::intersection(core.facts, R::fixed_mask()) };
        let raised = match R::answer(core.state, trigger, fixed) {
            Answer::Ignore => Raised::Ignored,
            Answer::Refuse(reason) => Raised::Refused(Refusal::new::<R>(trigger, core.state, fixed, reason)),
            Answer::Accept => {
                if starts {
                    core.begin(fixed);
                }
                Raised::Accepted(core.attempt)
            }
        };
        core.tell(&Step::Raised { trigger, raised: &raised, guards: R::bits(fixed) });
        if matches!(raised, Raised::Accepted(_)) {
            core.facts = R::union(core.facts, R::trigger_fact(trigger));
            self.advance(&mut core, &Decision::new(trigger.to_string(), None));
        }
        raised
    }

    /// Reports evidence that the work of `visit` found. Evidence of a visit that is over changes nothing.
    pub fn report(&self, visit: &Visit, event: R::Event, cause: Option<Cause>) -> Evidence {
        let mut core = self.lock();
        if !core.visit.is(visit) || R::kind(core.state) == Kind::Idle {
            core.tell(&Step::Reported { event, visit: visit.number(), cause: cause.as_ref(), stale: true });
            return Evidence::Stale;
        }
        core.tell(&Step::Reported { event, visit: visit.number(), cause: cause.as_ref(), stale: false });
        core.facts = R::union(core.facts, R::event_fact(event));
        if self.advance(&mut core, &Decision::new(event.to_string(), cause)) {
            Evidence::Fired
        } else {
            Evidence::Pending
        }
    }

    /// The state and the stay in it, for the work of `attempt`; none once the attempt is over.
    #[must_use]
    pub fn visit(&self, attempt: Attempt) -> Option<(R::State, Visit)> {
        let core = self.lock();
        let runs = core.attempt == attempt && R::kind(core.state) != Kind::Idle;
        runs.then(|| (core.state, core.visit.clone()))
    }

    /// Takes the next message that a fired transition sends, for the work of `visit`.
    pub(crate) fn next_message(&self, visit: &Visit) -> Option<Message> {
        let mut core = self.lock();
        if core.visit.is(visit) && !core.outbox.is_empty() { Some(core.outbox.remove(0)) } else { None }
    }

    /// The state the machine is in.
    #[must_use]
    pub fn state(&self) -> R::State {
        self.lock().state
    }

    /// What a client is shown.
    #[must_use]
    pub fn status(&self) -> Status {
        R::shows(self.state())
    }

    /// Why the last attempt ended, or is ending; none before it does.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        self.lock().ending.clone()
    }

    /// What a client is shown and why the last attempt ended, as of one moment.
    #[must_use]
    pub fn picture(&self) -> (R::State, Option<Ending>) {
        let core = self.lock();
        (core.state, core.ending.clone())
    }

    /// Waits until the state satisfies `wanted`, at most for `limit`; the state then.
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

    fn lock(&self) -> MutexGuard<'_, Core<R>> {
        self.shared.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The guards among `wanted` that hold now.
    fn ask(&self, wanted: impl Fn(R::Guard) -> bool) -> R::Facts {
        let holds = |guard: &&R::Guard| wanted(**guard) && (self.shared.guards)(**guard);
        R::GUARDS.iter().filter(holds).fold(R::Facts::default(), |facts, guard| R::union(facts, R::guard_fact(*guard)))
    }

    /// Fires transitions while one is enabled. The table's check proved that this ends.
    fn advance(&self, core: &mut Core<R>, decision: &Decision) -> bool {
        let mut fired = false;
        loop {
            let asked = self.ask(|guard| !R::is_fixed(guard));
            let Some(transition) = R::advance(core.state, R::union(core.facts, asked)) else {
                break;
            };
            core.fire(transition, decision, R::bits(asked));
            fired = true;
        }
        if fired {
            self.shared.changed.notify_all();
        }
        fired
    }
}

impl<R: Role> Core<R> {
    fn begin(&mut self, fixed: R::Facts) {
        self.attempt = self.attempt.next();
        self.facts = fixed;
        self.ending = None;
        self.outbox.clear();
    }

    fn fire(&mut self, transition: &'static Transition<R>, decision: &Decision, asked: u64) {
        let from = self.state;
        let gone = R::union(R::union(R::events_mask(), transition.consumes), transition.drops);
        self.state = transition.to;
        self.facts = R::minus(self.facts, gone);
        self.visit.end();
        self.visit = self.visit.next(self.attempt, self.timeout(), &self.never);
        self.outbox.extend_from_slice(transition.sends);
        match R::kind(self.state) {
            Kind::Idle => {
                self.facts = R::Facts::default();
                self.outbox.clear();
            }
            Kind::Cleanup if self.ending.is_none() => self.ending = Some(decision.ending()),
            Kind::Cleanup | Kind::Work | Kind::Wait => {}
        }
        let publishes = transition.public.then(|| R::shows(self.state));
        let attempt = self.attempt;
        self.tell(&Step::Fired { from, transition, attempt, publishes, guards: asked });
    }

    fn timeout(&self) -> Option<Duration> {
        let own = self.timeouts.iter().find(|(state, _)| *state == self.state).map(|(_, timeout)| *timeout);
        own.or_else(|| R::timeout(self.state).map(|timeout| Duration::from_millis(timeout.after_ms.into())))
    }

    fn tell(&mut self, step: &Step<R>) {
        for observer in &mut self.observers {
            observer(step);
        }
    }
}
