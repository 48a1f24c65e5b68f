//! Several machines over their messages: every step that the hosts, the network, users and operators can take.

mod ages;
mod build;
mod links;

use migration_table::model::Table;

use crate::automaton::{Automaton, Input, Letter, Step};
use crate::clock;
pub(crate) use crate::config::Direction;
use crate::config::{Config, HOSTS_MAX, Item, Layout, Locals, Readable};
use crate::formula::{Formula, Scope};
use crate::host::Host;
use crate::names::Invalid;
use crate::system::{Bounds, Clock, Network};

/// A table composed with itself: hosts, the channels between them, and an environment that does its worst.
#[derive(Clone, Debug)]
pub struct Composition<'t> {
    pub(crate) table: &'t Table,
    /// The machine of each host as an index into [`Composition::automata`]; the first host opens connections.
    pub(crate) hosts: Vec<Host>,
    pub(crate) automata: Vec<Automaton<'t>>,
    pub(crate) letters: Vec<String>,
    pub(crate) markers: Vec<Vec<String>>,
    /// Machines of another release, as indices into [`Composition::automata`].
    pub(crate) foreign: Vec<usize>,
    pub(crate) acts: Vec<ComposedAct>,
    pub(crate) bounds: Bounds,
    pub(crate) network: Network,
    /// Which timeouts have to wait for which others.
    pub(crate) clock: clock::Table,
    /// Whether a message for which there is no room is lost, and nothing else changes.
    pub(crate) overflows: bool,
    pub(crate) layout: Layout,
}

/// An act of the operator.
#[derive(Clone, Debug)]
pub(crate) struct ComposedAct {
    pub(crate) name: String,
    pub(crate) when: Formula,
}

/// Something that happens in a composition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// A host takes a step of its machine. The peer says to which acceptor it connects where it begins an attempt.
    Step { host: u8, step: u16, peer: u8 },
    /// A connection breaks in one direction: so many messages still arrive.
    Cut { acceptor: u8, towards: Direction, left: u8 },
    /// A message is lost, arrives twice, or changes places with the next.
    Disturb { acceptor: u8, towards: Direction, at: u8, how: Disturbance },
    /// A host dies.
    Kill { host: u8 },
    /// A dead host is started again.
    Restart { host: u8 },
}

/// What an action is to the host that acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// The host that leaves its state or enters it again; [`HOSTS_MAX`] if none does.
    pub(crate) moved: u8,
    /// Whether the time that its state allows is over.
    pub(crate) is_timeout: bool,
}

/// What a bad network does to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Disturbance {
    Lose,
    Double,
    Swap,
}

/// The steps out of a configuration, in order.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// Each with the packed configuration that follows.
    pub(crate) found: Vec<(Action, Effect, u128)>,
    /// How many messages did not fit into their channels.
    pub(crate) full_channels: usize,
}

impl Effect {
    pub(crate) const NONE: Effect = Effect { moved: HOSTS_MAX as u8, is_timeout: false };

    /// Whether a host leaves its state or enters it again.
    pub(crate) fn moves(self) -> bool {
        self.moved != Effect::NONE.moved
    }
}

impl<'t> Composition<'t> {
    pub(crate) fn initial(&self) -> Config {
        let mut config = Config { peer: 1, ..Config::default() };
        for (host, local) in config.locals.iter_mut().enumerate().take(self.hosts.len()) {
            *local = self.automaton(host).initial;
        }
        config
    }

    pub(crate) fn automaton(&self, host: usize) -> &Automaton<'t> {
        &self.automata[self.hosts[host].automaton]
    }

    pub(crate) fn is_idle(&self, locals: &Locals, host: usize) -> bool {
        self.automaton(host).idle[usize::from(locals[host])]
    }

    /// Whether a user could begin an attempt of a host, however many there were.
    pub(crate) fn can_begin(&self, locals: &Locals, host: usize) -> bool {
        self.automaton(host).begins[usize::from(locals[host])]
    }

    pub(crate) fn is_down(&self, locals: &Locals, host: usize) -> bool {
        locals[host] == self.automaton(host).down
    }

    /// The same, where a message for which there is no room is lost, so that a run in which more and more is on its way
    /// goes on.
    pub(crate) fn overflowing(self) -> Composition<'t> {
        Composition { overflows: true, ..self }
    }

    /// What a clock says of the waits of these hosts.
    pub(crate) fn waits(&self, clock: &Clock) -> Result<clock::Table, Invalid> {
        let automata: Vec<&Automaton<'_>> = (0..self.hosts.len()).map(|host| self.automaton(host)).collect();
        clock::Table::new(self.table, clock, &automata)
    }

    /// What names of formulas are looked up in.
    pub(crate) fn scope(&self) -> Scope<'_, 't> {
        Scope {
            table: self.table,
            hosts: &self.hosts,
            automata: &self.automata,
            markers: &self.markers,
            letters: &self.letters,
            foreign: &self.foreign,
        }
    }

    /// The step of a host that an action stands for.
    pub(crate) fn step_of(&self, locals: &Locals, host: u8, step: u16) -> &Step {
        let host = usize::from(host);
        &self.automaton(host).steps[usize::from(locals[host])][usize::from(step)]
    }

    /// Adds every step out of a configuration, which is given packed as well.
    pub(crate) fn successors(&self, config: &Config, packed: u128, out: &mut Steps) {
        for host in 0..self.hosts.len() {
            let automaton = self.automaton(host);
            let local = usize::from(config.locals[host]);
            let readable = self.readable(config, host);
            let (steps, reading) = (&automaton.steps[local], &automaton.reading[local]);
            let impossible = if readable.is_none() { reading.clone() } else { 0..0 };
            for index in (0..impossible.start).chain(impossible.end..steps.len()) {
                self.take((config, packed), (host, readable), (index, &steps[index]), out);
            }
        }
        self.network_steps((config, packed), out);
        self.deaths(config, out);
    }

    fn take(
        &self,
        (config, packed): (&Config, u128),
        (host, readable): (usize, Option<Readable>),
        (index, step): (usize, &Step),
        out: &mut Steps,
    ) {
        // An attempt begins with a trigger, or with an event from outside.
        if step.begins && config.attempts[host] >= self.bounds.attempts {
            return;
        }
        let mut read = None;
        match step.input {
            Input::Report { .. } if step.is_timeout && self.is_held_back(config, host) => return,
            Input::Act(act) if !self.acts[act].when.holds(&config.locals) => return,
            Input::Raise { .. } | Input::Report { .. } | Input::Act(_) => {}
            Input::Receive { letter, .. } => match readable {
                Some(found) if found.item.letter == letter => read = Some(found),
                Some(_) | None => return,
            },
        }
        let moved = u8::try_from(if step.moves { host } else { HOSTS_MAX }).unwrap_or(0);
        let effect = Effect { moved, is_timeout: step.is_timeout };
        let action = |peer: u8| Action::Step {
            host: u8::try_from(host).unwrap_or(0),
            step: u16::try_from(index).unwrap_or(u16::MAX),
            peer,
        };
        if step.is_silent && (self.clock.is_untimed() || !step.moves) {
            let next = self.layout.with_local(packed, host, (config.locals[host], step.to));
            out.found.push((action(0), effect, next));
            return;
        }
        let peers = if host == 0 && step.begins { 1..self.hosts.len().max(2) } else { 0..1 };
        for peer in peers.map(|peer| u8::try_from(peer).unwrap_or(0)) {
            let mut next = *config;
            if let Some(found) = read {
                self.read(&mut next, host, found);
            }
            if self.carry_out(&mut next, host, step, peer, out) {
                self.add(action(peer), effect, &next, out);
            }
        }
    }

    fn add(&self, action: Action, effect: Effect, next: &Config, out: &mut Steps) {
        out.found.push((action, effect, self.layout.pack(next)));
    }

    /// Moves a host and sends what the step sends; returns `false` where a message does not fit.
    fn carry_out(&self, next: &mut Config, host: usize, step: &Step, peer: u8, out: &mut Steps) -> bool {
        next.locals[host] = step.to;
        if step.begins {
            next.attempts[host] += 1;
            if host == 0 && self.hosts.len() > 1 {
                next.peer = peer;
                next.broken[usize::from(peer)] = 0;
                next.back[usize::from(peer)] = crate::config::Queue::default();
            }
        }
        if step.reconnects {
            self.reconnect(next, host);
        }
        for letter in &step.sends {
            if !self.send(next, host, *letter, out) {
                return false;
            }
        }
        if step.ends {
            self.close(next, host);
        }
        if step.ends || !step.sends.is_empty() {
            self.forget_unreadable(next);
        }
        if step.moves {
            self.note_ages(next, host);
        }
        true
    }

    /// Sends a message, if there is a connection; returns `false` where the host has to wait for room.
    fn send(&self, next: &mut Config, host: usize, letter: Letter, out: &mut Steps) -> bool {
        let (acceptor, towards) = if host == 0 {
            (usize::from(next.peer), Direction::Acceptor)
        } else {
            let listens = !self.is_idle(&next.locals, 0) && !self.is_down(&next.locals, 0);
            let is_connected = next.bound[host] != 0 && next.bound[host] == next.attempts[0];
            if !(listens && is_connected && usize::from(next.peer) == host) {
                return true;
            }
            (host, Direction::Opener)
        };
        if acceptor >= self.hosts.len() {
            return true;
        }
        if next.broken[acceptor] & towards.bit() != 0 {
            return true;
        }
        let (queue, connection) = match towards {
            Direction::Acceptor => (&mut next.there[acceptor], next.attempts[0]),
            Direction::Opener => (&mut next.back[acceptor], 0),
        };
        if queue.len() >= self.bounds.depth {
            out.full_channels += 1;
            if self.overflows {
                return true;
            }
            // A connection that can break can break now: then the message is the first that is lost.
            next.broken[acceptor] |= towards.bit();
            return self.network.cut;
        }
        queue.push(Item { letter, connection });
        true
    }
}
