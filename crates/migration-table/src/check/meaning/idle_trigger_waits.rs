//! T0417 `idle-trigger-waits`: a user is told that something was started, and nothing is.

use std::collections::BTreeMap;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::explore::Move;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, Kind, StateId};
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0417"),
    name: "idle-trigger-waits",
    severity: Severity::Error,
    explain: "A trigger is accepted in an idle state and no transition fires, because the row needs something else \
              too: a second trigger, or a guard that is not fixed. The command succeeds, nothing runs, and nothing \
              will happen until somebody asks for something else. In an idle state a trigger must lead on at once or \
              be refused. A guard with `fixed: true` is asked before the answer is given, so it can decide between \
              the two. An event from outside must lead on at once too: nothing waits in an idle state. Never to be \
              silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    let mut waiting: BTreeMap<(usize, FactId), (Bdd, Vec<StateId>)> = BTreeMap::new();
    for state in subject.reached_states().into_iter().filter(|state| machine.state(*state).kind == Kind::Idle) {
        let place = subject.space.place_of(state).clone();
        let rests = subject.space.diagrams.and(subject.reached.arrived(state), place.rests)?;
        for (fact, _) in subject.space.incoming(state) {
            let waits = subject.space.diagrams.branch(fact, Bdd::NEVER, rests)?;
            let asks = |step: &&Move| subject.space.row(step).mentions.contains(fact);
            // Of a row that never fires, that is reported.
            let alive = || place.moves.iter().filter(|step| !subject.dead.contains(&step.row));
            let asker = alive().find(|step| step::needs(subject.space.row(step), fact));
            let asker = asker.or_else(|| alive().find(asks));
            if let Some(step) = asker.filter(|_| !waits.is_never()) {
                waiting.entry((step.row, fact)).or_insert((waits, Vec::new())).1.push(state);
            }
        }
    }
    for ((row, fact), (waits, states)) in waiting {
        let facts = subject.smallest(waits)?;
        let what = wording::plural(states.len(), "idle state", "idle states");
        let (name, states) = (&machine.fact(fact).name, wording::states(machine, &states));
        let is_trigger = machine.fact(fact).is_trigger();
        let comes =
            if is_trigger { format!("trigger `{name}` may be accepted") } else { format!("event `{name}` may come") };
        let message = format!("{comes} in {what} {states} and start nothing");
        let finding = Finding::error(CHECK.code, machine.rows[row].when_span, message, "needs more than that");
        let finding = finding.with_note(format!("no transition need fire with {facts}"));
        out.push(finding.with_help(if is_trigger {
            "let the trigger alone lead on; a guard that decides here must be `fixed: true`"
        } else {
            "let the event alone lead on, or add a transition for the other case, which may lead to the same state"
        }));
    }
    Ok(())
}
