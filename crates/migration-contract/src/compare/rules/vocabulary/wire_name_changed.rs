//! `wire-name-changed`: what clients write or read has another name.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::Term;

pub(in super::super) const RULE: Rule = Rule {
    id: "wire-name-changed",
    title: "what clients write or read has another name",
    levels: Levels::all(Level::Break),
    definition: "One of these names is another: the event that carries the status, the members with the status and the \
        reason, the command that asks for the status, the capability that switches the event on, the argument with the \
        status that a command expects. Or the member with the reason, the capability, such an argument, or a name by \
        which clients tell machines apart is gone. Or the event, which was always sent, needs a capability now, which \
        only clients that are sent events see. What a table leaves out means what `qmp:` documents. An older lock does \
        not say what the table left out: a release is then judged by the table that is kept with it, and where none is \
        kept, what the old side does not say is not compared.",
    why: "a client looks for the old name, or writes it, and finds nothing or is refused",
    keep_compatible: "keep the name",
    accept: "when no client was ever told of the old name",
    run: Run::Lists(list),
};

/// Whom it concerns how the event is sent.
const TO_EVENTS: Levels = Levels {
    strict_events: Some(Level::Break),
    events: Some(Level::Break),
    level_events: Some(Level::Break),
    strict_poll: None,
    poll: None,
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let terms = sides.old.terms.iter().filter(|(term, _)| !matches!(term, Term::Setting(_)));
    let changed = terms.filter_map(|(term, before)| match sides.new.terms.get(term) {
        Some(now) if now != before => {
            let message = format!("{} is now called `{now}`", named(term, before));
            Some(Listed::new(format!("{} {before} -> {now}", kind(term)), message))
        }
        Some(_) => None,
        None => is_missed(sides, term)
            .then(|| Listed::new(format!("{} {before}", kind(term)), format!("{} is gone", named(term, before)))),
    });
    changed.chain(switched(sides)).collect()
}

/// The event that was always sent, and is not any more.
fn switched(sides: &Sides<'_>) -> Option<Listed> {
    let now = sides.new.terms.get(&Term::Capability)?;
    let event = sides.old.terms.get(&Term::Event)?;
    if sides.old.terms.contains_key(&Term::Capability) {
        return None;
    }
    let message = format!("the event `{event}` was always sent; now it is only with the capability `{now}`");
    Some(Listed { levels: Some(TO_EVENTS), ..Listed::new(format!("capability -> {now}"), message) })
}

/// Whether clients miss it where the new side does not say it. The other names are always said, but by older locks.
fn is_missed(sides: &Sides<'_>, term: &Term) -> bool {
    match term {
        Term::Reason => true,
        Term::Capability | Term::Subject(_) => sides.new.terms.contains_key(&Term::Event),
        // If the command is gone, `command-removed` says so.
        Term::Argument(command) => sides.new.commands.contains_key(command),
        Term::Event | Term::Member | Term::Query | Term::Setting(_) => false,
    }
}

/// What it is, for the key of the finding.
fn kind(term: &Term) -> String {
    let word = match term {
        Term::Event => "event",
        Term::Member => "member",
        Term::Reason => "reason",
        Term::Query => "query",
        Term::Capability => "capability",
        Term::Argument(command) => return format!("argument of {command}"),
        Term::Setting(_) => "setting",
        Term::Subject(_) => "subject",
    };
    word.to_owned()
}

fn named(term: &Term, name: &str) -> String {
    match term {
        Term::Event => format!("the event `{name}` that carries the status"),
        Term::Member => format!("the member `{name}` that holds the status"),
        Term::Reason => format!("the member `{name}` that holds the reason"),
        Term::Query => format!("the command `{name}` that asks for the status"),
        Term::Capability => format!("the capability `{name}` that switches the event on"),
        Term::Argument(command) => format!("the argument `{name}` of `{command}`"),
        Term::Setting(setting) => format!("the setting `{setting}`"),
        Term::Subject(_) => format!("the name `{name}` that tells machines apart"),
    }
}
