//! T0312 `happy-path-fails`: the happy path goes on because of a failure.

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Row, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0312"),
    name: "happy-path-fails",
    severity: Severity::Warning,
    explain: "The happy path is the course of an attempt that succeeds. Here it goes from one state to the next by \
              transitions that only a failure takes: each of them needs an event that carries a cause. What follows is \
              the course of an attempt that failed. Silence it where the event tells of success too, with its cause \
              empty.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for ((from, to), span) in machine.path_steps().zip(machine.path_spans.iter().skip(1)) {
        let leads = |row: &&Row| row.to == to && row.from.contains(&from) && !row.cubes.is_empty();
        let mut rows: Vec<&Row> = machine.rows.iter().filter(leads).collect();
        rows.sort_by_key(|row| row.span);
        let Some(first) = rows.first().filter(|_| rows.iter().all(|row| ways::fails(machine, row))) else { continue };
        let (before, after) = (&machine.state(from).name, &machine.state(to).name);
        let message = format!("the happy path goes from `{before}` to `{after}` only if something fails");
        let finding = Finding::warning(CHECK.code, *span, message, "entered by a failure");
        let finding = finding.with_place(first.when_span, "this event carries a cause");
        out.push(finding.with_help(format!("end the happy path, or lead it on, without `{after}`")));
        return;
    }
}
