//! A live migration as a model that is written by hand: a source, a destination, two channels, and a network that cuts.
//! It is a yardstick for searches: SPIN and stateright count the same states of it.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// What bounds the model.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) depth: u32,
    pub(crate) runs: u8,
    pub(crate) rounds: u8,
    pub(crate) cuts: u8,
}

/// How large the search was.
pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    pub(crate) bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum At {
    None,
    Setup,
    Active,
    PreSwitchover,
    Device,
    Postcopy,
    Paused,
    Recover,
    Completed,
    Failing,
    Failed,
    Cancelling,
    Cancelled,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Message {
    Hello = 1,
    Ram,
    Device,
    Run,
    End,
    Page,
    Done,
    Resume,
    Resumed,
}

/// Messages on their way, four bits each, the oldest lowest.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Queue(u32);

impl Queue {
    fn len(self) -> u32 {
        (u32::BITS - self.0.leading_zeros()).div_ceil(4)
    }

    fn is_first(self, message: Message) -> bool {
        self.0 & 0xf == message as u32
    }

    fn pop(self) -> Queue {
        Queue(self.0 >> 4)
    }

    fn push(self, message: Message) -> Queue {
        Queue(self.0 | (message as u32) << (4 * self.len()))
    }
}

#[derive(Clone, Copy)]
struct State {
    source: At,
    destination: At,
    there: Queue,
    back: Queue,
    is_linked: bool,
    source_runs: bool,
    destination_runs: bool,
    may_postcopy: bool,
    may_pause: bool,
    wants_postcopy: bool,
    is_cancelled: bool,
    has_sent_device: bool,
    rounds: u8,
    runs: u8,
    cuts: u8,
    ends: u8,
}

const ALL: [At; 13] = [
    At::None,
    At::Setup,
    At::Active,
    At::PreSwitchover,
    At::Device,
    At::Postcopy,
    At::Paused,
    At::Recover,
    At::Completed,
    At::Failing,
    At::Failed,
    At::Cancelling,
    At::Cancelled,
];

impl State {
    fn flags(&self) -> [bool; 8] {
        [
            self.is_linked,
            self.source_runs,
            self.destination_runs,
            self.may_postcopy,
            self.may_pause,
            self.wants_postcopy,
            self.is_cancelled,
            self.has_sent_device,
        ]
    }

    fn pack(&self) -> u128 {
        let flags = self.flags().iter().rev().fold(0, |bits, flag| bits << 1 | u128::from(*flag));
        let counts = [self.ends, self.cuts, self.runs, self.rounds].into_iter();
        let counts = counts.fold(0, |bits, count| bits << 8 | u128::from(count));
        let queues = u128::from(self.there.0) | u128::from(self.back.0) << 32;
        queues | counts << 64 | flags << 96 | (self.source as u128) << 104 | (self.destination as u128) << 108
    }

    fn unpack(value: u128) -> State {
        let bits = |from: u32, many: u32| (value >> from) as u64 & ((1 << many) - 1);
        let flag = |index: u32| bits(96 + index, 1) == 1;
        let count = |index: u32| bits(64 + 8 * index, 8) as u8;
        State {
            source: ALL[bits(104, 4) as usize],
            destination: ALL[bits(108, 4) as usize],
            there: Queue(bits(0, 32) as u32),
            back: Queue(bits(32, 32) as u32),
            is_linked: flag(0),
            source_runs: flag(1),
            destination_runs: flag(2),
            may_postcopy: flag(3),
            may_pause: flag(4),
            wants_postcopy: flag(5),
            is_cancelled: flag(6),
            has_sent_device: flag(7),
            rounds: count(0),
            runs: count(1),
            cuts: count(2),
            ends: count(3),
        }
    }

    fn cut(self) -> State {
        State { is_linked: false, there: Queue(0), back: Queue(0), ..self }
    }

    fn enter(self, source: At) -> State {
        let is_end = matches!(source, At::Completed | At::Failed | At::Cancelled);
        State { source, ends: self.ends + u8::from(is_end), ..self }
    }

    fn send(self, message: Message) -> State {
        State { there: self.there.push(message), ..self }
    }

    fn reply(self, message: Message) -> State {
        State { back: self.back.push(message), ..self }
    }

    fn source_steps(self, bounds: &Bounds, step: &mut impl FnMut(State)) {
        let has_room = self.there.len() < bounds.depth;
        let may_send = self.is_linked && has_room;
        let answered = |message| self.back.is_first(message);
        let heard = State { back: self.back.pop(), ..self };
        match self.source {
            At::None | At::Completed | At::Failed | At::Cancelled => self.begin(bounds, step),
            At::Setup => {
                if has_room {
                    step(State { is_linked: true, ..self }.send(Message::Hello).enter(At::Active));
                }
                step(self.enter(At::Failing));
            }
            At::Active => {
                if may_send && self.rounds < bounds.rounds {
                    step(State { rounds: self.rounds + 1, ..self }.send(Message::Ram));
                }
                if self.may_postcopy && !self.wants_postcopy {
                    step(State { wants_postcopy: true, ..self });
                }
                if self.rounds == bounds.rounds || self.wants_postcopy {
                    let next = if self.may_pause { At::PreSwitchover } else { At::Device };
                    step(State { source_runs: false, ..self.enter(next) });
                }
            }
            At::PreSwitchover => step(self.enter(At::Device)),
            At::Device => {
                if may_send && !self.has_sent_device {
                    step(State { has_sent_device: true, ..self }.send(Message::Device));
                } else if may_send && self.wants_postcopy {
                    step(self.send(Message::Run).enter(At::Postcopy));
                } else if may_send {
                    let rounds = bounds.rounds + 1;
                    step(State { has_sent_device: false, wants_postcopy: false, rounds, ..self }.send(Message::End));
                }
                if self.rounds == bounds.rounds + 1 && answered(Message::Done) {
                    step(heard.enter(At::Completed));
                }
            }
            At::Postcopy => {
                if answered(Message::Page) && has_room {
                    step(heard.send(Message::Ram));
                }
                if answered(Message::Done) {
                    step(heard.enter(At::Completed));
                }
            }
            At::Paused => {
                if self.destination == At::Paused && has_room {
                    step(State { is_linked: true, ..self }.send(Message::Resume).enter(At::Recover));
                }
            }
            At::Recover => {
                if answered(Message::Resumed) {
                    step(heard.enter(At::Postcopy));
                }
            }
            At::Failing => step(State { source_runs: true, ..self.enter(At::Failed) }.cut()),
            At::Cancelling => step(State { source_runs: true, ..self.enter(At::Cancelled) }.cut()),
        }
        if !self.is_linked {
            if [At::Active, At::PreSwitchover, At::Device].contains(&self.source) {
                step(self.enter(At::Failing));
            } else if [At::Postcopy, At::Recover].contains(&self.source) {
                step(self.enter(At::Paused));
            }
        }
    }

    fn begin(self, bounds: &Bounds, step: &mut impl FnMut(State)) {
        if self.runs == bounds.runs || self.destination == At::Completed || !self.source_runs {
            return;
        }
        for (may_postcopy, may_pause) in [(true, true), (true, false), (false, true), (false, false)] {
            let fresh = State {
                source: At::Setup,
                destination: At::None,
                runs: self.runs + 1,
                may_postcopy,
                may_pause,
                destination_runs: false,
                wants_postcopy: false,
                is_cancelled: false,
                has_sent_device: false,
                rounds: 0,
                cuts: 0,
                ends: 0,
                ..self
            };
            step(fresh.cut());
        }
    }

    fn destination_steps(self, bounds: &Bounds, step: &mut impl FnMut(State)) {
        let can_reply = self.back.len() < bounds.depth;
        let read = State { there: self.there.pop(), ..self };
        let has = |message| self.there.is_first(message);
        let to = |destination| State { destination, ..read };
        let is_at = |destination| self.destination == destination;
        if is_at(At::None) && has(Message::Hello) {
            step(to(At::Active));
        }
        if is_at(At::Active) && has(Message::Ram) {
            step(read);
        }
        if is_at(At::Active) && has(Message::Device) {
            step(to(At::Device));
        }
        if is_at(At::Device) && has(Message::Run) && can_reply {
            step(State { destination_runs: true, ..to(At::Postcopy) });
        }
        if is_at(At::Device) && has(Message::End) && can_reply {
            let has_gone_back = [At::Cancelling, At::Failing, At::Cancelled, At::Failed].contains(&self.source);
            step(State { destination_runs: !has_gone_back, ..to(At::Completed) }.reply(Message::Done));
        }
        if is_at(At::Paused) && has(Message::Resume) && can_reply {
            step(to(At::Recover));
        }
        let to = |destination| State { destination, ..self };
        if self.destination == At::Postcopy {
            if has(Message::Ram) {
                step(read);
            }
            if self.is_linked && can_reply {
                step(self.reply(Message::Page));
                if self.there.len() == 0 {
                    step(to(At::Completed).reply(Message::Done));
                }
            }
        }
        if self.destination == At::Recover && self.is_linked && can_reply {
            step(to(At::Postcopy).reply(Message::Resumed));
        }
        if !self.is_linked {
            if [At::Postcopy, At::Recover].contains(&self.destination) {
                step(to(At::Paused));
            } else if [At::Active, At::Device].contains(&self.destination) {
                step(to(At::Failed));
            }
        }
    }

    fn environment(self, bounds: &Bounds, step: &mut impl FnMut(State)) {
        if self.is_linked && self.cuts < bounds.cuts {
            step(State { cuts: self.cuts + 1, ..self }.cut());
        }
        if matches!(self.source, At::Setup | At::Active | At::PreSwitchover) {
            step(State { is_cancelled: true, ..self }.enter(At::Cancelling));
        }
        if self.destination == At::Active && self.is_linked {
            step(State { destination: At::Failed, ..self }.cut());
        }
    }
}

/// The state at the beginning, as one number.
pub(crate) fn initial() -> u128 {
    State { source_runs: true, ..State::unpack(0) }.pack()
}

/// Calls `step` with every state that can follow a state, each as one number.
pub(crate) fn successors(bounds: &Bounds, state: u128, step: &mut impl FnMut(u128)) {
    let (state, mut step) = (State::unpack(state), |next: State| step(next.pack()));
    state.source_steps(bounds, &mut step);
    state.destination_steps(bounds, &mut step);
    state.environment(bounds, &mut step);
}

/// Finds every state, breadth first, each stored as one number.
pub(crate) fn search(bounds: &Bounds) -> Found {
    let (mut states, mut seen, mut steps) = (vec![initial()], HashTable::<u32>::new(), 0);
    let hash = |value: u128| FxBuildHasher.hash_one(value);
    seen.insert_unique(hash(states[0]), 0, |at| hash(states[*at as usize]));
    let mut at = 0;
    while at < states.len() {
        successors(bounds, states[at], &mut |value| {
            steps += 1;
            if seen.find(hash(value), |at| states[*at as usize] == value).is_none() {
                let number = u32::try_from(states.len()).unwrap_or(u32::MAX);
                states.push(value);
                seen.insert_unique(hash(value), number, |at| hash(states[*at as usize]));
            }
        });
        at += 1;
    }
    Found { states: states.len(), steps, bytes: states.len() * size_of::<u128>() + seen.allocation_size() }
}
