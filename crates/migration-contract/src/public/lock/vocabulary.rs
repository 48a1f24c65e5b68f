//! The lines of the words that are public, and of what is promised to clients: written and read.

use super::line::Line;
use super::words::{Token, quoted};
use crate::public::model::{Handled, Public, PublicGuarantee, PublicName, PublicObserver, Term};
use migration_table::model::{Anchor, Channel, Promise, Repeat, Unknown, Was};

/// The lines, by section.
pub(super) fn lines(public: &Public) -> [Vec<String>; 10] {
    let named = |keyword: &str, name: &String, public: &PublicName| {
        let part = |word: &str, said: &Option<String>| match said {
            Some(said) => format!(" {word} {}", quoted(said)),
            None => String::new(),
        };
        let since = part("since", &public.since);
        let deprecated = part("deprecated", &public.deprecated);
        format!("{keyword} {}{since}{deprecated}{}", quoted(name), part("renamed-from", &public.renamed_from))
    };
    let reserved = public.reserved.iter().map(|((was, name), removed)| {
        let what = match was {
            Was::Status => "status",
            Was::Reason => "reason",
            Was::Command => "command",
            Was::Capability => "capability",
        };
        format!("reserved {what} {} removed {}", quoted(name), quoted(removed))
    });
    [
        public.statuses.iter().map(|(name, status)| named("status", name, status)).collect(),
        public.reasons.iter().map(|(name, reason)| named("reason", name, reason)).collect(),
        public.commands.iter().map(|(name, command)| named("command", name, command)).collect(),
        public.settings.iter().map(|name| format!("setting {}", quoted(name))).collect(),
        public.terms.iter().map(|(term, said)| format!("term {} {}", of_term(term), quoted(said))).collect(),
        public.handled.iter().map(of_handled).collect(),
        vec![format!("deprecated-for {}", public.deprecated_for)],
        public.observers.iter().map(|(name, observer)| of_observer(name, *observer)).collect(),
        reserved.collect(),
        public.guarantees.iter().map(|(name, guarantee)| of_guarantee(name, guarantee)).collect(),
    ]
}

fn of_term(term: &Term) -> String {
    match term {
        Term::Event => "event".to_owned(),
        Term::Member => "member".to_owned(),
        Term::Reason => "reason".to_owned(),
        Term::Query => "query".to_owned(),
        Term::Capability => "capability".to_owned(),
        Term::Argument(command) => format!("argument {}", quoted(command)),
        Term::Setting(setting) => format!("setting {}", quoted(setting)),
        Term::Subject(_) => "subject".to_owned(),
    }
}

fn of_handled(Handled { machine, command, status }: &Handled) -> String {
    format!("handled {} in {} of {}", quoted(command), quoted(status), quoted(machine))
}

fn of_observer(name: &str, observer: PublicObserver) -> String {
    let channel = match observer.channel {
        Channel::Events => "events",
        Channel::Poll => "poll",
    };
    let unknown = match observer.unknown {
        Unknown::Skip => "skip",
        Unknown::Fail => "fail",
    };
    let repeat = match observer.repeat {
        Repeat::See => "see",
        Repeat::Skip => "skip",
    };
    let gate = if observer.gate { " gate" } else { "" };
    format!("observer {} {channel} unknown {unknown} repeat {repeat}{gate}", quoted(name))
}

fn of_guarantee(name: &str, guarantee: &PublicGuarantee) -> String {
    let promise = match &guarantee.promise {
        Promise::Ends { after, ends } => {
            let after = match after {
                Anchor::Command(name) => format!("command {}", quoted(name)),
                Anchor::Status(name) => format!("status {}", quoted(name)),
            };
            let ends: String = ends.iter().map(|status| format!(" {}", quoted(status))).collect();
            format!("after {after} ends{ends}")
        }
        Promise::Before { before, comes } => format!("{} not unless {}", quoted(before), quoted(comes)),
    };
    format!("guarantee {} of {}: {promise}", quoted(name), quoted(&guarantee.machine))
}

/// Takes a line of the vocabulary in. None if it is not understood, otherwise whether it is new.
pub(super) fn take(line: &mut Line, keyword: &str, public: &mut Public) -> Option<bool> {
    match keyword {
        "status" => {
            let name = line.name()?;
            Some(public.statuses.insert(name, named(line)?).is_none())
        }
        "reason" => {
            let name = line.name()?;
            Some(public.reasons.insert(name, named(line)?).is_none())
        }
        "command" => {
            let name = line.name()?;
            Some(public.commands.insert(name, named(line)?).is_none())
        }
        "setting" => Some(public.settings.insert(line.name()?)),
        "term" => {
            let term = match line.bare()?.as_str() {
                "event" => Term::Event,
                "member" => Term::Member,
                "reason" => Term::Reason,
                "query" => Term::Query,
                "capability" => Term::Capability,
                "argument" => Term::Argument(line.name()?),
                "setting" => Term::Setting(line.name()?),
                "subject" => {
                    let name = line.name()?;
                    return Some(public.terms.insert(Term::Subject(name.clone()), name).is_none());
                }
                _ => return None,
            };
            Some(public.terms.insert(term, line.name()?).is_none())
        }
        "handled" => {
            let command = line.name()?;
            line.keyword("in")?;
            let status = line.name()?;
            line.keyword("of")?;
            Some(public.handled.insert(Handled { machine: line.name()?, command, status }))
        }
        "deprecated-for" => {
            let releases = line.name()?.parse().ok()?;
            Some(std::mem::replace(&mut public.deprecated_for, releases) == 0)
        }
        "observer" => {
            let name = line.name()?;
            Some(public.observers.insert(name, observer(line)?).is_none())
        }
        "reserved" => {
            let was = match line.bare()?.as_str() {
                "status" => Was::Status,
                "reason" => Was::Reason,
                "command" => Was::Command,
                "capability" => Was::Capability,
                _ => return None,
            };
            let name = line.name()?;
            line.keyword("removed")?;
            Some(public.reserved.insert((was, name), line.name()?).is_none())
        }
        "guarantee" => {
            let name = line.name()?;
            Some(public.guarantees.insert(name, guarantee(line)?).is_none())
        }
        _ => None,
    }
}

fn named(line: &mut Line) -> Option<PublicName> {
    let mut name = PublicName::default();
    while let Some(word) = line.bare() {
        let said = match word.as_str() {
            "since" => &mut name.since,
            "deprecated" => &mut name.deprecated,
            "renamed-from" => &mut name.renamed_from,
            _ => return None,
        };
        *said = Some(line.name()?);
    }
    Some(name)
}

fn observer(line: &mut Line) -> Option<PublicObserver> {
    let channel = match line.bare()?.as_str() {
        "events" => Channel::Events,
        "poll" => Channel::Poll,
        _ => return None,
    };
    line.keyword("unknown")?;
    let unknown = match line.bare()?.as_str() {
        "skip" => Unknown::Skip,
        "fail" => Unknown::Fail,
        _ => return None,
    };
    line.keyword("repeat")?;
    let repeat = match line.bare()?.as_str() {
        "see" => Repeat::See,
        "skip" => Repeat::Skip,
        _ => return None,
    };
    Some(PublicObserver { channel, unknown, repeat, gate: line.keyword("gate").is_some() })
}

fn guarantee(line: &mut Line) -> Option<PublicGuarantee> {
    line.keyword("of")?;
    let machine = line.name()?;
    line.sign(':')?;
    if line.peek() != Some(&Token::Bare("after".to_owned())) {
        let before = line.name()?;
        line.keyword("not")?;
        line.keyword("unless")?;
        return Some(PublicGuarantee { machine, promise: Promise::Before { before, comes: line.name()? } });
    }
    line.keyword("after")?;
    let after = match line.bare()?.as_str() {
        "command" => Anchor::Command(line.name()?),
        "status" => Anchor::Status(line.name()?),
        _ => return None,
    };
    line.keyword("ends")?;
    let mut ends: Vec<String> = std::iter::from_fn(|| line.name()).collect();
    ends.sort_unstable();
    ends.dedup();
    Some(PublicGuarantee { machine, promise: Promise::Ends { after, ends } })
}
