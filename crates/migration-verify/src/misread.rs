//! Names and words of properties and of the operator that cannot be read, each at its place in the table.

use migration_table::model::{Machine, Property, Table};
use migration_table::{Code, Finding, Findings, Span, nearest};

use crate::composition::Composition;
use crate::formula::{Formula, Scope};
use crate::names::{Invalid, states};
use crate::phrase::phrases;
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
        if let Err(error) = Formula::parse(&act.when, &scope) {
            out.push(finding(table, &error, act.span, "the operator's `when`"));
        }
    }
    table.properties.iter().for_each(|property| of_property(property, &scope, out));
}

fn of_property(property: &Property, scope: &Scope<'_, '_>, out: &mut Findings) {
    for (phrase, span) in phrases(&property.claim).into_iter().zip(&property.spans) {
        if let Err(error) = phrase.read(scope) {
            out.push(finding(scope.table, &error, *span, &format!("property `{}`", property.name)));
        }
    }
}

fn finding(table: &Table, error: &Invalid, span: Span, whose: &str) -> Finding {
    if let Invalid::Formula { why, .. } = error {
        return Finding::error(FORM, span, format!("{whose} cannot be read: {why}"), "");
    }
    if let Invalid::Role { name, is, needed } = error {
        let message = format!("{whose} names `{name}`, which is {is}");
        return Finding::error(WRONG_ROLE, span, message, format!("expected {needed}"));
    }
    if let Some((of, name, other)) = of_other(table, error) {
        let message = format!("{whose} names `{name}`, which machine `{of}` does not have");
        let found = Finding::error(WRONG_ROLE, span, message, format!("machine `{other}` has it"));
        return found.with_help(format!("name `{other}`, or something that `{of}` has"));
    }
    let found = Finding::error(UNDECLARED, span, format!("{whose} uses an undeclared name"), error.to_string());
    match meant(table, error) {
        Some(name) => found.with_help(format!("did you mean `{name}`?")),
        None => found,
    }
}

/// Returns the machine that lacks a name, the name, and another machine that has it.
fn of_other<'e>(table: &'e Table, error: &'e Invalid) -> Option<(&'e str, &'e str, &'e str)> {
    let (of, name, is_state) = match error {
        Invalid::States { machine, name } => (machine, name, true),
        Invalid::Fact { machine, name } => (machine, name, false),
        Invalid::Machine(_) | Invalid::Marker(_) | Invalid::Role { .. } | Invalid::Status(_) => return None,
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
        Invalid::Status(name) => nearest(name, table.statuses.iter().map(|status| status.name.as_str())),
        Invalid::Role { .. } | Invalid::Formula { .. } | Invalid::Releases(_) | Invalid::TooLarge(_) => None,
    }
}
