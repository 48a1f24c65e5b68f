//! What is said when no run of the table explains what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::closure::Closure;
use super::config::Phase;
use super::log::short;
use super::observation::Reply;
use super::request::{Request, Wish};
use super::step::Rules;
use migration_table::model::{Machine, StateId, Table};

/// Something was seen that no run of the table explains, and what could have been seen instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained(Box<Detail>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Detail {
    why: Why,
    /// For each machine, in the order of its name, the states in which it may be, each with what it shows in words.
    states: BTreeMap<String, BTreeSet<(String, String)>>,
    published: BTreeSet<String>,
    replies: BTreeMap<String, BTreeSet<String>>,
    /// Commands before the one whose reply was seen, of which no reply was seen.
    unanswered: BTreeSet<String>,
    /// Messages that no other process can have sent by then.
    withheld: BTreeSet<String>,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Published(String),
    UnknownStatus(String),
    Replied { command: String, reply: Reply },
    Gone,
    TooManyPossibilities,
}

impl Unexplained {
    pub(super) fn because(why: Why) -> Unexplained {
        let (states, replies) = (BTreeMap::new(), BTreeMap::new());
        let (published, unanswered, withheld) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Unexplained(Box::new(Detail { why, states, published, replies, unanswered, withheld }))
    }

    /// Whether it is not known if some run explains what was seen: there was too much to follow.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.0.why == Why::TooManyPossibilities
    }

    /// Says where the machines may be and what could be seen next instead: of replies only that to the command whose
    /// reply was seen, if one was.
    pub(super) fn of(rules: &Rules<'_>, why: Why, id: Option<u64>, closure: &Closure) -> Unexplained {
        let table = rules.table;
        let mut unexplained = Unexplained::because(why);
        for config in closure.configs.configs().filter(|config| config.is_settled()) {
            for (machine, place) in table.machines.iter().zip(&config.places) {
                let shows = machine.state(place.state).shows;
                // See `Config::shown`.
                let or_nothing = if shows == machine.state(machine.initial).shows { " or no status" } else { "" };
                let shows = format!("`{}`{or_nothing}", table.statuses[shows.index()].name);
                unexplained.may_be(machine, place.state, shows);
            }
            let before = config.commands.iter().filter(|(other, _)| id.is_some_and(|id| *other < id));
            for request in before.filter_map(|(other, _)| rules.requests.get(other)) {
                unexplained.0.unanswered.insert(request.command.name.clone());
            }
            for (other, phase) in config.commands.iter().filter(|(other, _)| id.is_none_or(|id| id == *other)) {
                let Some(request) = rules.requests.get(other) else { continue };
                unexplained.may_reply(table, request, *phase);
            }
        }
        for machine in &table.machines {
            let withheld = machine.fact_ids().filter(|id| !rules.has_arrived(machine, *id));
            withheld.for_each(|id| unexplained.is_withheld(&machine.fact(id).name));
        }
        for (told, ..) in &closure.published {
            unexplained.may_publish(&told.words(table));
        }
        unexplained
    }

    fn may_be(&mut self, machine: &Machine, state: StateId, shows: String) {
        let state = (machine.state(state).name.clone(), shows);
        self.0.states.entry(machine.name.clone()).or_default().insert(state);
    }

    fn is_withheld(&mut self, message: &str) {
        self.0.withheld.insert(message.to_owned());
    }

    fn may_publish(&mut self, status: &str) {
        self.0.published.insert(status.to_owned());
    }

    fn may_reply(&mut self, table: &Table, request: &Request, phase: Phase) {
        let (success, error) = ("success".to_owned(), "an error".to_owned());
        let replies = match phase {
            Phase::Sent => return,
            Phase::Accepted { went_wrong: false, .. } | Phase::Ignored => vec![success],
            Phase::Accepted { went_wrong: true, .. } => vec![success, error],
            Phase::Refused(None) => vec![error],
            Phase::Refused(Some(refusal)) => vec![format!("an error of class `{}`", refusal.class(table))],
            Phase::Shown(None) => vec!["no status".to_owned()],
            Phase::Shown(Some(told)) => vec![format!("status `{}`", told.words(table))],
        };
        // A reply without news is only worth telling for what was asked of a machine.
        if !matches!(request.wish, Wish::Capabilities | Wish::Parameters) {
            self.0.replies.entry(request.command.name.clone()).or_default().extend(replies);
        }
    }

    /// What could have been seen instead, a line each.
    #[must_use]
    pub fn instead(&self) -> Vec<String> {
        if matches!(self.0.why, Why::TooManyPossibilities | Why::Gone) {
            return Vec::new();
        }
        let unanswered: Vec<String> = self.0.unanswered.iter().map(|command| format!("`{command}`")).collect();
        let mut lines: Vec<String> = match unanswered.as_slice() {
            [] => Vec::new(),
            commands => vec![format!(
                "no reply to {} was seen, and a reply comes before those to later commands",
                list(commands)
            )],
        };
        for (machine, states) in &self.0.states {
            let states: Vec<String> =
                states.iter().map(|(state, shows)| format!("`{state}` (shows {shows})")).collect();
            lines.push(format!("`{machine}` may be in {}", list(&states)));
        }
        let published: Vec<String> = self.0.published.iter().map(|status| format!("`{status}`")).collect();
        lines.push(if published.is_empty() {
            "no status could be published next".to_owned()
        } else {
            format!("the next status could be {}", list(&published))
        });
        if !self.0.withheld.is_empty() {
            let messages: Vec<String> = self.0.withheld.iter().map(|message| format!("`{message}`")).collect();
            lines.push(format!("no other process can have sent {} by then", list(&messages)));
        }
        for (command, replies) in &self.0.replies {
            let replies: Vec<String> = replies.iter().cloned().collect();
            lines.push(format!("the reply to `{command}` could be {}", list(&replies)));
        }
        lines
    }
}

impl fmt::Display for Unexplained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.why {
            Why::Published(status) => write!(out, "no run publishes `{status}` here"),
            Why::UnknownStatus(status) => write!(out, "the table has no status `{}`", short(status)),
            Why::Replied { command, reply } => match reply {
                Reply::Done | Reply::Capabilities(_) => write!(out, "no run lets `{command}` succeed here"),
                Reply::Status(None) => write!(out, "every run shows a status to `{command}` here"),
                Reply::Status(Some(status)) => write!(out, "no run shows `{}` to `{command}` here", short(status)),
                Reply::Refused(Some(class)) => {
                    write!(out, "no run refuses `{command}` with class `{}` here", short(class))
                }
                Reply::Refused(None) | Reply::Unknown | Reply::Unreadable => {
                    write!(out, "no run refuses `{command}` here")
                }
            },
            Why::Gone => write!(out, "the process is gone already"),
            Why::TooManyPossibilities => write!(out, "there are too many possibilities to follow"),
        }
    }
}

impl std::error::Error for Unexplained {}

fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
