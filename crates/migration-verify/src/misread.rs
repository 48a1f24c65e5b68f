//! Names and words of properties and of the operator that cannot be read, each at its place in the table.

mod instead;

use std::ops::Range;

use migration_table::model::{Machine, Property, Table};
use migration_table::{Code, Finding, Findings, Span, nearest};

use crate::composition::Composition;
use crate::formula::Scope;
use crate::names::{Invalid, states};
use crate::phrase::{Phrase, phrases};
use crate::system::System;

/// The rule that a name is not declared.
const UNDECLARED: Code = Code("T0201");
/// The rule that a name is declared as what is needed.
const WRONG_ROLE: Code = Code("T0209");
/// The rule that a promise has a form.
const FORM: Code = Code("T0118");

/// Adds a finding for every text of a property or of the operator that cannot be read.
pub fn misread(table: &Table, out: &mut Findings) {
    if table.properties.is_empty() && table.acts.is_empty() {
        return;
    }
    // The operator is left out: what is wrong with it is reported here.
    let system = System { acts: Vec::new(), ..System::of(table) };
    let Ok(composition) = Composition::new(table, &system) else { return };
    let scope = composition.scope();
    for act in &table.acts {
        of_phrase(Phrase::Formula(&act.when), act.span, "the operator's `when`", &scope, out);
    }
    table.properties.iter().for_each(|property| of_property(property, &scope, out));
}

fn of_property(property: &Property, scope: &Scope<'_, '_>, out: &mut Findings) {
    for (phrase, span) in phrases(&property.claim).into_iter().zip(&property.spans) {
        of_phrase(phrase, *span, &format!("property `{}`", property.name), scope, out);
    }
}

fn of_phrase(phrase: Phrase<'_>, span: Span, whose: &str, scope: &Scope<'_, '_>, out: &mut Findings) {
    if let Err(error) = phrase.read(scope) {
        out.push(Misread { table: scope.table, phrase, span, whose }.finding(&error));
    }
}

/// A text that cannot be read.
struct Misread<'m> {
    table: &'m Table,
    phrase: Phrase<'m>,
    /// Where it stands, quotes included.
    span: Span,
    whose: &'m str,
}

impl Misread<'_> {
    fn finding(&self, error: &Invalid) -> Finding {
        let whose = self.whose;
        let instead = instead::of(self.table, self.phrase, error);
        if let Invalid::Formula { why, at, help, .. } = error {
            let at = instead.as_ref().map_or_else(|| at.clone(), |it| it.at.clone());
            let finding = Finding::error(FORM, self.part(at), format!("{whose} cannot be read: {why}"), "");
            return with_help(finding, help.clone().or(instead.map(|it| it.help)));
        }
        let named = || self.phrase.name_of(error).unwrap_or(0..self.phrase.text().len());
        let at = instead.as_ref().map_or_else(named, |it| it.at.clone());
        if let Some((name, is, needed)) = role(self.table, self.phrase, error) {
            let message = format!("{whose} names `{name}`, which is {is}");
            let finding = Finding::error(WRONG_ROLE, self.part(at), message, format!("expected {needed}"));
            return with_help(finding, instead.map(|it| it.help));
        }
        if let Some((of, name, other)) = of_other(self.table, error) {
            let message = format!("{whose} names `{name}`, which machine `{of}` does not have");
            let found = Finding::error(WRONG_ROLE, self.part(at), message, format!("machine `{other}` has it"));
            let other = || format!("name `{other}`, or something that `{of}` has");
            return found.with_help(instead.map_or_else(other, |it| it.help));
        }
        let message = format!("{whose} uses an undeclared name");
        let found = Finding::error(UNDECLARED, self.part(at), message, error.to_string());
        let meant = meant(self.table, error).map(|name| format!("did you mean `{name}`?"));
        with_help(found, instead.map(|it| it.help).or(meant))
    }

    /// The place of some bytes of the text; the whole of it where the file has it in another form.
    fn part(&self, at: Range<usize>) -> Span {
        let text = self.phrase.text();
        let quote = match (self.span.end - self.span.start).checked_sub(text.len()) {
            Some(0) => 0,
            Some(2) => 1,
            Some(_) | None => return self.span,
        };
        let Some(before) = text.get(..at.start) else { return self.span };
        let start = self.span.start + quote + at.start;
        let column = self.span.column + quote + before.chars().count();
        Span { start, end: start + at.len(), line: self.span.line, column }
    }
}

fn with_help(finding: Finding, help: Option<String>) -> Finding {
    match help {
        Some(help) => finding.with_help(help),
        None => finding,
    }
}

/// Returns a name that is declared as something else than is needed: the name, what it is, and what is needed.
fn role(table: &Table, phrase: Phrase<'_>, error: &Invalid) -> Option<(String, String, String)> {
    let in_role = |machine: &str, name: &str, needed: &str| {
        let is = instead::role_in(table, machine, name)?;
        Some((name.to_owned(), is.to_owned(), needed.to_owned()))
    };
    match error {
        Invalid::Role { name, is, needed } => Some((name.clone(), is.clone(), needed.clone())),
        Invalid::States { machine, name } => {
            let is_place = matches!(phrase, Phrase::Formula(_));
            in_role(machine, name, if is_place { "a state, group, kind or marker" } else { "a state, group or kind" })
        }
        Invalid::Status { machine, name } => in_role(machine, name, "a status"),
        Invalid::Fact { machine, name } => in_role(machine, name, "a trigger, event or message"),
        Invalid::Machine(_) | Invalid::Marker(_) | Invalid::Formula { .. } => None,
        Invalid::Releases(_) | Invalid::TooLarge(_) => None,
    }
}

/// Returns the machine that lacks a name, the name, and another machine that has it.
fn of_other<'e>(table: &'e Table, error: &'e Invalid) -> Option<(&'e str, &'e str, &'e str)> {
    let (of, name, is_state) = match error {
        Invalid::States { machine, name } => (machine, name, true),
        Invalid::Fact { machine, name } => (machine, name, false),
        Invalid::Machine(_) | Invalid::Marker(_) | Invalid::Role { .. } | Invalid::Status { .. } => return None,
        Invalid::Formula { .. } | Invalid::Releases(_) | Invalid::TooLarge(_) => return None,
    };
    let marks =
        |machine: &Machine| table.markers.iter().any(|marker| marker.machine == machine.name && marker.name == *name);
    let has = |machine: &&Machine| match is_state {
        true => states(machine, name).is_ok() || marks(machine),
        false => machine.fact_id(name).is_some(),
    };
    table.machines.iter().find(has).map(|other| (of.as_str(), name.as_str(), other.name.as_str()))
}

/// Returns the declared name that is near to one that is not declared.
fn meant<'t>(table: &'t Table, error: &Invalid) -> Option<&'t str> {
    let machine = |name: &str| table.machine(name).into_iter();
    let markers = table.markers.iter();
    match error {
        Invalid::Machine(name) => nearest(name, table.machines.iter().map(|machine| machine.name.as_str())),
        Invalid::States { machine: of, name } => {
            let states = machine(of).flat_map(|machine| machine.states.iter().map(|state| state.name.as_str()));
            let groups = machine(of).flat_map(|machine| machine.groups.iter().map(|group| group.name.as_str()));
            let markers = markers.filter(|marker| marker.machine == *of).map(|marker| marker.name.as_str());
            nearest(name, states.chain(groups).chain(markers))
        }
        Invalid::Marker(name) => nearest(name, markers.map(|marker| marker.name.as_str())),
        Invalid::Fact { machine: of, name } => {
            nearest(name, machine(of).flat_map(|machine| machine.facts.iter().map(|fact| fact.name.as_str())))
        }
        Invalid::Status { name, .. } => nearest(name, table.statuses.iter().map(|status| status.name.as_str())),
        Invalid::Role { .. } | Invalid::Formula { .. } | Invalid::Releases(_) | Invalid::TooLarge(_) => None,
    }
}
