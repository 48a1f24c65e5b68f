//! The loop that carries a machine through an attempt: look at the state, call the one piece of work for it, report
//! what it found. It decides nothing and touches nothing but the machine and the work.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::machine::Machine;
use crate::role::{Performs, Role, Unsent};
use crate::step::{Evidence, Outcome};
use crate::visit::{Attempt, Visit, VisitOver};
use crate::word::Kind;

/// Carries `machine` through `attempt`, and returns how the attempt ended.
///
/// Call it once for each accepted trigger that starts an attempt, on a thread of its own.
///
/// Work that panics has failed: it is as if it had reported the event of its state that says why something went wrong
/// (`carries: cause`), the strongest by the table's precedence where there are several, without words; or, in a clean-up
/// state, its only event. The work is called again for the states that follow, so it must bear a panic of its own. In a
/// state that waits and has no such event, somebody else has to end the wait.
///
/// # Panics
/// When work panics in a state that works or cleans up and has no such event, or in one whose event leads nowhere.
pub fn drive<R, W>(machine: &Machine<R, R::Cause>, attempt: Attempt, work: &mut W) -> Outcome<R, R::Cause>
where
    R: Performs<W>,
    R::Cause: Clone,
    W: ?Sized,
{
    while let Some((state, visit)) = machine.visit(attempt) {
        if !send_all(machine, &visit, work) {
            continue;
        }
        // The work answers for what a panic leaves in it.
        match catch_unwind(AssertUnwindSafe(|| R::perform(work, state, &visit))) {
            Ok(Some(Ok(found))) => {
                machine.report(&visit, found.event, found.cause);
            }
            Ok(Some(Err(VisitOver { .. }))) => {}
            Ok(None) => break,
            Err(panic) => match R::failure(state).map(|event| machine.report(&visit, event, None)) {
                Some(Evidence::Fired | Evidence::Stale) => {}
                None if R::kind(state) == Kind::Wait => machine.await_end(&visit),
                Some(Evidence::Pending) | None => resume_unwind(panic),
            },
        }
    }
    machine.take_outcome(attempt).unwrap_or_else(|| machine.snapshot())
}

/// Sends what the transition into this visit says. Returns `false` if that ended the visit.
fn send_all<R, W>(machine: &Machine<R, R::Cause>, visit: &Visit, work: &mut W) -> bool
where
    R: Performs<W>,
    R::Cause: Clone,
    W: ?Sized,
{
    while let Some(message) = machine.next_message(visit) {
        let sent = catch_unwind(AssertUnwindSafe(|| R::send(work, message, visit)));
        match (sent, <R as Role>::unsent(message)) {
            (Ok(Ok(())), _) => {}
            (Ok(Err(Unsent::Over(_))), _) => return false,
            (Ok(Err(Unsent::Failed(cause))), Some(event)) => {
                machine.report(visit, event, Some(cause));
                return false;
            }
            (Ok(Err(Unsent::Failed(cause))), None) => machine.tell_unsent(message, &cause),
            (Err(_), Some(event)) => {
                machine.report(visit, event, None);
                return false;
            }
            // Nothing depends on it.
            (Err(_), None) => {}
        }
    }
    true
}
