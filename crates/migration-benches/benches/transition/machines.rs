//! The source machine in several forms, each behind one trait, and a stream of events for them.
//!
//! Two meanings are compared. `Alone`: one event comes at a time and changes the state or nothing. It is all that the
//! libraries can express, and the source machine of the table cut down to it. `Pending`: the whole meaning of the table,
//! where a trigger is answered, facts are remembered until they are used, and the strongest row fires. The first form of
//! that is a table by hand that relies on no fact ever having to wait in this machine, which nobody checks. The others do
//! not rely on it.

mod by_facts;
mod by_finny;
mod by_match;
mod by_rust_fsm;
mod by_smlang;
mod by_statig;
mod by_table;
mod pending;
mod pending_by_match;
mod pending_by_rows;
mod pending_by_table;
mod pending_by_us;

use std::hint::black_box;

use pending::Pending;

#[allow(missing_docs, dead_code, unreachable_pub, reason = "one machine of two is used here, and not all of it")]
mod migration {
    migration_macros::state_machine!("../../../../api/releases/0.1.yaml");
}

pub(crate) use migration::source::State;

/// What can come to the machine: its triggers and events.
#[allow(unreachable_pub, reason = "what `statig` writes is public, and takes it")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    Migrate,
    Cancel,
    Continue,
    Connected,
    Welcome,
    Converged,
    Stopped,
    Ready,
    Running,
    CleanedUp,
    Failed,
    TimedOut,
    Refused,
}

impl Input {
    pub(crate) const ALL: [Self; INPUTS] = [
        Self::Migrate,
        Self::Cancel,
        Self::Continue,
        Self::Connected,
        Self::Welcome,
        Self::Converged,
        Self::Stopped,
        Self::Ready,
        Self::Running,
        Self::CleanedUp,
        Self::Failed,
        Self::TimedOut,
        Self::Refused,
    ];
}

const INPUTS: usize = 13;

const STATES: usize = State::ALL.len();

trait Machine {
    /// An event in the form that the machine takes.
    type Event: Clone;

    fn event(input: Input, pause: bool) -> Self::Event;

    /// A machine in its first state, with the only guard there is.
    fn new(pause: bool) -> Self;

    /// Goes to the next state, if there is one. It is inlined by force where that makes the form faster.
    fn take(&mut self, event: Self::Event);

    fn state(&self) -> State;
}

/// What is taken into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Alone,
    Pending,
}

/// Makes something that runs a new machine through the inputs and gives its last state.
pub(crate) type Runner = fn(&[Input], bool) -> Box<dyn Fn() -> State>;

/// One form of the machine, ready to be run.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) meaning: Meaning,
    /// Makes a run.
    pub(crate) runner: Runner,
    /// The state after each of the inputs.
    pub(crate) states: fn(&[Input], bool) -> Vec<State>,
}

/// All forms. The first one of each meaning is what the others of that meaning are compared with.
pub(crate) const FORMS: [Form; 11] = [
    form::<by_table::ByTable>("static table by hand", Meaning::Alone),
    form::<by_facts::ByFacts>("generated `advance`", Meaning::Alone),
    form::<by_match::ByMatch>("`match` by hand", Meaning::Alone),
    form::<by_statig::ByStatig>("statig", Meaning::Alone),
    form::<by_smlang::BySmlang>("smlang", Meaning::Alone),
    form::<by_rust_fsm::ByRustFsm>("rust-fsm", Meaning::Alone),
    form::<by_finny::ByFinny>("finny", Meaning::Alone),
    form::<pending_by_table::ByTable>("no-wait table by hand", Meaning::Pending),
    form::<pending_by_us::ByUs>("generated", Meaning::Pending),
    form::<Pending<pending_by_rows::ByRows>>("static rows by hand", Meaning::Pending),
    form::<Pending<pending_by_match::ByMatch>>("`match` by hand", Meaning::Pending),
];

const fn form<M: Machine>(name: &'static str, meaning: Meaning) -> Form
where
    M::Event: 'static,
{
    Form { name, meaning, runner: runner::<M>, states: states::<M> }
}

fn runner<M: Machine>(inputs: &[Input], pause: bool) -> Box<dyn Fn() -> State>
where
    M::Event: 'static,
{
    let events: Vec<M::Event> = inputs.iter().map(|input| M::event(*input, pause)).collect();
    Box::new(move || run::<M>(black_box(&events), black_box(pause)))
}

/// A function of its own for each form, so that nothing but the form makes a difference.
#[inline(never)]
fn run<M: Machine>(events: &[M::Event], pause: bool) -> State {
    let mut machine = M::new(pause);
    for event in events {
        machine.take(event.clone());
    }
    machine.state()
}

fn states<M: Machine>(inputs: &[Input], pause: bool) -> Vec<State> {
    let mut machine = M::new(pause);
    let take = |input: &Input| {
        machine.take(M::event(*input, pause));
        machine.state()
    };
    inputs.iter().map(take).collect()
}

/// A stream of that many inputs, the same in every run: three of four change the state of the machine, which goes all of
/// its ways, and the fourth is any.
pub(crate) fn stream(inputs: usize, pause: bool) -> Vec<Input> {
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut below = |bound: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % bound
    };
    let mut machine = by_match::ByMatch::new(pause);
    let mut stream = Vec::with_capacity(inputs);
    for _ in 0..inputs {
        let moves = |input: &Input| {
            let mut next = by_match::ByMatch::at(machine.state(), pause);
            next.take(*input);
            next.state() != machine.state()
        };
        let moving: Vec<Input> = Input::ALL.into_iter().filter(moves).collect();
        // The way on is the first of them; the others are failures and a cancel, of which there is one in eight.
        let input = match (below(4), below(8)) {
            (0, _) => Input::ALL[below(INPUTS)],
            (_, 0) => moving[below(moving.len())],
            (_, _) => moving.into_iter().find(|input| *input != Input::Cancel).unwrap_or(Input::Migrate),
        };
        machine.take(input);
        stream.push(input);
    }
    stream
}
