//! Everything about a fact: a trigger, an event, a message, a guard.

use migration_table::bdd::TooLarge;
use migration_table::explore::Space;
use migration_table::model::{Admission, Anchor, Fact, FactId, FactKind, Machine, Message, Row, Table};

use super::super::machines::machines;
use super::super::page::{Page, Part};
use super::super::{events, triggers, words};
use super::heading::heading;
use super::{promises, rows, state};

/// Returns the names of the facts that a name means: the fact that is called so, or else the triggers of that command
/// and the guards of that capability or parameter.
pub(super) fn names<'t>(table: &'t Table, name: &str) -> Vec<&'t str> {
    let facts = || table.machines.iter().flat_map(|machine| &machine.facts);
    let called = facts().find(|fact| fact.name == name);
    let on_the_wire = facts().filter(|fact| called.is_none() && wire_name(fact) == Some(name));
    let mut names: Vec<&str> = called.into_iter().chain(on_the_wire).map(|fact| fact.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Returns the names that facts have for a client and not in the table, in order.
pub(super) fn wire_names(table: &Table) -> Vec<String> {
    let facts = table.machines.iter().flat_map(|machine| &machine.facts);
    let mut names: Vec<String> =
        facts.filter_map(|fact| wire_name(fact).filter(|name| *name != fact.name)).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// How a client names a fact: its command, capability or parameter.
fn wire_name(fact: &Fact) -> Option<&str> {
    match &fact.kind {
        FactKind::Trigger { command, .. } => Some(command),
        FactKind::Guard { capability, parameter, .. } => {
            capability.as_deref().or(parameter.as_ref().map(|parameter| parameter.name.as_str()))
        }
        FactKind::Event | FactKind::Message(_) => None,
    }
}

/// Adds the fact of that name, with what each machine that knows it does about it.
pub(super) fn describe(
    table: &Table,
    file: &str,
    (of_machine, name): (Option<&str>, &str),
    page: &mut Page,
) -> Result<(), TooLarge> {
    let machines = machines(table, of_machine);
    let knowing: Vec<(&Machine, FactId)> =
        machines.iter().filter_map(|machine| machine.fact_id(name).map(|id| (*machine, id))).collect();
    let Some((machine, id)) = knowing.first() else {
        return Ok(());
    };
    let fact = machine.fact(*id);
    page.heading(heading(words::kind(fact), name, file, fact.span.line));
    page.parts.push(Part::Fields(fields(table, machine, fact)));
    if let FactKind::Message(message) = &fact.kind {
        sending(table, &table.messages[message.index()], page);
    }
    if let FactKind::Trigger { command, .. } = &fact.kind {
        promises::about(table, |anchor| matches!(anchor, Anchor::Command(named) if named == command), page);
    }
    for (machine, id) in knowing {
        in_machine(table, machine, id, page)?;
    }
    Ok(())
}

fn fields(table: &Table, machine: &Machine, fact: &Fact) -> Vec<(String, String)> {
    let mut fields = vec![("doc".to_owned(), fact.doc.clone())];
    let mut add = |name: &str, text: String| fields.push((name.to_owned(), text));
    match &fact.kind {
        FactKind::Trigger { command, with, admission, deprecated, renamed_from } => {
            add("command", command.clone());
            let with: Vec<String> = with.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            if !with.is_empty() {
                add("with", with.join(", "));
            }
            admitted(machine, admission, &mut add);
            promises::life(deprecated.as_ref(), renamed_from.as_ref(), &mut add);
        }
        FactKind::Event => {}
        FactKind::Message(id) => {
            let message = &table.messages[id.index()];
            add("number", message.number.to_string());
            add("from", message.from.clone());
            add("to", message.to.clone());
            if let Some(unsent) = &message.unsent {
                add("unsent", format!("{unsent}, reported by {} when it cannot be sent", message.from));
            }
        }
        FactKind::Guard { capability, parameter, fixed } => {
            add(
                "fixed",
                if *fixed { "keeps its value for a whole attempt" } else { "no: asked at every step" }.to_owned(),
            );
            if let Some(capability) = capability {
                add("capability", capability.clone());
            }
            if let Some(parameter) = parameter {
                let is = parameter.is.as_ref().map_or_else(String::new, |is| format!(" is {is}"));
                add("parameter", format!("{}{is}", parameter.name));
            }
            let needing = needing(machine, &fact.name);
            if !needing.is_empty() {
                add("needed by", needing.join(", "));
            }
        }
    }
    if fact.carries_cause {
        add("carries", "cause: a text that says why".to_owned());
    }
    if fact.is_outside {
        add("outside", "yes: something other than the work reports it".to_owned());
    }
    if fact.is_rare {
        add("rare", "yes: no recording is explained by it unasked".to_owned());
    }
    fields
}

/// The triggers whose commands need a guard.
fn needing<'m>(machine: &'m Machine, guard: &str) -> Vec<&'m str> {
    let needs = |fact: &&Fact| match &fact.kind {
        FactKind::Trigger { admission, .. } => admission.needs.iter().any(|name| name == guard),
        FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => false,
    };
    machine.facts.iter().filter(needs).map(|fact| fact.name.as_str()).collect()
}

fn admitted(machine: &Machine, admission: &Admission, add: &mut impl FnMut(&str, String)) {
    if let Some(argument) = &admission.expects {
        add("expects", format!("the argument {argument} names the status that is shown"));
    }
    if let Some(guards) = words::needs(machine, admission) {
        add("needs", format!("{guards}; without it, the command is refused"));
    }
    if let Some(veto) = &admission.veto {
        add("veto", veto.clone());
    }
}

/// The rows that send a message.
fn sending(table: &Table, message: &Message, page: &mut Page) {
    let Some(sender) = table.machine(&message.from) else { return };
    let sends = |row: &&Row| row.sends.iter().any(|id| table.messages[id.index()].number == message.number);
    let sending: Vec<&Row> = sender.rows.iter().filter(sends).collect();
    rows::add(table, sender, &format!("sent by {}", sender.name), &sending, page);
}

/// What one machine does about it: the rows that name it, and what happens in each state.
fn in_machine(table: &Table, machine: &Machine, id: FactId, page: &mut Page) -> Result<(), TooLarge> {
    let fact = machine.fact(id);
    let naming: Vec<&Row> = machine.rows.iter().filter(|row| row.mentions.contains(id)).collect();
    rows::add(table, machine, &format!("{}: transitions that name it", machine.name), &naming, page);
    if let Some(at) = machine.precedence.iter().position(|known| *known == id) {
        let names: Vec<&str> = machine.precedence.iter().map(|id| machine.fact(*id).name.as_str()).collect();
        page.paragraph(format!("{}: precedence {} of {}: {}", machine.name, at + 1, names.len(), names.join(", ")));
    }
    if fact.is_guard() {
        return Ok(());
    }
    let mut space = Space::new(machine)?;
    let mut reasons = Vec::new();
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for at in machine.state_ids() {
        let cell = if fact.is_trigger() {
            triggers::cell(&mut space, at, id, &mut reasons)?
        } else {
            events::cell(&mut space, at, id)?
        };
        let text = state::with_reasons(&cell.join("; "), &reasons);
        let text = if text == "-" { "not awaited".to_owned() } else { text };
        match said.iter_mut().find(|(known, _)| *known == text) {
            Some((_, states)) => states.push(words::state(machine, at)),
            None => said.push((text, vec![words::state(machine, at)])),
        }
    }
    // What it leads to comes before what is said to it where it leads nowhere.
    said.sort_by_key(|(text, _)| (!text.starts_with("go "), text.starts_with("not awaited"), text == "stale"));
    page.paragraph(format!("{}: what comes of it", machine.name));
    page.parts.push(Part::Fields(
        said.into_iter().map(|(text, states)| (text, format!("in {}", states.join(", ")))).collect(),
    ));
    Ok(())
}
