//! T0429 `promise-about-nothing`: a promise that no attempt of the machine has to keep, or that none can.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Anchor, FactKind, Guarantee, Kind, Machine, Promise, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0429"),
    name: "promise-about-nothing",
    severity: Severity::Error,
    explain: "A guarantee is about a status that the machine never shows, a command that it never answers, or an end \
              that is none: attempts end in idle states, so only what an idle state shows can be among `ends`, and an \
              attempt can be on its way only where a state that is not idle shows it. Such a promise is kept by \
              accident or not at all. That the others are kept is decided when the public side is compared.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for guarantee in &table.guarantees {
        if let Some(machine) = table.machine(&guarantee.machine) {
            Judge { table, machine, guarantee, out }.judge();
        }
    }
}

struct Judge<'t, 'j> {
    table: &'t Table,
    machine: &'t Machine,
    guarantee: &'t Guarantee,
    out: &'j mut Findings,
}

impl Judge<'_, '_> {
    fn judge(&mut self) {
        match &self.guarantee.promise {
            Promise::Ends { after, ends } => {
                match after {
                    Anchor::Command(command) => self.answered(command),
                    Anchor::Status(status) => self.shown(status, Where::UnderWay),
                }
                ends.iter().for_each(|status| self.shown(status, Where::AtTheEnd));
            }
            Promise::Before { before, comes } => {
                self.shown(before, Where::Anywhere);
                self.shown(comes, Where::Anywhere);
            }
        }
    }

    /// Says so when the machine has no trigger for the command.
    fn answered(&mut self, name: &str) {
        let is_it = |kind: &FactKind| matches!(kind, FactKind::Trigger { command, .. } if command == name);
        if !self.machine.facts.iter().any(|fact| is_it(&fact.kind)) {
            let what = format!("the command `{name}`, which machine `{}` never takes", self.machine.name);
            self.say(&what, "never taken");
        }
    }

    /// Says so when no state of the machine, of those that are asked for, shows the status.
    fn shown(&mut self, name: &str, at: Where) {
        let states = self.machine.states.iter().filter(|state| self.table.statuses[state.shows.index()].name == name);
        let kinds: Vec<Kind> = states.map(|state| state.kind).collect();
        let machine = &self.machine.name;
        match at {
            Where::Anywhere | Where::UnderWay | Where::AtTheEnd if kinds.is_empty() => {
                self.say(&format!("status `{name}`, which machine `{machine}` never shows"), "never shown");
            }
            Where::UnderWay if kinds.iter().all(|kind| *kind == Kind::Idle) => {
                let what = format!("what comes after status `{name}`, which only idle states of `{machine}` show");
                self.say(&what, "promises nothing");
            }
            Where::AtTheEnd if !kinds.contains(&Kind::Idle) => {
                let what = format!("an end with status `{name}`, which no idle state of `{machine}` shows");
                self.say(&what, "cannot be kept");
            }
            Where::Anywhere | Where::UnderWay | Where::AtTheEnd => {}
        }
    }

    fn say(&mut self, what: &str, label: &str) {
        let message = format!("guarantee `{}` is about {what}", self.guarantee.name);
        self.out.push(Finding::error(CHECK.code, self.guarantee.span, message, label));
    }
}

/// Where a status must be shown.
#[derive(Clone, Copy)]
enum Where {
    Anywhere,
    UnderWay,
    AtTheEnd,
}
