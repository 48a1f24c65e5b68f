//! What to write in the place of a text of a property that cannot be read: what a name is declared as decides whether it
//! is part of a formula (`source.failed`, `source shows active`) or of something that happens (`source enters failed`).

use std::ops::Range;

use migration_table::model::{FactKind, Machine, State, Table};
use migration_table::nearest;

use crate::happening::VERBS;
use crate::names::{Invalid, states};
use crate::phrase::Phrase;

pub(super) struct Instead {
    pub(super) help: String,
    /// The bytes in the place of which it is to be written.
    pub(super) at: Range<usize>,
}

/// Returns what to write in the place of what an error is about, where the table shows it.
pub(super) fn of(table: &Table, phrase: Phrase<'_>, error: &Invalid) -> Option<Instead> {
    match (phrase, error) {
        (Phrase::Formula(text), Invalid::Formula { at, help: None, .. }) => of_words(table, text, at.clone()),
        (Phrase::Formula(_), _) => Some(Instead { help: of_name(table, error)?, at: phrase.mention_of(error)? }),
        (Phrase::Happening(text), _) => Some(Instead { help: in_happening(table, text, error)?, at: 0..text.len() }),
        (Phrase::Marker(_), _) => None,
    }
}

/// What to write for a word of a formula that is neither `MACHINE.STATE` nor `MACHINE shows STATUS`.
fn of_words(table: &Table, text: &str, at: Range<usize>) -> Option<Instead> {
    let name = &text[at.clone()];
    let rest = text[at.end..].trim_start();
    let (verb, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let of = rest.trim_start().split(|c: char| c.is_whitespace() || c == ')').next().filter(|word| !word.is_empty());
    let Some(machine) = table.machine(name) else {
        let all = table.machines.iter().filter_map(|machine| condition(table, machine, name));
        return Some(Instead { help: one_of(all.collect())?, at });
    };
    let of = of?;
    let shown = (nearest(verb, ["shows"]).is_some() && is_status(table, of)).then(|| format!("{name} shows {of}"));
    let help = format!("write `{}`", shown.or_else(|| condition(table, machine, of))?);
    let end = at.end + text[at.end..].find(of)? + of.len();
    Some(Instead { help, at: at.start..end })
}

/// What to write for a name of a formula that is declared as something else.
fn of_name(table: &Table, error: &Invalid) -> Option<String> {
    let (Invalid::States { machine, name } | Invalid::Status { machine, name }) = error else { return None };
    let machine = table.machine(machine)?;
    let condition = condition(table, machine, name)?;
    let shown = machine.state_id(name).filter(|_| matches!(error, Invalid::Status { .. }));
    Some(match shown.map(|state| &table.statuses[machine.state(state).shows.index()].name) {
        Some(status) => {
            let shows = format!("{} shows {status}", machine.name);
            format!("write `{condition}` for the state, or `{shows}` for what a client is shown")
        }
        None => format!("write `{condition}`"),
    })
}

fn in_happening(table: &Table, text: &str, error: &Invalid) -> Option<String> {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '.').collect();
    let happens = |machine: &str, name: &str| happenings(table, table.machine(machine)?, name).into_iter().next();
    let entered = |machine: &str, name: &str| happenings(table, table.machine(machine)?, name).into_iter().last();
    let write = |(verb, name): (&str, &str), machine: &str| format!("write `{machine} {verb} {name}`");
    match (error, words.as_slice()) {
        (Invalid::Formula { .. }, [machine, "shows", name]) => {
            let (verb, state) = entered(machine, name).filter(|(verb, _)| *verb == "enters")?;
            Some(write((verb, &state), machine))
        }
        (Invalid::Formula { .. }, [machine, name, rest @ ..]) if text.contains('.') => {
            let (verb, name) = entered(machine, name)?;
            Some(match rest {
                [] => write((verb, &name), machine),
                [..] => format!("name one thing that happens, such as `{machine} {verb} {name}`"),
            })
        }
        (Invalid::Formula { .. }, [machine, verb, name]) => {
            let all = happenings(table, table.machine(machine)?, name);
            let near = nearest(verb, all.iter().map(|(verb, _)| *verb)).or(all.first().map(|(verb, _)| *verb));
            Some(write((near.or_else(|| nearest(verb, VERBS))?, name), machine))
        }
        (Invalid::Formula { .. }, [_, verb, _, ..]) if VERBS.contains(verb) => {
            Some("write a property for each; a group or a kind stands for all of its states".to_owned())
        }
        (Invalid::Formula { .. }, [machine, verb]) => {
            let meant = nearest(verb, ["begins", "ends"]).map(|verb| format!("write `{machine} {verb}`"));
            meant.or_else(|| happens(machine, verb).map(|(verb, name)| write((verb, &name), machine)))
        }
        (Invalid::Machine(unknown), [verb, name]) if unknown == verb && VERBS.contains(verb) => {
            let fits = |machine: &&Machine| happenings(table, machine, name).iter().any(|(fit, _)| fit == verb);
            let machines = table.machines.iter().filter(fits);
            one_of(machines.map(|machine| format!("{} {verb} {name}", machine.name)).collect())
        }
        (Invalid::Role { .. } | Invalid::States { .. } | Invalid::Fact { .. }, [machine, _, name]) => {
            let (verb, name) = happens(machine, name)?;
            Some(write((verb, &name), machine))
        }
        _ => None,
    }
}

/// What to write where each of some would do.
fn one_of(all: Vec<String>) -> Option<String> {
    let all: Vec<String> = all.into_iter().map(|text| format!("`{text}`")).collect();
    (!all.is_empty()).then(|| format!("write {}", all.join(" or ")))
}

/// The formula that a name stands for at a machine.
fn condition(table: &Table, machine: &Machine, name: &str) -> Option<String> {
    let of = &machine.name;
    if is_marker(table, machine, name) || states(machine, name).is_ok() {
        return Some(format!("{of}.{name}"));
    }
    is_status(table, name).then(|| format!("{of} shows {name}"))
}

/// What can happen at a machine with something of that name, each a verb and a name: what comes or goes, then what is
/// entered.
fn happenings(table: &Table, machine: &Machine, name: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(message) = table.messages.iter().find(|message| message.name == name) {
        found.extend((message.from == machine.name).then_some(("sends", name.to_owned())));
    }
    if let Some(fact) = machine.fact_id(name) {
        let verb = match machine.fact(fact).kind {
            FactKind::Trigger { .. } => Some("accepts"),
            FactKind::Event => Some("reports"),
            FactKind::Message(_) => Some("hears"),
            FactKind::Guard { .. } => None,
        };
        found.extend(verb.map(|verb| (verb, name.to_owned())));
    }
    if states(machine, name).is_ok() {
        found.push(("enters", name.to_owned()));
        return found;
    }
    let shows = |state: &&State| {
        let status = &table.statuses[state.shows.index()];
        status.name == name || status.key == name
    };
    let mut showing = machine.states.iter().filter(shows);
    if let (Some(state), None) = (showing.next(), showing.next()) {
        found.push(("enters", state.name.clone()));
    }
    found
}

fn is_status(table: &Table, name: &str) -> bool {
    table.statuses.iter().any(|status| status.name == name || status.key == name)
}

fn is_marker(table: &Table, machine: &Machine, name: &str) -> bool {
    table.markers.iter().any(|marker| marker.machine == machine.name && marker.name == name)
}

/// What a name is to a machine, with its article.
pub(super) fn role_in(table: &Table, machine: &str, name: &str) -> Option<&'static str> {
    let machine = table.machine(machine)?;
    if machine.state_id(name).is_some() {
        return Some("a state");
    }
    if machine.groups.iter().any(|group| group.name == name) {
        return Some("a group");
    }
    if is_marker(table, machine, name) {
        return Some("a marker");
    }
    let fact = machine.fact_id(name).map(|fact| match machine.fact(fact).kind {
        FactKind::Trigger { .. } => "a trigger",
        FactKind::Event => "an event",
        FactKind::Message(_) => "a message",
        FactKind::Guard { .. } => "a guard",
    });
    fact.or_else(|| is_status(table, name).then_some("a status"))
}
