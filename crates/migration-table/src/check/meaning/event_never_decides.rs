//! T0423 `event-never-decides`: an event that is mentioned, and that no row waits for.

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0423"),
    name: "event-never-decides",
    severity: Severity::Warning,
    explain: "Rows mention the event only to exclude it, as in `ready and not failed`, or where it makes no \
              difference. So whoever reports it stops something, and nothing ever follows: the machine stays where it \
              is until the visit ends. A row that needs the event is missing. Decided on the cases of the formulas, \
              from which is left out what makes no difference. Silence it where holding something up is all that the event is for.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for id in machine.fact_ids().filter(|id| machine.fact(*id).is_event()) {
        let mentioning = machine.rows.iter().filter(|row| row.mentions.contains(id));
        let Some(row) = mentioning.clone().min_by_key(|row| row.span) else { continue };
        // Of a formula that contradicts itself, that is reported.
        if mentioning.into_iter().any(|row| row.cubes.is_empty() || ways::hears(row, id)) {
            continue;
        }
        let fact = machine.fact(id);
        let message = format!("no transition of `{}` fires because of `{}`", machine.name, fact.name);
        let finding = Finding::warning(CHECK.code, fact.span, message, "is mentioned, and never needed");
        let finding = finding.with_place(row.when_span, "mentioned here");
        out.push(finding.with_help(format!("add a transition that needs `{}`, or leave it out", fact.name)));
    }
}
