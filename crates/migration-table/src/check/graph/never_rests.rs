//! T0310 `never-rests`: a state that is left before anything can be done in it.

use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::finding::{Code, Finding, Findings, Severity};

pub(super) const CHECK: Check = Check {
    code: Code("T0310"),
    name: "never-rests",
    severity: Severity::Warning,
    explain: "Whenever the machine enters this state, a row is enabled at once, so it never stays: the work of the \
              state is never done, nothing can be reported there, and its status is published and replaced in one \
              breath. Most often a formula lacks the event that it should wait for. Decided over everything that can \
              happen. Silence it for a state that only chooses where to go on by what guards say.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    for id in subject.reached_states() {
        // Where the machine may go round for ever, that is reported.
        if subject.space.is_idle(id) || subject.round.contains(&id) || subject.stays(id)? {
            continue;
        }
        let state = subject.machine.state(id);
        let message = format!("the machine never stays in `{}`", state.name);
        let mut finding = Finding::warning(CHECK.code, state.span, message, "left as soon as it is entered");
        let mut rows = Vec::new();
        for step in subject.moves(id) {
            if !subject.space.diagrams.and(subject.reached.entered(id), step.fires)?.is_never() {
                rows.push(subject.space.row(&step));
            }
        }
        rows.sort_by_key(|row| row.span);
        for row in rows {
            finding = finding.with_place(row.when_span, "waits for nothing that comes later");
        }
        out.push(finding.with_help("let the formula need the event that the state waits for, or remove the state"));
    }
    Ok(())
}
