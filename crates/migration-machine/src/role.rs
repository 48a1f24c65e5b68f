//! What generated code says of one machine: its states with their rows and answers, and the trait that stands for it.

use core::fmt::Debug;

use crate::fact_set::FactSet;
use crate::visit::{Visit, VisitOver};
use crate::word::{EventWord, Fact, Kind, Word};

/// A machine of a table, as a type. The macro implements it for one type of each machine.
pub trait Role: Copy + Eq + Debug + Send + Sync + 'static {
    /// What a client is shown.
    type Status: Word;
    /// Why an attempt ends.
    type Reason: Word;
    /// What the machines of the table say to each other.
    type Message: Word;
    /// What exists while the machine is in certain states.
    type Resource: Word;
    /// Where the machine can be.
    type State: Word;
    /// What a user can ask for.
    type Trigger: Fact<Self>;
    /// Evidence that the work reports, and messages from the peer.
    type Event: EventWord<Self>;
    /// What is asked when the machine decides.
    type Guard: Fact<Self>;

    /// Its name in the table.
    const NAME: &'static str;
    /// The state it starts in.
    const INITIAL: Self::State;
    /// All triggers.
    const TRIGGERS: FactSet<Self>;
    /// All events, messages from the peer included.
    const EVENTS: FactSet<Self>;
    /// All guards.
    const GUARDS: FactSet<Self>;
    /// All guards that keep their value for a whole attempt.
    const FIXED: FactSet<Self>;

    /// Returns what the table says of a state.
    fn entry(state: Self::State) -> &'static StateEntry<Self>;

    /// Returns the transition that fires in `state` while these facts hold, or `None`.
    fn advance(state: Self::State, facts: FactSet<Self>) -> Option<&'static Transition<Self>>;

    /// Returns the event to report when `message` cannot be sent: `None` where another machine sends it, or where nothing
    /// depends on it.
    fn unsent(message: Self::Message) -> Option<Self::Event>;

    /// Returns the event that the arrival of `message` is, or `None` where it is for another machine.
    fn received(message: Self::Message) -> Option<Self::Event>;

    /// Returns whether an event is the arrival of a message.
    #[must_use]
    fn is_message(event: Self::Event) -> bool {
        Self::Message::ALL.iter().any(|message| Self::received(*message) == Some(event))
    }

    /// Returns the answer to `trigger` in `state`, in an attempt with these fixed guards.
    #[must_use]
    fn answer(state: Self::State, trigger: Self::Trigger, fixed_guards: FactSet<Self>) -> Answer {
        answer(Self::entry(state), trigger.fact(), fixed_guards)
    }

    /// Returns the class of the error that refusing `trigger` in `state` is, where the table names one.
    #[must_use]
    fn refusal_class(state: Self::State, trigger: Self::Trigger) -> Option<&'static str> {
        refusal_class(Self::entry(state), trigger.fact())
    }

    /// Returns the event to report in `state` when its work can say nothing itself, because it panicked: the one that says
    /// why something went wrong, or in a clean-up state the only one. `None` where there is none.
    #[must_use]
    fn failure(state: Self::State) -> Option<Self::Event> {
        failure(Self::entry(state))
    }

    /// Returns the reason that is kept once `transition` has fired in `from`, where `kept` was kept before: the first one
    /// that the attempt was given. What leaves an idle state begins an attempt, and the reason of the last one is gone.
    #[must_use]
    fn reason(from: Self::State, transition: &Transition<Self>, kept: Option<Self::Reason>) -> Option<Self::Reason> {
        match Self::kind(from) {
            Kind::Idle => transition.reason,
            Kind::Work | Kind::Wait | Kind::Cleanup => kept.or(transition.reason),
        }
    }

    /// Returns what a client is shown in `state`.
    #[must_use]
    fn shows(state: Self::State) -> Self::Status {
        Self::entry(state).state.shows
    }

    /// Returns what goes on in `state`.
    #[must_use]
    fn kind(state: Self::State) -> Kind {
        Self::entry(state).state.kind
    }
}

/// A role whose work `W` can do. The macro implements it for every `W` with the machine's generated trait `Work`.
pub trait Performs<W: ?Sized>: Role {
    /// Why something went wrong, in the work's own words.
    type Cause;

    /// Does the work of `state`. Returns `None` in an idle state, which has none.
    fn perform(
        work: &mut W,
        state: Self::State,
        visit: &Visit,
    ) -> Option<Result<Reported<Self, Self::Cause>, VisitOver>>;

    /// Sends a message because a transition that sends it has fired. Work of a machine that sends nothing is not asked.
    ///
    /// # Errors
    ///
    /// The reason why it could not be sent, or the proof that the visit was over before it was.
    fn send(_work: &mut W, _message: Self::Message, _visit: &Visit) -> Result<(), Unsent<Self::Cause>> {
        Ok(())
    }
}

/// Evidence that work has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported<R: Role, C> {
    /// The event.
    pub event: R::Event,
    /// The work's own words on it, if the event comes with any.
    pub cause: Option<C>,
}

impl<R: Role, C> Reported<R, C> {
    /// An event that says everything itself.
    pub fn new(event: R::Event) -> Self {
        Self { event, cause: None }
    }

    /// An event, and why it happened.
    pub fn because(event: R::Event, cause: C) -> Self {
        Self { event, cause: Some(cause) }
    }
}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent<C> {
    /// It could not be, and why.
    Failed(C),
    /// The visit was over before it was.
    Over(VisitOver),
}

/// What a machine answers to a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is taken; the machine advances.
    Accept,
    /// Success, and nothing happens.
    Ignore,
    /// Success: the host carries the command out, and the machine stays as it is.
    Handle,
    /// An error, with the reason, and nothing happens. The reason is empty where the table gives none.
    Refuse(&'static str),
}

/// A bound on time: of silence, or of a whole visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout<E> {
    /// The event that is reported when it runs out.
    pub event: E,
    /// How long, in milliseconds.
    pub after_ms: u32,
}

impl<E> Timeout<E> {
    /// The bound that reports `event` after so many milliseconds.
    #[must_use]
    pub const fn new(event: E, after_ms: u32) -> Self {
        Self { event, after_ms }
    }
}

/// What every state has.
#[derive(Clone, Copy, Debug)]
pub struct StateHead<R: Role> {
    /// The state.
    pub word: R::State,
    /// Its name in the table.
    pub name: &'static str,
    /// What goes on in it.
    pub kind: Kind,
    /// What a client is shown.
    pub shows: R::Status,
}

impl<R: Role> StateHead<R> {
    /// The state with this name, of that kind, which shows that status.
    #[must_use]
    pub const fn new(word: R::State, name: &'static str, kind: Kind, shows: R::Status) -> Self {
        Self { word, name, kind, shows }
    }
}

/// Everything that the table says of one state.
#[derive(Clone, Copy, Debug)]
pub struct StateEntry<R: Role> {
    /// What every state has.
    pub state: StateHead<R>,
    /// What exists while the machine is in it.
    pub holds: &'static [R::Resource],
    /// How long the peer may give no sign of life.
    pub timeout: Option<Timeout<R::Event>>,
    /// How long a visit may last, whatever the peer does.
    pub timer: Option<Timeout<R::Event>>,
    /// The transitions that leave it, strongest first.
    pub rows: &'static [Transition<R>],
    /// What it answers to triggers.
    pub answers: &'static [Reply<R>],
}

/// The facts under which a row applies: all of some, and none of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<R> {
    pub(crate) mask: FactSet<R>,
    pub(crate) set: FactSet<R>,
}

/// One case of a row of the table: when the facts are such, the machine goes to another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition<R: Role> {
    pub(crate) when: Case<R>,
    /// The state that is entered.
    pub to: R::State,
    /// Whether the status of that state is published.
    pub public: bool,
    /// Why the attempt ends, if it was given no reason before.
    pub reason: Option<R::Reason>,
    /// Triggers that the case needs: they are pending no longer.
    pub consumes: FactSet<R>,
    /// Triggers that are given up.
    pub drops: FactSet<R>,
    /// Messages to send, in this order.
    pub sends: &'static [R::Message],
    /// The line of the table on which the row stands, counted from 1.
    pub line: u32,
}

/// What a state answers to a trigger under some fixed guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<R> {
    trigger: FactSet<R>,
    when: Case<R>,
    answer: Answer,
    class: Option<&'static str>,
}

/// Starts a row: it applies when all of these facts hold.
#[must_use]
pub const fn on<R>(facts: FactSet<R>) -> Case<R> {
    Case { mask: facts, set: facts }
}

impl<R> Case<R> {
    /// The same, and none of these facts holds.
    #[must_use]
    pub const fn unless(mut self, facts: FactSet<R>) -> Self {
        self.mask = self.mask.union(facts);
        self
    }

    pub(crate) const fn holds(&self, facts: FactSet<R>) -> bool {
        facts.intersection(self.mask).is(self.set)
    }
}

impl<R: Role> Case<R> {
    /// The row that leads to `state` then. It consumes the triggers that it needs.
    #[must_use]
    pub const fn to(self, state: R::State, line: u32) -> Transition<R> {
        let consumes = self.set.intersection(R::TRIGGERS);
        let (public, reason, drops) = (false, None, FactSet::EMPTY);
        Transition { when: self, to: state, public, reason, consumes, drops, sends: &[], line }
    }
}

impl<R: Role> Transition<R> {
    /// The same row, which publishes the status of the state that it enters.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// The same row, which says why the attempt ends.
    #[must_use]
    pub const fn reason(mut self, reason: R::Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The same row, which sends these messages.
    #[must_use]
    pub const fn sends(mut self, messages: &'static [R::Message]) -> Self {
        self.sends = messages;
        self
    }

    /// The same row, which gives these triggers up.
    #[must_use]
    pub const fn drops(mut self, triggers: FactSet<R>) -> Self {
        self.drops = triggers;
        self
    }
}

/// The answer that takes a trigger.
#[must_use]
pub const fn accept<R>(trigger: FactSet<R>) -> Reply<R> {
    Reply { trigger, when: on(FactSet::EMPTY), answer: Answer::Accept, class: None }
}

/// The answer that ignores a trigger.
#[must_use]
pub const fn ignore<R>(trigger: FactSet<R>) -> Reply<R> {
    Reply { trigger, when: on(FactSet::EMPTY), answer: Answer::Ignore, class: None }
}

/// The answer that leaves a trigger to the host, which carries the command out while the machine stays as it is.
#[must_use]
pub const fn handle<R>(trigger: FactSet<R>) -> Reply<R> {
    Reply { trigger, when: on(FactSet::EMPTY), answer: Answer::Handle, class: None }
}

/// The answer that refuses a trigger, with the reason.
#[must_use]
pub const fn refuse<R>(trigger: FactSet<R>, because: &'static str) -> Reply<R> {
    Reply { trigger, when: on(FactSet::EMPTY), answer: Answer::Refuse(because), class: None }
}

impl<R> Reply<R> {
    /// The same answer, given only while the fixed guards are such.
    #[must_use]
    pub const fn when(mut self, guards: Case<R>) -> Self {
        self.when = guards;
        self
    }

    /// The same answer, as an error of this class.
    #[must_use]
    pub const fn class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }
}

/// Returns what a state answers to a trigger in an attempt with these fixed guards.
#[must_use]
pub const fn answer<R: Role>(state: &StateEntry<R>, trigger: FactSet<R>, fixed_guards: FactSet<R>) -> Answer {
    let mut next = 0;
    while next < state.answers.len() {
        let reply = &state.answers[next];
        if reply.trigger.is(trigger) && reply.when.holds(fixed_guards) {
            return reply.answer;
        }
        next += 1;
    }
    Answer::Refuse("")
}

/// Returns the event that says that the work of a state failed.
fn failure<R: Role>(state: &StateEntry<R>) -> Option<R::Event> {
    let timeout = state.timeout.map(|timeout| timeout.event);
    let mut first = None;
    let mut several = false;
    for row in state.rows {
        // Rows are listed strongest first. A trigger, or a message from the peer, is not for work to report.
        let Some(event) = only_event(row).filter(|event| !R::is_message(*event)) else { continue };
        if event.carries_cause() && Some(event) != timeout {
            return Some(event);
        }
        several |= first.is_some_and(|other| other != event);
        first = first.or(Some(event));
    }
    match state.state.kind {
        Kind::Cleanup => first.filter(|_| !several),
        Kind::Idle | Kind::Work | Kind::Wait => timeout,
    }
}

/// Returns the event that fires a row by itself; `None` where it takes more, or something else.
fn only_event<R: Role>(row: &Transition<R>) -> Option<R::Event> {
    let needed = row.when.set.minus(R::GUARDS);
    R::Event::ALL.iter().copied().find(|event| event.fact().is(needed))
}

/// Returns the class of the error that refusing a trigger in a state is, where the table names one.
#[must_use]
pub const fn refusal_class<R: Role>(state: &StateEntry<R>, trigger: FactSet<R>) -> Option<&'static str> {
    let mut next = 0;
    while next < state.answers.len() {
        let reply = &state.answers[next];
        if reply.trigger.is(trigger) && reply.class.is_some() {
            return reply.class;
        }
        next += 1;
    }
    None
}
