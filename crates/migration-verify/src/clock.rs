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

/// The acceptor's wait ends first if it began first.
pub(crate) const ACCEPTOR_FIRST: u8 = 1;
/// The opener's wait ends first if it began first.
pub(crate) const OPENER_FIRST: u8 = 2;

/// For each acceptor, its configuration and that of the first host, which wait ends first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    by_host: Vec<Vec<Vec<u8>>>,
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
                return 0;
            }
            let (a, o) = (acceptor.machine.state(here.state), opener.machine.state(there.state));
            let (a_name, o_name) = (&acceptor.machine.name, &opener.machine.name);
            let first = |is: bool, bit: u8| if is { bit } else { 0 };
            first(ends_first(clock, (a_name, a), (o_name, o)), ACCEPTOR_FIRST)
                | first(ends_first(clock, (o_name, o), (a_name, a)), OPENER_FIRST)
        };
        let of_acceptor = |acceptor: &&Automaton<'_>| {
            let rows = 0..acceptor.locals.len();
            rows.map(|a| (0..opener.locals.len()).map(|o| of_pair(acceptor, a, o)).collect()).collect()
        };
        Ok(Table { by_host: acceptors.iter().map(of_acceptor).collect() })
    }

    /// Which of the waits of an acceptor and the first host ends first if it began first.
    pub(crate) fn get(&self, config: &Config, acceptor: usize) -> u8 {
        self.by_host[acceptor - 1][usize::from(config.locals[acceptor])][usize::from(config.locals[0])]
    }
}

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
