//! Everything about what clients are promised: an observer, a guarantee, a reserved name; and what is promised about a
//! status or a command.

use migration_table::model::{Anchor, Channel, Deprecation, Guarantee, Observer, Promise, Repeat, Table, Unknown, Was};

use super::super::page::{Page, Part};
use super::heading::heading;

/// Adds the observer, the guarantee and the reserved name that are called so.
pub(super) fn describe(table: &Table, file: &str, name: &str, page: &mut Page) {
    if let Some(observer) = table.observers.iter().find(|observer| observer.name == name) {
        page.heading(heading("observer", name, file, observer.span.line));
        page.parts.push(Part::Fields(of_observer(observer)));
    }
    if let Some(guarantee) = table.guarantees.iter().find(|guarantee| guarantee.name == name) {
        page.heading(heading("guarantee", name, file, guarantee.span.line));
        let promise = format!("{}: {}", guarantee.machine, in_words(guarantee));
        page.parts.push(Part::Fields(vec![field("doc", &guarantee.doc), field("promise", &promise)]));
    }
    if let Some(reserved) = table.reserved.iter().find(|reserved| reserved.name == name) {
        page.heading(heading("reserved name", name, file, reserved.span.line));
        let was = match reserved.was {
            Was::Status => "a status",
            Was::Reason => "a reason",
            Was::Command => "a command",
            Was::Capability => "a capability",
        };
        let fields = vec![field("doc", &reserved.doc), field("was", was), field("removed", &reserved.removed)];
        page.parts.push(Part::Fields(fields));
    }
}

/// Adds what a public name says of its life: that it is deprecated, and what it was called before.
pub(in crate::glance) fn life(
    deprecated: Option<&Deprecation>,
    renamed_from: Option<&String>,
    add: &mut impl FnMut(&str, String),
) {
    if let Some(deprecated) = deprecated {
        let instead = deprecated.instead.as_ref().map_or_else(String::new, |name| format!("; use {name}"));
        add("deprecated", format!("since {}{instead}", deprecated.since));
    }
    if let Some(former) = renamed_from {
        add("renamed", format!("from {former}"));
    }
}

/// Adds the guarantees that name the status, or the command if it is one.
pub(super) fn about(table: &Table, is_it: impl Fn(&Anchor) -> bool, page: &mut Page) {
    let status = |name: &String| is_it(&Anchor::Status(name.clone()));
    let names = |guarantee: &&Guarantee| match &guarantee.promise {
        Promise::Ends { after, ends } => is_it(after) || ends.iter().any(status),
        Promise::Before { before, comes } => status(before) || status(comes),
    };
    let promised: Vec<(String, String)> = table
        .guarantees
        .iter()
        .filter(names)
        .map(|guarantee| (guarantee.name.clone(), format!("{}: {}", guarantee.machine, in_words(guarantee))))
        .collect();
    if !promised.is_empty() {
        page.paragraph("guarantees:");
        page.parts.push(Part::Fields(promised));
    }
}

fn of_observer(observer: &Observer) -> Vec<(String, String)> {
    let learns = match observer.channel {
        Channel::Events => "is sent every change",
        Channel::Poll => "asks now and then",
    };
    let unknown = match observer.unknown {
        Unknown::Skip => "skips it",
        Unknown::Fail => "fails",
    };
    let mut fields = vec![field("doc", &observer.doc), field("channel", learns), field("unknown status", unknown)];
    match (observer.channel, observer.repeat) {
        (Channel::Events, Repeat::See) => fields.push(field("repeated status", "sees it again")),
        (Channel::Events, Repeat::Skip) => fields.push(field("repeated status", "skips it")),
        (Channel::Poll, Repeat::See | Repeat::Skip) => {}
    }
    let gate = if observer.gate { "what breaks it fails the check" } else { "what breaks it is told" };
    fields.push(field("gate", gate));
    fields
}

/// The promise as a phrase.
fn in_words(guarantee: &Guarantee) -> String {
    match &guarantee.promise {
        Promise::Ends { after, ends } => {
            let after = match after {
                Anchor::Command(name) => format!("an accepted {name}"),
                Anchor::Status(name) => name.clone(),
            };
            format!("after {after} it ends with {}", ends.join(" or "))
        }
        Promise::Before { before, comes } => format!("before {before} comes {comes}"),
    }
}

fn field(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}
