//! The single changes of a table that are tried.

use std::collections::BTreeSet;

use crate::check::Subject;
use crate::declare::{Declared, MachineDecl, MessageDecl, Name, Names, RowDecl, Spanned, StateDecl, TableDecl};
use crate::finding::Finding;
use crate::model::{Kind, Table};
use crate::span::Span;
use crate::syntax::{Text, written};

/// At how many states changes are tried, and with how many facts.
const STATES_MAX: usize = 4;
const FACTS_MAX: usize = 3;

/// How many transitions are tried the other way round.
const TURNED_MAX: usize = 8;

/// A single change.
#[derive(Clone, Debug)]
pub(super) enum Change<'t> {
    /// A transition leads the other way.
    Turn { machine: usize, row: usize, decl: &'t RowDecl },
    /// A state has another kind.
    Kind {
        machine: usize,
        /// The name of the machine, where another one has a state of the same name.
        of: Option<&'t str>,
        state: &'t Declared<StateDecl>,
        kind: Kind,
    },
    /// There is one more transition.
    Row {
        machine: usize,
        /// As for a kind, for the state that is left.
        of: Option<&'t str>,
        from: &'t Declared<StateDecl>,
        when: &'t str,
        to: &'t Declared<StateDecl>,
        sends: Vec<&'t str>,
    },
}

/// The machines of a table that can be read, with their places in the list.
pub(super) fn machines(table: &TableDecl) -> impl Iterator<Item = (usize, &MachineDecl)> {
    let machines = table.machines.iter().flat_map(|machines| &machines.entries).enumerate();
    machines.filter_map(|(at, machine)| Some((at, machine.value.as_ref()?)))
}

/// The changes that may mend findings, the likeliest first.
pub(super) fn likely<'t>(table: &'t TableDecl, findings: &[Finding]) -> Vec<Change<'t>> {
    let mut changes = Vec::new();
    let facts = unused(table, findings);
    for (machine, decl) in machines(table) {
        let states = || decl.states.iter().flat_map(|states| &states.entries);
        let mut named: Vec<(usize, &Declared<StateDecl>)> =
            states().map(|state| (findings.iter().filter(|finding| names(finding, state)).count(), state)).collect();
        named.retain(|(count, _)| *count > 0);
        named.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let named: Vec<&Declared<StateDecl>> = named.into_iter().map(|(_, state)| state).take(STATES_MAX).collect();
        changes.extend(turned(decl, &named).map(|(row, decl)| Change::Turn { machine, row, decl }));
        for state in &named {
            let is_other =
                |kind: &Kind| state.value.as_ref().and_then(|it| it.kind).is_some_and(|it| it.value != *kind);
            let kinds = Kind::ALL.into_iter().filter(is_other);
            let of = machine_of(table, machine, &state.name.text);
            changes.extend(kinds.map(|kind| Change::Kind { machine, of, state, kind }));
        }
        // What leads to a state on the happy path comes from the one before it.
        let before = |to: &Declared<StateDecl>| {
            let path: Vec<&str> =
                decl.happy_path.iter().flat_map(|it| &it.names).map(|it| it.0.text.as_str()).collect();
            let at = path.iter().position(|name| *name == to.name.text)?;
            let name = path.get(at.checked_sub(1)?)?;
            states().find(|state| state.name.text == **name)
        };
        let mut known = BTreeSet::new();
        let from = named.iter().copied().chain(named.iter().filter_map(|to| before(to)));
        let from: Vec<&Declared<StateDecl>> = from.filter(|from| known.insert(from.name.text.as_str())).collect();
        let sends = unsent(table, machine, findings);
        for from in &from {
            let mut known = BTreeSet::new();
            let whens = facts.iter().copied().chain(bounds(from)).chain(of_kind(decl, from));
            for when in whens.filter(|when| known.insert(*when)).take(FACTS_MAX) {
                let to = named.iter().copied().chain(followers(decl, from)).filter(|to| to.name != from.name);
                // A failure leads where others of its kind do, and to success never.
                let failing = is_failure(table, from, when).then(|| targets(decl, when));
                let to = to.filter(|to| failing.as_ref().is_none_or(|all| all.contains(to.name.text.as_str())));
                let mut known = BTreeSet::new();
                let to = to.filter(|to| known.insert(to.name.text.as_str()));
                let of = machine_of(table, machine, &from.name.text);
                changes.extend(to.map(|to| Change::Row { machine, of, from, when, to, sends: sends.clone() }));
            }
        }
    }
    changes
}

/// The name of a machine, where another one has a state of a name that this one has.
fn machine_of<'t>(table: &'t TableDecl, machine: usize, name: &str) -> Option<&'t str> {
    let has = |decl: &MachineDecl| decl.states.iter().flat_map(|it| &it.entries).any(|state| state.name.text == name);
    let is_shared = machines(table).any(|(at, decl)| at != machine && has(decl));
    let machines = table.machines.as_ref().filter(|_| is_shared)?;
    machines.entries.get(machine).map(|machine| machine.name.text.as_str())
}

/// Whether a finding is about a state: it, or a place of it, is where the state is declared.
fn names(finding: &Finding, state: &Declared<StateDecl>) -> bool {
    let end = state.value.as_ref().map_or(state.name.span.end, |decl| decl.span.end);
    let is_there = |span: Span| (state.name.span.start..end).contains(&span.start);
    is_there(finding.span) || finding.notes.iter().any(|(span, _)| span.is_some_and(is_there))
}

/// The transitions that leave one of some states, and that one alone, each with its place in the list.
fn turned<'t>(
    machine: &'t MachineDecl,
    named: &[&'t Declared<StateDecl>],
) -> impl Iterator<Item = (usize, &'t RowDecl)> {
    let is_named = |row: &RowDecl| {
        let from = row.from.as_ref().and_then(|from| from.names.first().filter(|_| from.names.len() == 1));
        let leaves = from.is_some_and(|from| named.iter().any(|state| state.name.text == from.0.text));
        leaves && row.except.is_none() && row.to.as_ref().map(|to| &to.0.text) != from.map(|from| &from.0.text)
    };
    let rows = machine.transitions.iter().flatten().enumerate();
    let rows: Vec<(usize, &RowDecl)> = rows.filter(|(_, row)| is_named(row)).take(TURNED_MAX).collect();
    rows.into_iter()
}

/// The facts of which something is found where they are declared or ranked.
fn unused<'t>(table: &'t TableDecl, findings: &[Finding]) -> Vec<&'t str> {
    let triggers = table.triggers.iter().flat_map(|named| named.entries.iter().map(|it| &it.name));
    let events = table.events.iter().flat_map(|named| named.entries.iter().map(|it| &it.name));
    let messages = table.messages.iter().flat_map(|named| named.entries.iter().map(|it| &it.name));
    let ranked = machines(table).flat_map(|(_, machine)| &machine.precedence).flat_map(|it| &it.names).map(|it| &it.0);
    let all = triggers.chain(events).chain(messages).chain(ranked);
    let is_found = |name: &&Text| findings.iter().any(|finding| finding.span == name.span);
    all.filter(is_found).map(|name| name.text.as_str()).collect()
}

/// The messages of a machine of which something is found where they are declared: nothing sends them, perhaps.
fn unsent<'t>(table: &'t TableDecl, machine: usize, findings: &[Finding]) -> Vec<&'t str> {
    let name = table.machines.as_ref().and_then(|machines| machines.entries.get(machine)).map(|it| &it.name.text);
    let messages = table.messages.iter().flat_map(|messages| &messages.entries);
    let is_own = |message: &&Declared<MessageDecl>| {
        let from = message.value.as_ref().and_then(|decl| decl.from.as_ref());
        from.map(|from| &from.0.text) == name && findings.iter().any(|finding| finding.span == message.name.span)
    };
    messages.filter(is_own).map(|message| message.name.text.as_str()).collect()
}

/// Whether an event or a message says that something went wrong: it carries a cause, or a limit of silence reports it.
fn is_failure(table: &TableDecl, from: &Declared<StateDecl>, when: &str) -> bool {
    let events = table.events.iter().flat_map(|events| &events.entries);
    let mut events = events.filter(|it| it.name.text == when).filter_map(|it| it.value.as_ref());
    let messages = table.messages.iter().flat_map(|messages| &messages.entries);
    let mut messages = messages.filter(|it| it.name.text == when).filter_map(|it| it.value.as_ref());
    let timeout = from.value.as_ref().and_then(|decl| decl.timeout.as_ref()?.event.as_ref());
    let is_silence = timeout.is_some_and(|event| event.0.text == when);
    is_silence || events.any(|decl| decl.carries.is_some()) || messages.any(|decl| decl.carries.is_some())
}

/// The states off the happy path to which transitions lead that name a fact.
fn targets<'t>(machine: &'t MachineDecl, fact: &str) -> BTreeSet<&'t str> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let names = |when: &Text| when.text.split(|c| !is_of_name(c)).any(|word| word == fact);
    let rows = machine.transitions.iter().flatten().filter(|row| row.when.as_ref().is_some_and(names));
    let to = rows.filter_map(|row| Some(row.to.as_ref()?.0.text.as_str()));
    let path: BTreeSet<&str> =
        machine.happy_path.iter().flat_map(|path| &path.names).map(|name| name.0.text.as_str()).collect();
    to.filter(|to| !path.contains(to)).collect()
}

/// What leads on from other states of the kind of a clean-up: the same event, often.
fn of_kind<'t>(machine: &'t MachineDecl, from: &Declared<StateDecl>) -> impl Iterator<Item = &'t str> {
    let kind = |state: &Declared<StateDecl>| state.value.as_ref().and_then(|decl| decl.kind).map(|kind| kind.value);
    let is_cleanup = kind(from) == Some(Kind::Cleanup);
    let states = machine.states.iter().flat_map(|states| &states.entries);
    let alike: BTreeSet<&str> =
        states.filter(|state| kind(state) == Some(Kind::Cleanup)).map(|state| state.name.text.as_str()).collect();
    let rows = machine.transitions.iter().flatten().filter(move |row| {
        let mut names = row.from.iter().flat_map(|it| &it.names);
        is_cleanup && names.any(|name| alike.contains(name.0.text.as_str()))
    });
    rows.filter_map(|row| Some(row.when.as_ref()?.text.as_str())).filter(|when| !when.contains(' '))
}

/// The events that the bounds on the time in a state report.
fn bounds(state: &Declared<StateDecl>) -> impl Iterator<Item = &str> {
    let decl = state.value.iter();
    let bounds = decl.flat_map(|decl| [decl.timeout.as_ref(), decl.timer.as_ref()]).flatten();
    bounds.filter_map(|bound| Some(bound.event.as_ref()?.0.text.as_str()))
}

/// The states to which transitions lead that name a state among those that they leave.
fn followers<'t>(machine: &'t MachineDecl, from: &Declared<StateDecl>) -> Vec<&'t Declared<StateDecl>> {
    let leaves = |row: &&RowDecl| row.from.iter().flat_map(|it| &it.names).any(|name| name.0.text == from.name.text);
    let rows = machine.transitions.iter().flatten().filter(leaves);
    let targets: Vec<&str> = rows.filter_map(|row| Some(row.to.as_ref()?.0.text.as_str())).collect();
    let states = machine.states.iter().flat_map(|states| &states.entries);
    states.filter(|state| targets.contains(&state.name.text.as_str())).collect()
}

impl Change<'_> {
    /// The table with the change.
    pub(super) fn made(&self, table: &TableDecl) -> TableDecl {
        let mut table = table.clone();
        let (Change::Turn { machine, .. } | Change::Kind { machine, .. } | Change::Row { machine, .. }) = self;
        let machines = table.machines.iter_mut().flat_map(|machines| &mut machines.entries);
        let Some(decl) = machines.skip(*machine).find_map(|machine| machine.value.as_mut()) else { return table };
        match self {
            Change::Turn { row, .. } => {
                let row = decl.transitions.iter_mut().flatten().nth(*row);
                if let Some(RowDecl { from: Some(from), to: Some(to), .. }) = row
                    && let [from] = from.names.as_mut_slice()
                {
                    std::mem::swap(from, to);
                }
            }
            Change::Kind { state, kind, .. } => {
                let states = decl.states.iter_mut().flat_map(|states| &mut states.entries);
                for decl in states.filter(|other| other.name == state.name).filter_map(|other| other.value.as_mut()) {
                    decl.kind = decl.kind.map(|known| Spanned { value: *kind, ..known });
                }
            }
            Change::Row { from, when, to, sends, .. } => {
                let row = row(from, when, to, sends);
                decl.transitions.get_or_insert_default().push(row);
            }
        }
        table
    }

    /// Whether another change differs only in the kind, or in the state that is entered.
    pub(super) fn is_like(&self, other: &Change<'_>) -> bool {
        match (self, other) {
            (Change::Kind { state, .. }, Change::Kind { state: other, .. }) => state.name == other.name,
            (Change::Row { from, when, .. }, Change::Row { from: other, when: others, .. }) => {
                from.name == other.name && when == others
            }
            (Change::Kind { .. } | Change::Row { .. } | Change::Turn { .. }, _) => false,
        }
    }

    /// Whether some run comes to the state that one more transition leaves. `made` is the changed table.
    pub(super) fn can_happen(&self, made: &Table) -> bool {
        let Change::Row { machine, from, .. } = self else { return true };
        let Some(machine) = made.machines.get(*machine) else { return false };
        let from = machine.state_ids().find(|id| machine.state(*id).name == from.name.text);
        let subject = Subject::new(made, machine);
        from.is_some_and(|from| subject.is_ok_and(|subject| subject.reached.is_reached(from)))
    }

    /// Whether it is no invention: it only turns round what is there.
    pub(super) fn is_certain(&self) -> bool {
        matches!(self, Change::Turn { .. })
    }

    /// Whether it gives a state another kind.
    pub(super) fn is_of_kind(&self) -> bool {
        matches!(self, Change::Kind { .. })
    }

    /// Whether something that is still found at a place shows that it is not what was meant.
    pub(super) fn leaves(&self, found: Span) -> bool {
        let place = self.place();
        self.is_of_kind() && (place.start..place.end).contains(&found.start)
    }

    /// The stretch of the table that it is about.
    pub(super) fn place(&self) -> Span {
        let state = match self {
            Change::Turn { decl, .. } => return decl.span,
            Change::Kind { state, .. } | Change::Row { from: state, .. } => state,
        };
        state.value.as_ref().map_or(state.name.span, |decl| state.name.span.until(decl.span))
    }
}

/// A transition from one state to another, which publishes if another status is shown then.
fn row(from: &Declared<StateDecl>, when: &str, to: &Declared<StateDecl>, sends: &[&str]) -> RowDecl {
    let span = from.name.span;
    let text = |text: &str| Text::lacking(text, span);
    let shown = |state: &Declared<StateDecl>| Some(state.value.as_ref()?.shows.as_ref()?.0.text.clone());
    RowDecl {
        span,
        from: Some(Names { names: vec![Name(text(&from.name.text))], span }),
        except: None,
        when: Some(text(when)),
        to: Some(Name(text(&to.name.text))),
        public: (shown(from) != shown(to)).then_some(Spanned { value: true, span }),
        reason: None,
        drops: None,
        sends: (!sends.is_empty())
            .then(|| Names { names: sends.iter().map(|message| Name(text(message))).collect(), span }),
        allow: None,
    }
}

/// What to do, where each of some changes would do.
pub(super) fn in_words(changes: &[Change<'_>]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    let mut place = "`transitions:`".to_owned();
    for change in changes {
        match change {
            Change::Turn { decl, .. } => {
                return format!("exchange `from:` and `to:` of the transition in line {}", decl.span.line);
            }
            Change::Kind { state, kind, of, .. } => {
                let of = of.map_or(String::new(), |machine| format!(" of `{machine}`"));
                kinds.push(format!("`kind: {}` for `{}`{of}", kind.name(), state.name.text))
            }
            Change::Row { from, when, to, sends, of, .. } => {
                let row = row(from, when, to, sends);
                place = of.map_or(place, |machine| format!("`transitions:` of `{machine}`"));
                let sends = if sends.is_empty() { String::new() } else { format!(", sends: [{}]", sends.join(", ")) };
                let public = if row.public.is_some() { ", public: true" } else { "" };
                let (from, to) = (written(&from.name.text), written(&to.name.text));
                rows.push(format!("`{{ from: {from}, when: {when}, to: {to}{public}{sends} }}`"));
            }
        }
    }
    let one_of = |all: &[String]| match all {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => all.concat(),
    };
    match (kinds.is_empty(), rows.is_empty()) {
        (false, _) => format!("write {}", one_of(&kinds)),
        (true, _) => format!("add {} to {place}", one_of(&rows)),
    }
}
