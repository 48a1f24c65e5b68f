//! T0417 `idle-trigger-waits`: a user is told that something was started, and nothing is.

use super::super::{Check, Run, Subject};
use crate::bdd::{Bdd, TooLarge};
use crate::finding::{Code, Finding, Findings};
use crate::interpret;

pub(super) const CHECK: Check = Check {
    code: Code("T0417"),
    name: "idle-trigger-waits",
    explain: "A trigger is accepted in an idle state and no transition fires, because the row needs something else too: \
              a second trigger, or a guard that is not fixed. The command succeeds, nothing runs, and nothing will \
              happen until somebody asks for something else. In an idle state a trigger must lead on at once or be \
              refused. A guard with `fixed: true` is asked before the answer is given, so it can decide between the \
              two. Never to be silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    for state in
        subject.reached_states().into_iter().filter(|state| machine.state(*state).kind == crate::model::Kind::Idle)
    {
        let place = subject.space.place_of(state).clone();
        for (trigger, _) in place.takes {
            let waits = subject.space.diagrams.and(subject.reached.arrived(state), place.rests)?;
            let waits = subject.space.diagrams.branch(trigger, Bdd::NEVER, waits)?;
            if waits.is_never() {
                continue;
            }
            let facts = subject.smallest(waits)?;
            let takers = place.moves.iter().map(|step| subject.space.row(step));
            let Some(row) = takers.into_iter().find(|row| interpret::needs(row, trigger)) else { continue };
            let (name, idle) = (&machine.fact(trigger).name, &machine.state(state).name);
            let message = format!("trigger `{name}` may be accepted in idle state `{idle}` and start nothing");
            let finding = Finding::error(CHECK.code, row.when_span, message, "needs more than that");
            let finding = finding.with_note(format!("nothing need fire with {facts}"));
            out.push(
                finding.with_help("let the trigger alone lead on; a guard that decides here must be `fixed: true`"),
            );
        }
    }
    Ok(())
}
