//! The ends of messages: each machine sends what goes from it, and receives what goes to it.

use std::collections::BTreeMap;

use crate::declare::{MessageDecl, TableDecl};
use crate::finding::{Finding, Findings};
use crate::rule::names::WRONG_ROLE;
use crate::span::Span;
use crate::syntax::Text;

/// An end of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Sender,
    Receiver,
}

impl End {
    fn verb(self) -> &'static str {
        match self {
            End::Sender => "sent",
            End::Receiver => "received",
        }
    }

    fn label(self) -> &'static str {
        match self {
            End::Sender => "cannot be sent from here",
            End::Receiver => "does not arrive here",
        }
    }
}

/// A place where a machine is the end of a message.
#[derive(Clone, Copy)]
struct Use<'t> {
    machine: &'t str,
    end: End,
    span: Span,
}

/// By message, the places where a machine is an end of it.
#[derive(Default)]
pub(super) struct Uses<'t>(BTreeMap<usize, Vec<Use<'t>>>);

impl<'t> Uses<'t> {
    /// Notes that a machine is the end of a message.
    pub(super) fn add(&mut self, message: usize, machine: &'t str, end: End, span: Span) {
        self.0.entry(message).or_default().push(Use { machine, end, span });
    }

    /// Says which messages are sent or received by another machine than the declared one: one finding for each message.
    pub(super) fn judge(&self, table: &TableDecl, out: &mut Findings) {
        let messages = table.messages.as_ref().map_or(&[][..], |messages| &messages.entries);
        let is_machine = |name: &Text| {
            let mut machines = table.machines.iter().flat_map(|machines| &machines.entries);
            machines.any(|machine| machine.name.text == name.text)
        };
        for (index, uses) in &self.0 {
            let Some(message) = messages.get(*index) else { continue };
            let Some((from, to)) = message.value.as_ref().and_then(ends) else { continue };
            // An end that is wrong itself is reported where it is declared.
            if from.text == to.text || !is_machine(from) || !is_machine(to) {
                continue;
            }
            let declared = |end: End| if end == End::Sender { from } else { to };
            let wrong: Vec<Use<'_>> =
                uses.iter().filter(|place| declared(place.end).text != place.machine).copied().collect();
            let is_turned = |place: &Use<'_>| place.machine == from.text || place.machine == to.text;
            let both = [End::Sender, End::Receiver].iter().all(|end| wrong.iter().any(|place| place.end == *end));
            match wrong.split_first() {
                None => {}
                Some((first, others)) if both && wrong.len() == uses.len() && wrong.iter().all(is_turned) => {
                    turned(&message.name.text, (from, to), (first, others), out);
                }
                Some((first, others)) => {
                    let declared = declared(first.end);
                    let (verb, name) = (first.end.verb(), &message.name.text);
                    let message =
                        format!("message `{name}` is {verb} by `{}`, not by `{}`", declared.text, first.machine);
                    let finding = Finding::error(WRONG_ROLE.code, first.span, message, first.end.label());
                    let finding = finding.with_place(declared.span, "as is said here");
                    out.push(others.iter().fold(finding, |it, place| it.with_place(place.span, place.end.label())));
                }
            }
        }
    }
}

/// Says that all machines take a message for one of the other direction.
fn turned(name: &str, (from, to): (&Text, &Text), (first, others): (&Use<'_>, &[Use<'_>]), out: &mut Findings) {
    let (sender, receiver) = (&to.text, &from.text);
    let message =
        format!("message `{name}` is declared the wrong way round: `{sender}` sends it, and `{receiver}` receives it");
    let finding = Finding::error(WRONG_ROLE.code, from.span, message, "exchanged with `to`");
    let shown = |place: &Use<'_>| (place.span, format!("{} here", place.end.verb()));
    let places = std::iter::once(first).chain(others).map(shown);
    let finding = places.fold(finding, |finding, (span, text)| finding.with_place(span, text));
    out.push(finding.with_help(format!("write `from: {sender}, to: {receiver}`")));
}

fn ends(decl: &MessageDecl) -> Option<(&Text, &Text)> {
    Some((&decl.from.as_ref()?.0, &decl.to.as_ref()?.0))
}

/// Says which messages go from a machine to itself.
pub(super) fn to_itself(table: &TableDecl, out: &mut Findings) {
    let messages = table.messages.iter().flat_map(|messages| &messages.entries);
    let ends = messages.filter_map(|message| {
        let (from, to) = ends(message.value.as_ref()?)?;
        Some((&message.name, from, to))
    });
    let turned: Vec<(&Text, &Text)> =
        ends.filter(|(_, from, to)| from.text == to.text).map(|(name, _, to)| (name, to)).collect();
    let Some(((name, first), others)) = turned.split_first() else { return };
    let message = match others.len() {
        0 => format!("message `{}` goes from `{}` to itself", name.text, first.text),
        many => format!("message `{}` and {many} more go from a machine to itself", name.text),
    };
    let finding = Finding::error(WRONG_ROLE.code, first.span, message, "expected the other machine");
    let finding = others.iter().fold(finding, |finding, (_, to)| finding.with_place(to.span, "nor this"));
    let help =
        "name the other machine; what comes from outside the table is no message, but an event with `outside: true`";
    out.push(finding.with_help(help));
}
