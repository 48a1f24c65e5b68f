//! The loop that carries a machine through an attempt: look at the state, call the one piece of work for it, report
//! what it found. It decides nothing and touches nothing but the machine and the work.

use crate::cause::Cause;
use crate::machine::{Attempt, Machine, Visit, VisitOver};
use crate::states::{Message, Role, destination, source};

/// Work that can carry a machine of the role `R`: every implementation of the generated `Work` trait is.
pub trait Worker<R: Role> {
    /// Sends a message because a transition that sends it has fired.
    ///
    /// # Errors
    ///
    /// The reason why it could not be sent, or the proof that the visit was over before it was.
    fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent>;

    /// Does the work of `state`; none in an idle state.
    fn perform(&mut self, state: R::State, visit: &Visit) -> Option<Result<Found<R>, VisitOver>>;
}

/// Evidence that work has found, and its words on it.
#[derive(Debug)]
pub struct Found<R: Role> {
    /// What was found.
    pub event: R::Event,
    /// The work's words on it.
    pub cause: Option<Cause>,
}

/// Why a message was not sent.
#[derive(Debug)]
pub enum Unsent {
    /// It could not be.
    Failed(Cause),
    /// The visit was over.
    Over(VisitOver),
}

/// Carries `machine` through `attempt` and returns when the attempt is over, in an idle state.
///
/// Call it once for each accepted trigger that starts an attempt, on a thread of its own.
pub fn drive<R: Role>(machine: &Machine<R>, attempt: Attempt, work: &mut impl Worker<R>) {
    while let Some((state, visit)) = machine.visit(attempt) {
        if !send_all(machine, &visit, work) {
            continue;
        }
        match work.perform(state, &visit) {
            Some(Ok(found)) => {
                machine.report(&visit, found.event, found.cause);
            }
            Some(Err(VisitOver { .. })) => {}
            None => break,
        }
    }
}

/// Sends what the transition into this visit says; false if the visit ended by it.
fn send_all<R: Role>(machine: &Machine<R>, visit: &Visit, work: &mut impl Worker<R>) -> bool {
    while let Some(message) = machine.next_message(visit) {
        match work.send(message, visit) {
            Ok(()) => {}
            Err(Unsent::Over(_)) => return false,
            Err(Unsent::Failed(cause)) => match R::unsent(message) {
                Some(event) => {
                    machine.report(visit, event, Some(cause));
                    return false;
                }
                None => tracing::warn!(machine = R::NAME, %message, %cause, "message not sent"),
            },
        }
    }
    true
}

macro_rules! worker {
    ($machine:ident :: $role:ident) => {
        impl<W> Worker<$machine::$role> for W
        where
            W: $machine::Work<Visit = Visit, Cause = Cause, Over = VisitOver>,
        {
            fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent> {
                $machine::Work::send(self, message, visit).map_err(|unsent| match unsent {
                    $machine::Unsent::Failed(cause) => Unsent::Failed(cause),
                    $machine::Unsent::Over(over) => Unsent::Over(over),
                })
            }

            fn perform(
                &mut self,
                state: $machine::State,
                visit: &Visit,
            ) -> Option<Result<Found<$machine::$role>, VisitOver>> {
                let done = $machine::perform(self, state, visit)?;
                Some(done.map(|reported| Found { event: reported.event, cause: reported.cause }))
            }
        }
    };
}

worker!(source::Source);
worker!(destination::Destination);
