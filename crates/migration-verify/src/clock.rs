//! Which of two waits ends first.
//!
//! A wait is a state with a timeout. Of two waits of different hosts, one began first. If that one is also the shorter
//! one, it is over before the other can run out. Nothing else is known of time: two waits of which the later one is
//! shorter can end in either order. This is sound for timeouts that bound a wait as a whole.

use migration_table::model::{State, Table as Model};

use crate::automaton::Automaton;
use crate::config::Config;
use crate::names::Invalid;
use crate::system::{Clock, Order};

/// Which of the waits of an acceptor and the first host ends first if it began first, and by which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Firsts {
    /// The acceptor's wait, by this order.
    pub(crate) acceptor: Option<OrderId>,
    /// The first host's wait, by this order.
    pub(crate) opener: Option<OrderId>,
}

/// An order by its place among those of the clock; 0 where the clock has numbers.
pub(crate) type OrderId = u16;

/// For each acceptor, its configuration and that of the first host, which wait ends first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    by_host: Vec<Vec<Vec<Firsts>>>,
}

impl Firsts {
    /// Whether it matters which of the two waits began first.
    pub(crate) fn decide(self) -> bool {
        self.acceptor.is_some() || self.opener.is_some()
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
        let of_pair = |acceptor: &Automaton<'_>, a: usize, o: usize| {
            let (here, there) = (&acceptor.locals[a], &opener.locals[o]);
            if here.is_down || there.is_down {
                return Firsts::default();
            }
            let (a, o) = (acceptor.machine.state(here.state), opener.machine.state(there.state));
            let (a_name, o_name) = (&acceptor.machine.name, &opener.machine.name);
            Firsts {
                acceptor: ends_first(clock, (a_name, a), (o_name, o)),
                opener: ends_first(clock, (o_name, o), (a_name, a)),
            }
        };
        let of_acceptor = |acceptor: &&Automaton<'_>| {
            let rows = 0..acceptor.locals.len();
            rows.map(|a| (0..opener.locals.len()).map(|o| of_pair(acceptor, a, o)).collect()).collect()
        };
        Ok(Table { by_host: acceptors.iter().map(of_acceptor).collect() })
    }

    /// Which of the waits of an acceptor and the first host ends first if it began first.
    pub(crate) fn get(&self, config: &Config, acceptor: usize) -> Firsts {
        self.by_host[acceptor - 1][usize::from(config.locals[acceptor])][usize::from(config.locals[0])]
    }
}

/// By which order the first of two waits ends before the second, if it began before it.
fn ends_first(clock: &Clock, first: (&str, &State), second: (&str, &State)) -> Option<OrderId> {
    let soonest = |state: &State| state.bounds().map(|bound| bound.after_ms).min();
    let (shorter, longer) = (soonest(first.1)?, soonest(second.1)?);
    match clock {
        Clock::Untimed => None,
        Clock::Numbers { margin_ms } => (longer > shorter && longer - shorter >= *margin_ms).then_some(0),
        Clock::Orders(orders) => {
            let at = orders.iter().position(|order| is_between(order, first, second))?;
            OrderId::try_from(at).ok()
        }
    }
}

fn is_between(order: &Order, first: (&str, &State), second: (&str, &State)) -> bool {
    let names = |(machine, state): (&str, &State), of: &(String, String)| machine == of.0 && state.name == of.1;
    names(first, &order.first) && names(second, &order.second)
}
