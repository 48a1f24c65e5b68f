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
        status that a command expects. Or the member with the reason, or such an argument, is gone. What the old side \
        does not say is not compared.",
    why: "a client looks for the old name, or writes it, and finds nothing or is refused",
    keep_compatible: "keep the name",
    accept: "when no client was ever told of the old name",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let terms = sides.old.terms.iter().filter(|(term, _)| !matches!(term, Term::Setting(_)));
    let changed = terms.filter_map(|(term, before)| match sides.new.terms.get(term) {
        Some(now) if now != before => {
            Some(Listed::new(before.as_str(), format!("{} is now called `{now}`", named(term, before))))
        }
        Some(_) => None,
        None => {
            is_missed(sides, term).then(|| Listed::new(before.as_str(), format!("{} is gone", named(term, before))))
        }
    });
    changed.collect()
}

/// Whether clients miss it where the new side does not say it. The other names have one that is meant then.
fn is_missed(sides: &Sides<'_>, term: &Term) -> bool {
    match term {
        Term::Reason => true,
        // If the command is gone, `command-removed` says so.
        Term::Argument(command) => sides.new.commands.contains_key(command),
        Term::Event | Term::Member | Term::Query | Term::Capability | Term::Setting(_) => false,
    }
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
    }
}
