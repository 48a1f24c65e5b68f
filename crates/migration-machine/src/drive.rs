//! The loop that carries a machine through an attempt: look at the state, call the one piece of work for it, report
//! what it found. It decides nothing and touches nothing but the machine and the work.

use crate::machine::Machine;
use crate::role::{Performs, Role, Unsent};
use crate::step::Outcome;
use crate::visit::{Attempt, Visit, VisitOver};

/// Carries `machine` through `attempt`, and returns how the attempt ended.
///
/// Call it once for each accepted trigger that starts an attempt, on a thread of its own.
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
        match R::perform(work, state, &visit) {
            Some(Ok(found)) => {
                machine.report(&visit, found.event, found.cause);
            }
            Some(Err(VisitOver { .. })) => {}
            None => break,
        }
    }
    machine.take_outcome(attempt).unwrap_or_else(|| {
        let (state, ending) = machine.snapshot();
        Outcome { state, ending }
    })
}

/// Sends what the transition into this visit says. Returns `false` if that ended the visit.
fn send_all<R, W>(machine: &Machine<R, R::Cause>, visit: &Visit, work: &mut W) -> bool
where
    R: Performs<W>,
    R::Cause: Clone,
    W: ?Sized,
{
    while let Some(message) = machine.next_message(visit) {
        match R::send(work, message, visit) {
            Ok(()) => {}
            Err(Unsent::Over(_)) => return false,
            Err(Unsent::Failed(cause)) => match <R as Role>::unsent(message) {
                Some(event) => {
                    machine.report(visit, event, Some(cause));
                    return false;
                }
                None => machine.tell_unsent(message, &cause),
            },
        }
    }
    true
}
