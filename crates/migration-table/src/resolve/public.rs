//! What is promised to clients: does each promise say one thing, and is every name in it one?
//!
//! Names are looked up here without being used: a promise about a status does not show it.

use std::collections::BTreeSet;

use super::scope::{self, Scope, Space};
use crate::declare::{Declared, GuaranteeDecl, Name, Names, ObserverDecl, TableDecl, TriggerDecl};
use crate::finding::{Finding, Findings};
use crate::model::Channel;
use crate::nearest::nearest;
use crate::rule::names::{UNDECLARED, WRONG_ROLE};
use crate::rule::shape::{POINTLESS_KEY, PROMISE_FORM};
use crate::span::Span;
use crate::syntax::Text;

/// Judges what the table promises.
pub(super) fn judge<'t>(table: &'t TableDecl, scope: &mut Scope<'t>, out: &mut Findings) {
    let mut judge = Judge { table, commands: commands(table), scope, out };
    judge.deprecations();
    for observer in table.observers.iter().flat_map(|observers| &observers.entries) {
        if let Some(decl) = &observer.value {
            judge.observer(decl);
        }
    }
    for guarantee in table.guarantees.iter().flat_map(|guarantees| &guarantees.entries) {
        if let Some(decl) = &guarantee.value {
            judge.guarantee(&guarantee.name, decl);
        }
    }
}

/// All commands; none if one of them could not be read, so that nothing can be said about a name that may be it.
fn commands(table: &TableDecl) -> Option<BTreeSet<&str>> {
    let triggers = table.triggers.as_ref().filter(|triggers| triggers.readable)?;
    triggers.entries.iter().map(command).collect()
}

fn command(trigger: &Declared<TriggerDecl>) -> Option<&str> {
    Some(trigger.value.as_ref()?.command.as_ref()?.text.as_str())
}

struct Judge<'t, 'j> {
    table: &'t TableDecl,
    commands: Option<BTreeSet<&'t str>>,
    scope: &'j mut Scope<'t>,
    out: &'j mut Findings,
}

impl Judge<'_, '_> {
    fn deprecations(&mut self) {
        for status in self.table.statuses.iter().flat_map(|statuses| &statuses.entries) {
            let deprecated = status.value.as_ref().and_then(|decl| decl.deprecated.as_ref());
            if let Some(instead) = deprecated.and_then(|deprecated| deprecated.r#use.as_ref()) {
                self.status(instead, "deprecated status gives way to");
            }
        }
        for reason in self.table.reasons.iter().flat_map(|reasons| &reasons.entries) {
            let deprecated = reason.value.as_ref().and_then(|decl| decl.deprecated.as_ref());
            if let Some(instead) = deprecated.and_then(|deprecated| deprecated.r#use.as_ref()) {
                self.scope.look(&scope::REASON, &instead.0, "deprecated reason gives way to");
            }
        }
        for trigger in self.table.triggers.iter().flat_map(|triggers| &triggers.entries) {
            let deprecated = trigger.value.as_ref().and_then(|decl| decl.deprecated.as_ref());
            if let Some(instead) = deprecated.and_then(|deprecated| deprecated.r#use.as_ref()) {
                self.command(&instead.0, "deprecated command gives way to");
            }
        }
    }

    fn observer(&mut self, decl: &ObserverDecl) {
        if let (Some(channel), Some(repeat)) = (decl.channel, decl.repeat)
            && channel.value == Channel::Poll
        {
            let message = "an observer that polls is said to `see` or to `skip` repeats";
            let finding = Finding::error(POINTLESS_KEY.code, repeat.span, message, "asking twice shows the same twice");
            self.out.push(finding.with_help("leave `repeat` out, or write `channel: events`"));
        }
    }

    fn guarantee(&mut self, name: &Text, decl: &GuaranteeDecl) {
        // A key whose value cannot be read is reported already, and looks as if it were not there.
        let place = decl.span.start..decl.span.end;
        if !self.out.iter().any(|finding| place.contains(&finding.span.start)) {
            self.form(name, decl);
        }
        if let Some(machine) = &decl.machine {
            self.scope.look(&scope::MACHINE, &machine.0, "guarantee is about");
        }
        if let Some(after) = &decl.after {
            self.anchor(&after.0);
        }
        for status in decl.ends.iter().flat_map(|ends| &ends.names) {
            self.status(status, "guarantee ends with");
        }
        if let Some(before) = &decl.before {
            self.status(before, "guarantee is about what comes before");
        }
        if let Some(comes) = &decl.comes {
            self.status(comes, "guarantee says that there comes");
        }
    }

    /// Says so when the keys of a guarantee do not make one promise.
    fn form(&mut self, guarantee: &Text, decl: &GuaranteeDecl) {
        let end = |name: &Option<Name>| name.as_ref().map(|name| name.0.span);
        let ends = decl.ends.as_ref().map(|ends: &Names| ends.span);
        let (after, before, comes) = (end(&decl.after), end(&decl.before), end(&decl.comes));
        let name = &guarantee.text;
        let (span, message, label) = match (after, ends, before, comes) {
            (Some(_), Some(span), None, None) => {
                if decl.ends.as_ref().is_some_and(|ends| !ends.names.is_empty()) {
                    return;
                }
                (span, format!("guarantee `{name}` ends in no status"), "nothing is listed")
            }
            (None, None, Some(_), Some(span)) => {
                let same = |before: &Name, comes: &Name| before.0.text == comes.0.text;
                if !decl.before.as_ref().zip(decl.comes.as_ref()).is_some_and(|(before, comes)| same(before, comes)) {
                    return;
                }
                (span, format!("guarantee `{name}` lets a status come before itself"), "the same status")
            }
            (None, None, None, None) => (guarantee.span, format!("guarantee `{name}` promises nothing"), "no promise"),
            (after, ends, before, comes) => {
                let one = after.is_some() != ends.is_some() || before.is_some() != comes.is_some();
                let label = if one { "half a promise" } else { "two promises" };
                let places: [Option<Span>; 4] = [after, ends, before, comes];
                let last = places.into_iter().flatten().max().unwrap_or(guarantee.span);
                (last, format!("guarantee `{name}` does not make one promise"), label)
            }
        };
        let finding = Finding::error(PROMISE_FORM.code, span, message, label);
        self.out.push(finding.with_help("give it `after` and `ends`, or `before` and `comes`"));
    }

    fn anchor(&mut self, name: &Text) {
        let text = name.text.as_str();
        let is_status = self.scope.index(Space::Statuses, text).is_some();
        let Some(commands) = self.commands.as_ref().filter(|_| self.scope.is_readable(Space::Statuses)) else { return };
        if is_status && commands.contains(text) {
            let message = format!("`{text}` is both a command and a status");
            self.out.push(Finding::error(WRONG_ROLE.code, name.span, message, "after which of the two?"));
        } else if !is_status && !commands.contains(text) {
            if let Some(finding) = self.state(name, "guarantee begins after", "a command or a status") {
                return self.out.push(finding);
            }
            let statuses = self.table.statuses.iter().flat_map(|statuses| &statuses.entries);
            let statuses = statuses.map(|status| status.name.text.as_str());
            let meant = self.command_of(text).or_else(|| nearest(text, commands.iter().copied().chain(statuses)));
            let listed = "no `command:` of `triggers`, and not listed under `statuses`";
            let finding = undeclared(name, "guarantee begins after", "command or status", listed, meant);
            self.out.push(finding);
        }
    }

    fn command(&mut self, name: &Text, place: &str) {
        if let Some(commands) = self.commands.as_ref().filter(|commands| !commands.contains(name.text.as_str())) {
            let meant = self.command_of(&name.text).or_else(|| nearest(&name.text, commands.iter().copied()));
            let finding = undeclared(name, place, "command", "no `command:` of `triggers`", meant);
            self.out.push(finding);
        }
    }

    /// The command of the trigger of that name: rows name triggers, clients name commands.
    fn command_of(&self, trigger: &str) -> Option<&str> {
        let mut triggers = self.table.triggers.iter().flat_map(|triggers| &triggers.entries);
        command(triggers.find(|declared| declared.name.text == trigger)?)
    }

    fn status(&mut self, name: &Name, place: &str) {
        let is_known = self.scope.index(Space::Statuses, &name.0.text).is_some();
        let state = if is_known { None } else { self.state(&name.0, place, "a status") };
        match state.filter(|_| self.scope.is_readable(Space::Statuses)) {
            Some(finding) => self.out.push(finding),
            None => {
                self.scope.look(&scope::STATUS, &name.0, place);
            }
        }
    }

    /// The finding that a state is named where clients are promised something: they are shown its status.
    fn state(&self, name: &Text, place: &str, wanted: &str) -> Option<Finding> {
        let machines = self.table.machines.iter().flat_map(|machines| &machines.entries);
        let states = machines.filter_map(|machine| machine.value.as_ref()?.states.as_ref());
        let state = states.flat_map(|states| &states.entries).find(|state| state.name.text == name.text)?;
        let shown = &state.value.as_ref()?.shows.as_ref()?.0.text;
        // A status that is not declared is missed in all its places at once.
        self.scope.index(Space::Statuses, shown)?;
        let message = format!("{place} `{}`, which is a state", name.text);
        let finding = Finding::error(WRONG_ROLE.code, name.span, message, format!("expected {wanted}"));
        Some(finding.with_help(format!("did you mean `{shown}`, which it shows?")))
    }
}

fn undeclared(name: &Text, place: &str, noun: &str, listed: &str, meant: Option<&str>) -> Finding {
    let message = format!("{place} undeclared {noun} `{}`", name.text);
    let finding = Finding::error(UNDECLARED.code, name.span, message, listed);
    match meant {
        Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
        None => finding,
    }
}
