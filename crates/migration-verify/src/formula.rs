//! Formulas over all hosts: which states, groups, statuses and markers they are in.
//!
//! `source.completed and not destination.runs`, `source shows failed`: a name after a dot is a marker, a state, a group
//! or a kind of that machine. Where several hosts run a machine, its name means any of them.

use migration_table::model::{Machine, StateId, Table};

use crate::automaton::Automaton;
use crate::config::Locals;
use crate::host::Host;
use crate::names::{Invalid, states};

/// What names of a formula are looked up in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a, 't> {
    pub(crate) table: &'t Table,
    pub(crate) hosts: &'a [Host],
    pub(crate) automata: &'a [Automaton<'t>],
    pub(crate) markers: &'a [Vec<String>],
    pub(crate) letters: &'a [String],
    /// Machines of another release, as indices into the automata: nothing that they do not have ever holds there.
    pub(crate) foreign: &'a [usize],
}

/// A formula with its names looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Formula {
    /// Some of these hosts is in one of these configurations.
    Some(Atom),
    Not(Box<Formula>),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

/// A name in a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Atom {
    /// As it is written.
    pub(crate) name: String,
    /// For each host that is meant the configurations in which it holds.
    pub(crate) hosts: Vec<(usize, Vec<bool>)>,
    /// The places that it stands for; `None` for a marker, which holds in any.
    pub(crate) places: Option<Vec<Place>>,
}

/// Where a host is: in a state, or `None` while it is dead.
pub(crate) type Place = Option<StateId>;

impl Formula {
    /// Reads a formula.
    pub(crate) fn parse(text: &str, scope: &Scope<'_, '_>) -> Result<Formula, Invalid> {
        let mut parser = Parser { tokens: tokens(text), at: 0, text, scope };
        let formula = parser.either()?;
        match parser.peek() {
            None => Ok(formula),
            Some(token) => Err(parser.error(&format!("`{token}` is left over"))),
        }
    }

    /// Whether it holds in a configuration.
    pub(crate) fn holds(&self, locals: &Locals) -> bool {
        match self {
            Formula::Some(atom) => atom.holds(locals),
            Formula::Not(inner) => !inner.holds(locals),
            Formula::And(parts) => parts.iter().all(|part| part.holds(locals)),
            Formula::Or(parts) => parts.iter().any(|part| part.holds(locals)),
        }
    }
}

impl Atom {
    /// Whether it holds in a configuration.
    pub(crate) fn holds(&self, locals: &Locals) -> bool {
        self.hosts.iter().any(|(host, holds)| holds[usize::from(locals[*host])])
    }
}

impl<'a, 't> Scope<'a, 't> {
    /// Returns the hosts that a name means: all hosts of a machine, or one host.
    pub(crate) fn hosts_of(&self, name: &str) -> Result<Vec<usize>, Invalid> {
        let machine = |host: &Host| self.automata[host.automaton].machine.name == name;
        let hosts = self.hosts.iter().enumerate().filter(|(_, host)| machine(host) || host.name == name);
        let hosts: Vec<usize> = hosts.map(|(index, _)| index).collect();
        if hosts.is_empty() { Err(Invalid::Machine(name.to_owned())) } else { Ok(hosts) }
    }

    pub(crate) fn automaton(&self, host: usize) -> &'a Automaton<'t> {
        &self.automata[self.hosts[host].automaton]
    }

    /// Returns the same scope, in which every name must be one that its machine has.
    pub(crate) fn strict(self) -> Scope<'a, 't> {
        Scope { foreign: &[], ..self }
    }

    /// Whether the machine of a host is that of another release.
    pub(crate) fn is_foreign(&self, host: usize) -> bool {
        self.foreign.contains(&self.hosts[host].automaton)
    }

    /// Returns the configurations of a host in which a name holds.
    pub(crate) fn locals(&self, host: usize, name: &str) -> Result<Vec<bool>, Invalid> {
        let automaton = self.automaton(host);
        let markers = &self.markers[self.hosts[host].automaton];
        if let Some(marker) = markers.iter().position(|marker| marker == name) {
            return Ok(automaton.locals.iter().map(|local| local.markers & 1 << marker != 0).collect());
        }
        if name == "down" {
            return Ok(automaton.locals.iter().map(|local| local.is_down).collect());
        }
        match states(automaton.machine, name) {
            Err(_) if self.is_foreign(host) => Ok(vec![false; automaton.locals.len()]),
            found => Ok(automaton.in_states(&found?)),
        }
    }

    /// Returns what `MACHINE.NAME` stands for.
    fn atom(&self, text: &str, machine: &str, name: &str) -> Result<Atom, Invalid> {
        let hosts = self.hosts_of(machine)?;
        let is_marker = hosts.iter().any(|host| self.markers[self.hosts[*host].automaton].iter().any(|it| it == name));
        let places = match (name, hosts.first()) {
            _ if is_marker => None,
            ("down", _) => Some(vec![None]),
            (_, Some(host)) => states(self.automaton(*host).machine, name).ok().map(places),
            (_, None) => None,
        };
        let hosts = hosts.into_iter().map(|host| Ok((host, self.locals(host, name)?))).collect::<Result<_, _>>()?;
        Ok(Atom { name: text.to_owned(), hosts, places })
    }

    /// Returns what `MACHINE shows STATUS` stands for.
    fn shows(&self, machine: &str, status: &str) -> Result<Atom, Invalid> {
        let known = self.table.statuses.iter().position(|known| known.key == status || known.name == status);
        let hosts = self.hosts_of(machine)?;
        let known = known.ok_or_else(|| Invalid::Status(status.to_owned()))?;
        let showing = |host: usize| -> Vec<StateId> {
            let machine: &Machine = self.automaton(host).machine;
            machine.state_ids().filter(|state| machine.state(*state).shows.index() == known).collect()
        };
        let places = hosts.first().map(|host| places(showing(*host)));
        let hosts = hosts.into_iter().map(|host| (host, self.automaton(host).in_states(&showing(host)))).collect();
        Ok(Atom { name: format!("{machine} shows {status}"), hosts, places })
    }
}

struct Parser<'a, 's, 't> {
    tokens: Vec<&'a str>,
    at: usize,
    text: &'a str,
    scope: &'a Scope<'s, 't>,
}

impl<'a> Parser<'a, '_, '_> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn takes(&mut self, word: &str) -> bool {
        let is = self.peek() == Some(word);
        self.at += usize::from(is);
        is
    }

    fn either(&mut self) -> Result<Formula, Invalid> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Formula::Or(parts) })
    }

    fn all(&mut self) -> Result<Formula, Invalid> {
        let mut parts = vec![self.one()?];
        while self.takes("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Formula::And(parts) })
    }

    fn one(&mut self) -> Result<Formula, Invalid> {
        if self.takes("not") {
            return Ok(Formula::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let inner = self.either()?;
            return if self.takes(")") { Ok(inner) } else { Err(self.error("a `)` is missing")) };
        }
        let Some(text) = self.peek() else { return Err(self.error("it ends too early")) };
        self.at += 1;
        if let Some((machine, name)) = text.split_once('.') {
            return self.scope.atom(text, machine, name).map(Formula::Some);
        }
        if !self.takes("shows") {
            return Err(self.error(&format!("`{text}` is not `MACHINE.STATE` or `MACHINE shows STATUS`")));
        }
        let Some(status) = self.peek() else { return Err(self.error("it ends too early")) };
        self.at += 1;
        self.scope.shows(text, status).map(Formula::Some)
    }

    fn error(&self, why: &str) -> Invalid {
        Invalid::Formula { text: self.text.to_owned(), why: why.to_owned() }
    }
}

fn places(states: Vec<StateId>) -> Vec<Place> {
    states.into_iter().map(Some).collect()
}

/// Splits a text into words and parentheses.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['(', ')']) {
            found.extend((at > 0).then(|| &rest[..at]));
            found.push(&rest[at..=at]);
            rest = &rest[at + 1..];
        }
        found.extend((!rest.is_empty()).then_some(rest));
    }
    found
}
