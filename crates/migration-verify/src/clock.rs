//! Which of two waits ends first.
//!
//! A wait is a state with a timeout. Of two waits of different hosts, one began first. If that one is also the shorter
//! one, it is over before the other can run out. Nothing else is known of time: two waits of which the later one is
//! shorter can end in either order. This is sound for timeouts that bound a wait as a whole.

use migration_table::model::{State, Table as Model};

use crate::automaton::Automaton;
use crate::config::Locals;
use crate::names::Invalid;
use crate::system::{Clock, Order};

/// Which of the waits of an acceptor and the first host ends first if it began first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Firsts {
    /// The acceptor's wait.
    acceptor: bool,
    /// The first host's wait.
    opener: bool,
}

/// For each acceptor, its state and that of the first host, which wait ends first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    hosts: Vec<Host>,
    /// For each acceptor its firsts: for each of its states one for each state of the first host.
    firsts: Vec<Vec<Firsts>>,
    is_untimed: bool,
}

/// The states of a host. A dead one is in a state of its own, the first.
#[derive(Clone, Debug)]
struct Host {
    /// For each configuration its state.
    states: Vec<usize>,
    /// How many there are.
    len: usize,
}

impl Firsts {
    /// Whether it matters which of the two waits began first.
    pub(crate) fn decide(self) -> bool {
        self.acceptor || self.opener
    }

    /// Whether the timeout of a host cannot run out yet; `is_older` says whether the acceptor's wait began first.
    pub(crate) fn hold_back(self, host: usize, is_older: bool) -> bool {
        if host == 0 { is_older && self.acceptor } else { !is_older && self.opener }
    }
}

impl Table {
    /// `automata` are those of the hosts, the first host's first.
    pub(crate) fn new(model: &Model, clock: &Clock, automata: &[&Automaton<'_>]) -> Result<Table, Invalid> {
        if let Clock::Orders(orders) = clock {
            for (machine, state) in orders.iter().flat_map(|order| [&order.first, &order.second]) {
                let found = model.machine(machine).ok_or_else(|| Invalid::Machine(machine.clone()))?;
                crate::names::states(found, state)?;
            }
        }
        let Some((opener, acceptors)) = automata.split_first() else { return Ok(Table::default()) };
        let of_acceptor = |acceptor: &&Automaton<'_>| {
            let (a_name, o_name) = (&acceptor.machine.name, &opener.machine.name);
            let of_pair = |a: Option<&State>, o: Option<&State>| match (a, o) {
                (Some(a), Some(o)) => Firsts {
                    acceptor: ends_first(clock, (a_name, a), (o_name, o)),
                    opener: ends_first(clock, (o_name, o), (a_name, a)),
                },
                (None, _) | (_, None) => Firsts::default(),
            };
            let pairs = states(acceptor).flat_map(|a| states(opener).map(move |o| (a, o)));
            pairs.map(|(a, o)| of_pair(a, o)).collect()
        };
        let firsts: Vec<Vec<Firsts>> = acceptors.iter().map(of_acceptor).collect();
        let is_untimed = !firsts.iter().flatten().any(|firsts| firsts.decide());
        Ok(Table { hosts: automata.iter().map(|automaton| Host::of(automaton)).collect(), firsts, is_untimed })
    }

    /// Whether no timeout has to wait for another.
    pub(crate) fn is_untimed(&self) -> bool {
        self.is_untimed
    }

    /// Which of the waits of an acceptor and the first host ends first if it began first.
    pub(crate) fn get(&self, locals: &Locals, acceptor: usize) -> Firsts {
        let state = |host: usize| self.hosts[host].states[usize::from(locals[host])];
        self.firsts[acceptor - 1][state(acceptor) * self.hosts[0].len + state(0)]
    }
}

impl Host {
    fn of(automaton: &Automaton<'_>) -> Host {
        let state = |local: &crate::automaton::Local| if local.is_down { 0 } else { local.state.index() + 1 };
        Host { states: automaton.locals.iter().map(state).collect(), len: automaton.machine.states.len() + 1 }
    }
}

/// The states of a host as they are numbered here; `None` is that of a dead one.
fn states<'a>(automaton: &Automaton<'a>) -> impl Iterator<Item = Option<&'a State>> + use<'a> {
    std::iter::once(None).chain(automaton.machine.states.iter().map(Some))
}

/// Whether the first of two waits ends before the second, if it began before it.
fn ends_first(clock: &Clock, first: (&str, &State), second: (&str, &State)) -> bool {
    let soonest = |state: &State| state.bounds().map(|bound| bound.after_ms).min();
    let (Some(shorter), Some(longer)) = (soonest(first.1), soonest(second.1)) else { return false };
    match clock {
        Clock::Untimed => false,
        Clock::Numbers { margin_ms } => longer > shorter && longer - shorter >= *margin_ms,
        Clock::Orders(orders) => orders.iter().any(|order| is_between(order, first, second)),
    }
}

fn is_between(order: &Order, first: (&str, &State), second: (&str, &State)) -> bool {
    let names = |(machine, state): (&str, &State), of: &(String, String)| machine == of.0 && state.name == of.1;
    names(first, &order.first) && names(second, &order.second)
}
