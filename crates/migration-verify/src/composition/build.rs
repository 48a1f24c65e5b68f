//! Making a composition of a table: who opens connections, which facts are messages, and what hosts remember.

use migration_table::model::{FactId, FactKind, Kind, Machine, Row, StateId, Table};
use migration_table::step::needs;

use super::{ComposedAct, Composition};
use crate::automaton::{Automaton, Letter, Signature};
use crate::clock;
use crate::config::{DEPTH_MAX, HOSTS_MAX, Layout, Sizes};
use crate::formula::{Formula, Scope};
use crate::host::Host;
use crate::names::{Invalid, all_states, fact, states};
use crate::system::{Bounds, System, Wire};

/// The most letters that fit into an item of a queue.
const LETTERS_MAX: usize = 62;
/// The most attempts of a host.
const ATTEMPTS_MAX: u8 = 3;

impl<'t> Composition<'t> {
    /// Composes the machines of a table.
    ///
    /// # Errors
    ///
    /// When the system names something that the table does not have, or is too large for the search.
    pub fn new(table: &'t Table, system: &System) -> Result<Composition<'t>, Invalid> {
        let wired = wired(system);
        let mut letters: Vec<String> = table.messages.iter().map(|message| message.name.clone()).collect();
        letters.extend(wired.iter().map(|(_, event)| (*event).to_owned()));
        check_sizes(system, letters.len())?;
        let signatures = table.machines.iter().map(|machine| signature(table, machine, system, &wired));
        let signatures = signatures.collect::<Result<Vec<_>, _>>()?;
        let automata =
            table.machines.iter().zip(&signatures).map(|(machine, signature)| Automaton::new(machine, signature));
        let automata = automata.collect::<Result<Vec<_>, _>>()?;
        let hosts = hosts(table, &signatures, system);
        let markers = table.machines.iter().map(|machine| marker_names(machine, system)).collect::<Vec<_>>();
        let is_foreign = |index: &usize| system.foreign.contains(&table.machines[*index].name);
        let foreign: Vec<usize> = (0..table.machines.len()).filter(is_foreign).collect();
        let scope = Scope {
            table,
            hosts: &hosts,
            automata: &automata,
            markers: &markers,
            letters: &letters,
            foreign: &foreign,
        };
        let acts = system
            .acts
            .iter()
            .map(|act| Ok(ComposedAct { name: act.name.clone(), when: Formula::parse(&act.when, &scope)? }));
        let acts = acts.collect::<Result<Vec<_>, Invalid>>()?;
        let of_hosts: Vec<&Automaton<'_>> = hosts.iter().map(|host| &automata[host.automaton]).collect();
        let clock = clock::Table::new(table, &system.clock, &of_hosts)?;
        let layout = layout(&of_hosts, &system.bounds, letters.len())?;
        let (bounds, network) = (system.bounds, system.network);
        Ok(Composition {
            table,
            hosts,
            automata,
            letters,
            markers,
            foreign,
            acts,
            bounds,
            network,
            clock,
            overflows: false,
            layout,
        })
    }

    /// The same with the most room for messages that a configuration can be packed with.
    pub(crate) fn with_most_room(mut self) -> Composition<'t> {
        let of_hosts: Vec<&Automaton<'_>> = (0..self.hosts.len()).map(|host| self.automaton(host)).collect();
        let bounds = |depth: usize| Bounds { depth, ..self.bounds };
        let with = |depth: usize| Some((depth, layout(&of_hosts, &bounds(depth), self.letters.len()).ok()?));
        if let Some((depth, layout)) = (self.bounds.depth..=DEPTH_MAX).rev().find_map(with) {
            (self.bounds.depth, self.layout) = (depth, layout);
        }
        self
    }
}

fn check_sizes(system: &System, letters: usize) -> Result<(), Invalid> {
    let bounds = &system.bounds;
    let limits = [
        (bounds.depth, DEPTH_MAX, "messages on their way in one direction"),
        (usize::from(bounds.attempts), usize::from(ATTEMPTS_MAX), "attempts of a host"),
        (letters, LETTERS_MAX, "messages in a table"),
    ];
    match limits.into_iter().find(|(value, most, _)| value > most) {
        Some((value, most, what)) => Err(Invalid::TooLarge(format!("{value} {what} are more than {most}"))),
        None => Ok(()),
    }
}

fn layout(automata: &[&Automaton<'_>], bounds: &Bounds, letters: usize) -> Result<Layout, Invalid> {
    let locals: Vec<usize> = automata.iter().map(|automaton| automaton.locals.len()).collect();
    let sizes = Sizes { locals, depth: bounds.depth, attempts: bounds.attempts, letters, kills: bounds.kills };
    if automata.len() > HOSTS_MAX {
        return Err(Invalid::TooLarge(format!("{} hosts are more than {HOSTS_MAX}", automata.len())));
    }
    let (layout, bits) = Layout::new(&sizes);
    if bits > u128::BITS {
        let text = "a configuration takes more than 128 bits: lower the depth, the attempts or the hosts";
        return Err(Invalid::TooLarge(text.to_owned()));
    }
    Ok(layout)
}

/// The events that wires cause, each once, as (machine, event).
fn wired(system: &System) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for wire in &system.wires {
        let event = (wire.to.as_str(), wire.event.as_str());
        if !found.contains(&event) {
            found.push(event);
        }
    }
    found
}

fn signature(table: &Table, machine: &Machine, system: &System, wired: &[(&str, &str)]) -> Result<Signature, Invalid> {
    let mut found = Signature { sends: vec![Vec::new(); machine.rows.len()], ..Signature::default() };
    for (id, fact) in machine.fact_ids().zip(&machine.facts) {
        if let FactKind::Message(message) = fact.kind {
            found.letters.push((id, letter(message.index())));
        }
        if system.without.contains(&fact.name) {
            found.without |= id;
        }
    }
    for (row, sends) in machine.rows.iter().zip(&mut found.sends) {
        sends.extend(row.sends.iter().map(|message| letter(message.index())));
    }
    for (number, (to, event)) in wired.iter().enumerate() {
        if *to == machine.name {
            found.letters.push((fact(machine, event)?, letter(table.messages.len() + number)));
        }
    }
    for wire in system.wires.iter().filter(|wire| wire.from == machine.name) {
        let number = wired.iter().position(|wired| *wired == (wire.to.as_str(), wire.event.as_str()));
        let code = letter(table.messages.len() + number.unwrap_or(0));
        for row in rows_of_wire(machine, wire)? {
            found.sends[row].push(code);
        }
    }
    found.received = found.letters.iter().map(|(fact, _)| *fact).collect();
    (found.initially, found.markers) = markers(machine, system)?;
    found.reconnects = reconnects(machine, system)?;
    found.tied = tied(machine, system);
    let names = marker_names(machine, system);
    for (number, act) in system.acts.iter().enumerate().filter(|(_, act)| act.machine == machine.name) {
        let unknown = || Invalid::States { machine: machine.name.clone(), name: act.sets.clone() };
        let marker = names.iter().position(|name| *name == act.sets).ok_or_else(unknown)?;
        found.acts.push((number, 1 << marker));
    }
    Ok(found)
}

/// The rows of a machine that send over a wire.
fn rows_of_wire(machine: &Machine, wire: &Wire) -> Result<Vec<usize>, Invalid> {
    let (leaving, entering) = (all_states(machine, &wire.leaving)?, all_states(machine, &wire.entering)?);
    let on = wire.on.as_ref().map(|name| fact(machine, name)).transpose()?;
    let is_meant = |row: &Row| {
        (leaving.is_empty() || row.from.iter().any(|state| leaving.contains(state)))
            && (entering.is_empty() || entering.contains(&row.to))
            && on.is_none_or(|on| row.mentions.contains(on))
    };
    Ok((0..machine.rows.len()).filter(|row| is_meant(&machine.rows[*row])).collect())
}

fn letter(index: usize) -> Letter {
    Letter::try_from(index).unwrap_or(Letter::MAX)
}

fn marker_names(machine: &Machine, system: &System) -> Vec<String> {
    let own = system.markers.iter().filter(|marker| marker.machine == machine.name);
    own.map(|marker| marker.name.clone()).collect()
}

/// The markers that are set before the first attempt, and for each state those that entering it sets and clears.
fn markers(machine: &Machine, system: &System) -> Result<(u8, Vec<(u8, u8)>), Invalid> {
    let (mut initially, mut by_state) = (0, vec![(0, 0); machine.states.len()]);
    for (number, marker) in system.markers.iter().filter(|marker| marker.machine == machine.name).enumerate() {
        let bit = 1_u8.checked_shl(u32::try_from(number).unwrap_or(u32::MAX));
        let bit =
            bit.ok_or_else(|| Invalid::TooLarge(format!("machine `{}` has more than 8 markers", machine.name)))?;
        if marker.initially {
            initially |= bit;
        }
        all_states(machine, &marker.set_in)?.iter().for_each(|state| by_state[state.index()].0 |= bit);
        all_states(machine, &marker.cleared_in)?.iter().for_each(|state| by_state[state.index()].1 |= bit);
    }
    Ok((initially, by_state))
}

/// The guards of a machine that hold exactly while a marker is set, as far as its rows ask them.
fn tied(machine: &Machine, system: &System) -> Vec<(FactId, u8)> {
    let own = system.markers.iter().filter(|marker| marker.machine == machine.name).enumerate();
    own.filter_map(|(number, marker)| Some((machine.fact_id(marker.guard.as_ref()?)?, 1 << number))).collect()
}

fn reconnects(machine: &Machine, system: &System) -> Result<Vec<bool>, Invalid> {
    let mut opens: Vec<bool> = machine.states.iter().map(|state| state.reconnects).collect();
    for (_, name) in system.reconnects.iter().filter(|(of, _)| *of == machine.name) {
        states(machine, name)?.iter().for_each(|state| opens[state.index()] = true);
    }
    Ok(opens)
}

/// One host of the machine that opens connections, then hosts of every other machine.
fn hosts(table: &Table, signatures: &[Signature], system: &System) -> Vec<Host> {
    let steps = |index: &usize| rows_before_sending(&table.machines[*index], &signatures[*index]).unwrap_or(usize::MAX);
    let opener = (0..table.machines.len()).min_by_key(steps).unwrap_or(0);
    let mut hosts = vec![Host { name: table.machines[opener].name.clone(), automaton: opener }];
    for (automaton, machine) in table.machines.iter().enumerate().filter(|(index, _)| *index != opener) {
        for number in 1..=system.acceptors.max(1) {
            let name = if number == 1 { machine.name.clone() } else { format!("{}-{number}", machine.name) };
            hosts.push(Host { name, automaton });
        }
    }
    hosts
}

/// Returns how many rows fire in an attempt before the machine sends anything, where nothing was received.
fn rows_before_sending(machine: &Machine, signature: &Signature) -> Option<usize> {
    let is_idle = |state: &StateId| machine.state(*state).kind == Kind::Idle;
    let mut level: Vec<StateId> = machine.state_ids().filter(is_idle).collect();
    let mut seen = level.clone();
    let waits = |row: usize| signature.letters.iter().any(|(fact, _)| needs(&machine.rows[row], *fact));
    for count in 1..=machine.states.len() {
        let mut next = Vec::new();
        for (index, row) in machine.rows.iter().enumerate() {
            if waits(index) || !row.from.iter().any(|state| level.contains(state)) {
                continue;
            }
            if !signature.sends[index].is_empty() {
                return Some(count);
            }
            if !seen.contains(&row.to) {
                seen.push(row.to);
                next.push(row.to);
            }
        }
        level = next;
    }
    None
}
