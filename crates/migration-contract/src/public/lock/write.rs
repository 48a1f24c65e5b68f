//! A public side as text: the one place that says in which order its lines come, as a lock is compared byte for byte.

use super::facts::facts;
use super::format::{END, FORMAT, MAGIC, NOTE};
use super::vocabulary;
use super::when::When;
use super::words::quoted;
use crate::public::model::{Public, PublicMachine};

/// The lock file of a public side.
#[must_use]
pub fn write(public: &Public) -> String {
    let mut lines = vec![format!("{MAGIC}{FORMAT}"), NOTE.to_owned(), format!("table {}", quoted(&public.table))];
    for section in vocabulary::lines(public) {
        if !section.is_empty() {
            lines.push(String::new());
            lines.extend(section);
        }
    }
    for machine in &public.machines {
        lines.push(String::new());
        lines.push(format!("machine {}", quoted(&machine.name)));
        of_machine(machine, &mut lines);
    }
    lines.extend([String::new(), END.to_owned(), String::new()]);
    lines.join("\n")
}

fn of_machine(machine: &PublicMachine, lines: &mut Vec<String>) {
    for behaviour in &machine.behaviours {
        lines.push(format!("case {}", behaviour.under.text(&machine.settings, quoted)));
    }
    let mut when = When::new(machine);
    let mut section = None;
    for (fact, behaviours) in facts(machine) {
        if section.replace(fact.section()) != Some(fact.section()) {
            lines.push(String::new());
        }
        lines.push(format!("{fact}{}", when.of(&behaviours)));
    }
}
