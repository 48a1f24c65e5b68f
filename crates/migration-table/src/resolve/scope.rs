//! What names there are, and what is said about a name that is not among them.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;

pub(super) use super::space::{
    EVENT, FACT, GUARD, MACHINE, MESSAGE, REASON, RESOURCE, STATE, STATES, STATUS, Space, TRIGGER, Wanted,
};
use super::{groups, negated, spelling};
use crate::declare::{Declared, MachineDecl, Named, TableDecl};
use crate::finding::{Edit, Finding, Findings, Offer, Part};
use crate::model::Kind;
use crate::nearest::nearest;
use crate::rule::names::{UNDECLARED, WRONG_ROLE};
use crate::span::Span;
use crate::syntax::{Text, written};

/// A name that is used and not declared: what is to be said about the place where it is used, and about the others.
struct Missing {
    /// The lists in which it could be declared.
    spaces: &'static [Space],
    finding: Finding,
    others: Vec<Span>,
    /// The declared name that is nearest, and where it is declared.
    meant: Option<(Space, usize, String)>,
}

/// Most places besides the first that are shown of a name that is not declared.
const SHOWN_MAX: usize = 12;

/// All names that can be used in some place, and those that were.
pub(super) struct Scope<'t> {
    spaces: BTreeMap<Space, BTreeMap<&'t str, usize>>,
    /// The states of all machines, each with a machine that has it.
    states: BTreeMap<&'t str, &'t str>,
    /// The triggers by their commands.
    commands: BTreeMap<&'t str, &'t str>,
    /// The statuses and reasons by their names on the wire, where the table has others.
    wires: BTreeMap<(Space, &'t str), &'t str>,
    /// Names that do not have the form of one, which is reported where they are declared, by what they become in Rust.
    malformed: BTreeMap<(Space, String), usize>,
    /// Lists that could not be read, so that nothing can be said about a name that may be in them.
    unreadable: BTreeSet<Space>,
    /// Lists that are not there at all; for groups by machine.
    absent: BTreeSet<(Space, usize)>,
    used: BTreeSet<(Space, usize)>,
    /// By what is wanted, by machine for what a machine declares, and by name.
    missing: BTreeMap<(Space, usize, String), Missing>,
    /// How many machines were entered.
    machines: usize,
    /// For how many more names the nearest declared one is looked for.
    suggestions_left: usize,
}

/// For how many names of a table that are not declared the nearest one is looked for: more than are printed.
const SUGGESTIONS_MAX: usize = 200;

impl<'t> Scope<'t> {
    /// The names that all machines share.
    pub(super) fn of_table(table: &'t TableDecl) -> Self {
        let mut scope = Scope {
            spaces: BTreeMap::new(),
            states: states_of(table),
            commands: commands_of(table),
            wires: wires_of(table),
            malformed: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            absent: BTreeSet::new(),
            used: BTreeSet::new(),
            missing: BTreeMap::new(),
            machines: 0,
            suggestions_left: SUGGESTIONS_MAX,
        };
        scope.add(Space::Statuses, table.statuses.as_ref(), true);
        scope.add(Space::Reasons, table.reasons.as_ref(), false);
        scope.add(Space::Triggers, table.triggers.as_ref(), true);
        scope.add(Space::Events, table.events.as_ref(), true);
        scope.add(Space::Guards, table.guards.as_ref(), false);
        scope.add(Space::Messages, table.messages.as_ref(), false);
        scope.add(Space::Resources, table.resources.as_ref(), false);
        scope.add(Space::Machines, table.machines.as_ref(), true);
        scope
    }

    /// Takes the names of a machine in, in the place of those of another one.
    pub(super) fn enter(&mut self, machine: &'t MachineDecl) {
        self.settle(|family| family == Space::States);
        self.used.retain(|(space, _)| !matches!(space, Space::States | Space::Groups));
        self.machines += 1;
        self.unreadable.remove(&Space::States);
        self.unreadable.remove(&Space::Groups);
        self.malformed.retain(|(space, _), _| !matches!(space, Space::States | Space::Groups));
        self.add(Space::States, machine.states.as_ref(), true);
        self.add(Space::Groups, machine.groups.as_ref(), false);
    }

    fn add<T>(&mut self, space: Space, named: Option<&'t Named<T>>, required: bool) {
        if named.map_or(required, |named| !named.readable) {
            self.unreadable.insert(space);
        }
        if named.is_none() && !required {
            self.absent.insert((space, if space == Space::Groups { self.machines } else { 0 }));
        }
        let entries = named.map_or(&[][..], |named| &named.entries);
        let name = |(index, declared): (usize, &'t Declared<T>)| (declared.name.text.as_str(), index);
        self.spaces.insert(space, entries.iter().enumerate().map(name).collect());
        let names = entries.iter().map(|declared| declared.name.text.as_str()).enumerate();
        let malformed = names.filter(|(_, name)| !spelling::is_name(name, space.joints()));
        self.malformed.extend(malformed.map(|(index, name)| ((space, name.to_upper_camel_case()), index)));
    }

    /// Where the name is declared, if it is declared there at all.
    pub(super) fn index(&self, space: Space, name: &str) -> Option<usize> {
        self.spaces.get(&space)?.get(name).copied()
    }

    /// Whether a name, of whatever form, is declared as what is wanted. That uses it.
    pub(super) fn is_declared(&mut self, wanted: &Wanted, name: &str) -> bool {
        let found = wanted.spaces.iter().find_map(|space| Some((*space, self.index(*space, name)?)));
        self.used.extend(found);
        found.is_some()
    }

    /// The trigger that a command raises.
    pub(super) fn trigger_of(&self, command: &str) -> Option<&'t str> {
        self.commands.get(command).copied()
    }

    /// Whether all names of the list are known.
    pub(super) fn is_readable(&self, space: Space) -> bool {
        !self.unreadable.contains(&space)
    }

    /// Whether the declaration was looked up.
    pub(super) fn is_used(&self, space: Space, index: usize) -> bool {
        self.used.contains(&(space, index))
    }

    /// Looks a name up, which uses it; notes if it is not declared as what is wanted, for [`Scope::report`]. `place` begins
    /// the message: "transition goes to".
    pub(super) fn find(&mut self, wanted: &Wanted, name: &Text, place: &str) -> Option<(Space, usize)> {
        let found = self.look(wanted, name, place)?;
        self.used.insert(found);
        Some(found)
    }

    /// As [`Scope::find`], where the name is only spoken of.
    pub(super) fn look(&mut self, wanted: &Wanted, name: &Text, place: &str) -> Option<(Space, usize)> {
        let text = name.text.as_str();
        let found = wanted.spaces.iter().find_map(|space| Some((*space, self.index(*space, text)?)));
        // One that is declared in other letters, which do not make a name, is to be written so there.
        let found = found.or_else(|| wanted.spaces.iter().find_map(|space| self.in_other_letters(*space, text)));
        if found.is_some() {
            return found;
        }
        if wanted.spaces.iter().any(|space| self.unreadable.contains(space)) {
            return None;
        }
        let key = (wanted.family(), if wanted.is_of_machine() { self.machines } else { 0 }, text.to_owned());
        if let Some(missing) = self.missing.get_mut(&key) {
            missing.others.push(name.span);
            return None;
        }
        let elsewhere = self.spaces.iter().find(|(_, names)| names.contains_key(text)).map(|(space, _)| space.noun());
        let kind = Kind::ALL.iter().find(|kind| kind.name() == text).map(|_| "a kind");
        let finding = match elsewhere.or(kind) {
            Some(other) => {
                let message = format!("{place} `{text}`, which is {other}");
                Finding::error(
                    WRONG_ROLE.code,
                    name.span,
                    message,
                    format!("expected {} {}", article(wanted.noun), wanted.noun),
                )
            }
            None => {
                let message = format!("{place} undeclared {} `{text}`", wanted.noun);
                let other = self.states.get(text).filter(|_| wanted.is_of_machine());
                let listed = other.map(|machine| format!("a state of machine `{machine}`"));
                Finding::error(UNDECLARED.code, name.span, message, listed.unwrap_or_else(|| wanted.listed.to_owned()))
            }
        };
        let is_wildcard = wanted.spaces.contains(&Space::Groups) && negated::WILDCARDS.contains(&text);
        let negated = negated::offers(text, place, name.span);
        let of_wire = wanted.spaces.iter().find_map(|space| self.wires.get(&(*space, text)).copied());
        let without_comma = self.without_comma(wanted, text);
        let of_command = self.commands.get(text).filter(|_| wanted.spaces.contains(&Space::Triggers)).copied();
        let meant = match (of_wire, &without_comma) {
            (None, None) => of_command.or_else(|| self.nearest(wanted, text)).map(str::to_owned),
            (Some(_), _) | (_, Some(_)) => None,
        };
        // What another machine has under this name was not meant to be one of here.
        let is_elsewhere = wanted.is_of_machine() && self.states.contains_key(text);
        let help = match &meant {
            _ if !negated.is_empty() => negated.first().map(|offer| offer.help.clone()),
            _ if without_comma.is_some() => without_comma,
            _ if of_wire.is_some() => {
                of_wire.map(|name| format!("write `{}`: `{text}` is its name on the wire", written(name)))
            }
            Some(_) if is_elsewhere => None,
            _ if listed(text).is_some() => listed(text),
            _ if is_wildcard => Some("write `any` for every state; `except:` leaves some of them out".to_owned()),
            meant => meant.as_ref().map(|meant| format!("did you mean `{}`?{}", name.as_written(meant), foreign(text))),
        };
        let meant = meant.filter(|_| !is_wildcard && negated.is_empty());
        let meant = meant.and_then(|meant| {
            let mut declared = wanted.spaces.iter().filter_map(|space| Some((*space, self.index(*space, &meant)?)));
            declared.next().map(|(space, index)| (space, index, meant.clone()))
        });
        let offers = match &meant {
            // Of a state it can be tried.
            Some((_, _, meant)) if place == SHOWS => {
                let offer = |part: Part, help| Offer { changes: vec![vec![Edit { row: name.span, part }]], help };
                vec![
                    offer(Part::Shows(meant.clone()), help.clone().unwrap_or_default()),
                    offer(Part::Declares(text.to_owned()), declared_or(text, meant)),
                ]
            }
            _ => negated,
        };
        let (finding, others) = (Finding { help, offers, ..finding }, Vec::new());
        self.missing.insert(key, Missing { spaces: wanted.spaces, finding, others, meant });
        None
    }

    /// The declaration of a name under one that does not have the form of a name.
    fn in_other_letters(&self, space: Space, name: &str) -> Option<(Space, usize)> {
        if self.malformed.is_empty() || !spelling::is_name(name, space.joints()) {
            return None;
        }
        let index = self.malformed.get(&(space, name.to_upper_camel_case()))?;
        Some((space, *index))
    }

    /// What to write for several declared names that stand in one, for lack of a comma.
    fn without_comma(&self, wanted: &Wanted, text: &str) -> Option<String> {
        let names: Vec<&str> = text.split_whitespace().filter(|word| !["and", "or"].contains(word)).collect();
        let is_group = wanted.spaces.contains(&Space::Groups);
        let is_kind = |name: &str| is_group && Kind::ALL.iter().any(|kind| kind.name() == name);
        let is_known = |name: &&str| is_kind(name) || wanted.spaces.iter().any(|it| self.index(*it, name).is_some());
        (names.len() > 1 && names.iter().all(is_known))
            .then(|| format!("put a comma between the names, and all into brackets: `[{}]`", names.join(", ")))
    }

    /// Finds the slip in the declaration where a name is used in several places, and nothing names the nearest one that is
    /// declared. To be asked of names all of whose uses are known: those of the machine, or all.
    fn settle(&mut self, is_known: impl Fn(Space) -> bool) {
        for ((family, machine, name), missing) in &mut self.missing {
            let is_here = *family != Space::States || *machine == self.machines;
            let Some((space, index, meant)) = missing.meant.as_ref().filter(|_| is_here && is_known(*family)) else {
                continue;
            };
            // Statuses, reasons and states may have names of one another, and often have.
            let is_shared = matches!(family, Space::Statuses | Space::Reasons | Space::States);
            let is_known_elsewhere = is_shared && missing.finding.code == WRONG_ROLE.code;
            if missing.others.is_empty() && !is_known_elsewhere {
                continue;
            }
            // A slip is made once. A name that is written alike wherever it is used is one that is not declared.
            let can_be_declared = missing.finding.code == UNDECLARED.code || is_shared;
            if *family == Space::Statuses {
                missing.finding.offers.clear();
            }
            if !self.used.contains(&(*space, *index)) {
                let help =
                    format!("write `{}` for `{meant}` where that is declared, since nothing names it", written(name));
                missing.finding.help = Some(help);
            } else if can_be_declared {
                missing.finding.help = Some(declared_or(name, meant));
            }
        }
    }

    /// Reports the names that were looked up and not found: one finding for each name, with all its places.
    pub(super) fn report(&mut self, out: &mut Findings) {
        self.settle(|_| true);
        let mut missing = Vec::new();
        let mut of_absent: BTreeMap<(Space, usize), Vec<(String, Missing)>> = BTreeMap::new();
        for ((_, machine, name), of_name) in std::mem::take(&mut self.missing) {
            let lacking = of_name.spaces.iter().rev().map(|space| (*space, machine));
            let lacking = lacking.filter(|_| of_name.meant.is_none()).find(|list| self.absent.contains(list));
            match lacking {
                Some(list) => of_absent.entry(list).or_default().push((name, of_name)),
                None => missing.push(of_name),
            }
        }
        missing.extend(of_absent.into_iter().filter_map(|((list, _), names)| of_list(list, names)));
        let is_alone = self.spaces.get(&Space::Machines).is_none_or(|machines| machines.len() < 2);
        for Missing { spaces, finding, others, .. } in missing {
            let finding = match is_alone && spaces == [Space::Messages] {
                true => finding.with_help(UNSENDABLE),
                false => finding,
            };
            let shown = others.iter().take(SHOWN_MAX);
            let finding = shown.fold(finding, |finding, span| finding.with_place(*span, "and here"));
            out.push(match others.len().saturating_sub(SHOWN_MAX) {
                0 => finding,
                more => finding.with_note(format!("and in {more} more places")),
            });
        }
    }

    /// The declared name that a name is, or the one that is nearest to it.
    pub(super) fn known(&mut self, wanted: &Wanted, name: &str) -> Option<String> {
        let is_declared = wanted.spaces.iter().any(|space| self.index(*space, name).is_some());
        if is_declared { Some(name.to_owned()) } else { self.nearest(wanted, name).map(str::to_owned) }
    }

    fn nearest(&mut self, wanted: &Wanted, name: &str) -> Option<&str> {
        self.suggestions_left = self.suggestions_left.checked_sub(1)?;
        let names = wanted.spaces.iter().filter_map(|space| self.spaces.get(space));
        let names = names.flat_map(|names| names.keys().copied());
        let is_group = wanted.spaces.contains(&Space::Groups);
        let kinds = if is_group { &Kind::ALL[..] } else { &[] };
        let words = kinds.iter().map(|kind| kind.name()).chain(is_group.then_some(groups::ANY));
        nearest(name, names.chain(words))
    }
}

/// Returns what to write for several names that stand in one, for lack of brackets.
fn listed(text: &str) -> Option<String> {
    let between = [",", "->", "→"].into_iter().find(|between| text.contains(between))?;
    let names: Vec<&str> = text.split(between).map(str::trim).collect();
    Some(format!("put several names into brackets: `[{}]`", names.join(", ")))
}

/// The statuses and reasons that have another name on the wire, by that.
fn wires_of(table: &TableDecl) -> BTreeMap<(Space, &str), &str> {
    let statuses = table.statuses.iter().flat_map(|named| &named.entries);
    let statuses = statuses.filter_map(|it| Some((Space::Statuses, it.value.as_ref()?.wire.as_ref()?, &it.name)));
    let reasons = table.reasons.iter().flat_map(|named| &named.entries);
    let reasons = reasons.filter_map(|it| Some((Space::Reasons, it.value.as_ref()?.wire.as_ref()?, &it.name)));
    statuses.chain(reasons).map(|(space, wire, name)| ((space, wire.text.as_str()), name.text.as_str())).collect()
}

/// The triggers by their commands; the first of several.
fn commands_of(table: &TableDecl) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for trigger in table.triggers.iter().flat_map(|triggers| &triggers.entries) {
        if let Some(command) = trigger.value.as_ref().and_then(|decl| decl.command.as_ref()) {
            found.entry(command.text.as_str()).or_insert(trigger.name.text.as_str());
        }
    }
    found
}

/// The states of all machines, each with the first machine that has it.
fn states_of(table: &TableDecl) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for machine in table.machines.iter().flat_map(|machines| &machines.entries) {
        let states = machine.value.as_ref().and_then(|decl| decl.states.as_ref());
        for state in states.iter().flat_map(|states| &states.entries) {
            found.entry(state.name.text.as_str()).or_insert(machine.name.text.as_str());
        }
    }
    found
}

/// Names that could be declared in a list that is not there, as one that is missing: the list was lost, or its first line.
fn of_list(list: Space, mut names: Vec<(String, Missing)>) -> Option<Missing> {
    names.sort_by_key(|(_, missing)| missing.finding.span);
    let all: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
    let mut places = names.iter().flat_map(|(_, it)| std::iter::once(it.finding.span).chain(it.others.iter().copied()));
    let (first, mut others): (Span, Vec<Span>) = (places.next()?, places.collect());
    others.sort_unstable();
    let (last, all) = all.split_last()?;
    if all.is_empty() {
        return names.pop().map(|(_, missing)| missing);
    }
    let key = list.key();
    let message = format!("{} and {last} are used, but there is no `{key}:`", all.join(", "));
    let finding = Finding::error(UNDECLARED.code, first, message, format!("not listed under `{key}`"));
    let help = format!("list them under `{key}:`; if they are listed, write `{key}:` in a line before them");
    let are_sent = list == Space::Messages && names.iter().all(|(_, missing)| missing.spaces == [list]);
    let spaces: &[Space] = if are_sent { &[Space::Messages] } else { &[] };
    Some(Missing { spaces, finding: finding.with_help(help), others, meant: None })
}

/// What to do about a message in a table with one machine.
const UNSENDABLE: &str =
    "leave `sends:` out: a message goes from one machine of a table to another, and this one has one";

/// Where a state says what it shows.
pub(super) const SHOWS: &str = "state shows";

/// What to do about a name that may not be declared, or be written wrongly.
fn declared_or(name: &str, meant: &str) -> String {
    format!("declare `{name}`, or write `{}` in its place", written(meant))
}

/// The article of a noun.
fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// Names a character that looks like another, or like none: two names can look the same.
fn foreign(name: &str) -> String {
    let strange = name.chars().find(|c| !c.is_ascii());
    strange.map_or(String::new(), |c| format!(" The name here has the character U+{:04X}", u32::from(c)))
}
