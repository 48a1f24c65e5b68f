//! Formulas over all hosts: which states, groups, statuses and markers they are in.
//!
//! `source.completed and not destination.runs`, `source shows failed`: a name after a dot is a marker, a state, a group
//! or a kind of that machine. Where several hosts run a machine, its name means any of them.

use migration_table::model::{Machine, StateId, Table};
use migration_table::{nearest, sign_of_other_notation};

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
        if parser.peek().is_none() { Ok(formula) } else { Err(parser.left_over()) }
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
        let unknown = || Invalid::Status { machine: machine.to_owned(), name: status.to_owned() };
        let known = known.ok_or_else(unknown)?;
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
    /// The words and parentheses, each with its offset in bytes.
    tokens: Vec<(usize, &'a str)>,
    at: usize,
    text: &'a str,
    scope: &'a Scope<'s, 't>,
}

impl<'a> Parser<'a, '_, '_> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).map(|(_, token)| *token)
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
        let open = self.at;
        if self.takes("(") {
            let inner = self.either()?;
            return match self.peek() {
                Some(")") => {
                    self.at += 1;
                    Ok(inner)
                }
                Some(_) => Err(self.left_over()),
                None => {
                    let help = "write `)` where what it opens ends, or leave `(` out";
                    Err(self.error(open, "`(` is never closed", Some(help)))
                }
            };
        }
        let Some(text) = self.peek() else { return Err(self.too_early()) };
        self.at += 1;
        if let Some((machine, name)) = text.split_once('.').filter(|_| sign(text).is_none()) {
            return self.scope.atom(text, machine, name).map(Formula::Some);
        }
        if !self.takes("shows") {
            let why = format!("`{text}` is not `MACHINE.STATE` or `MACHINE shows STATUS`");
            return Err(self.strange_sign(self.at - 1).unwrap_or_else(|| self.error(self.at - 1, &why, None)));
        }
        let Some(status) = self.peek() else { return Err(self.too_early()) };
        self.at += 1;
        self.scope.shows(text, status).map(Formula::Some)
    }

    /// A whole formula has been read, and this stands where `and`, `or` or the end is expected.
    fn left_over(&self) -> Invalid {
        let (written, before) = (self.tokens[self.at].1, self.tokens[self.at - 1].1);
        if let Some(error) = self.strange_sign(self.at) {
            return error;
        }
        if written == ")" {
            return self.error(self.at, "`)` closes nothing", Some("leave it out, or write the `(` that it closes"));
        }
        let is_last = self.at + 1 == self.tokens.len();
        match nearest(written, ["and", "or", "not"]).filter(|_| !is_last && written != "(" && written != "not") {
            Some(meant) => {
                let why = format!("`{written}` stands where `and` or `or` is expected");
                self.error(self.at, &why, Some(&format!("did you mean `{meant}`?")))
            }
            None => {
                let why = format!("`and` or `or` is missing between `{before}` and `{written}`");
                let help = format!("write `and {written}` if both are needed, `or {written}` if one is enough");
                self.error(self.at, &why, Some(&help))
            }
        }
    }

    /// A word with a sign of other notations in it.
    fn strange_sign(&self, token: usize) -> Option<Invalid> {
        let (start, text) = self.tokens[token];
        let (at, sign, word) = sign(text)?;
        let (why, help) = (format!("`{sign}` has no meaning in a formula"), format!("write `{word}`"));
        Some(Invalid::Formula {
            text: self.text.to_owned(),
            why,
            at: start + at..start + at + sign.len(),
            help: Some(help),
        })
    }

    fn too_early(&self) -> Invalid {
        let help = self
            .at
            .checked_sub(1)
            .map(|last| format!("name what is meant after `{}`, or leave that out", self.tokens[last].1));
        self.error(self.at.saturating_sub(1), "it ends too early", help.as_deref())
    }

    fn error(&self, token: usize, why: &str, help: Option<&str>) -> Invalid {
        let at = self.tokens.get(token).map_or(0..self.text.len(), |(at, token)| *at..at + token.len());
        Invalid::Formula { text: self.text.to_owned(), why: why.to_owned(), at, help: help.map(str::to_owned) }
    }
}

fn places(states: Vec<StateId>) -> Vec<Place> {
    states.into_iter().map(Some).collect()
}

/// Splits a text into words and parentheses, each with its offset in bytes.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_whitespace() || matches!(c, '(' | ')') {
            found.extend((at > start).then(|| (start, &text[start..at])));
            found.extend((!c.is_whitespace()).then(|| (at, &text[at..=at])));
            start = at + c.len_utf8();
        }
    }
    found
}

/// The first sign of other notations in a word: its offset, the sign, and what to write in its place.
fn sign(word: &str) -> Option<(usize, &str, &'static str)> {
    word.char_indices().find_map(|(at, _)| sign_of_other_notation(&word[at..]).map(|(sign, meant)| (at, sign, meant)))
}
