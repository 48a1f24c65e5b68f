//! Triggers as a user knows them: commands, and what is said of one that a machine refuses.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use migration_runtime::cause::Cause;
use migration_runtime::machine::{Attempt, Machine, Outcome, Performs, Raised, Refusal, drive};
use migration_runtime::states::destination::{self, Destination};
use migration_runtime::states::source::{self, Source};
use migration_runtime::states::{Role, Word};

use crate::qmp::{CommandError, ErrorClass};

/// A machine whose triggers are commands.
pub(super) trait Commands: Role {
    /// Returns the command that raises a trigger, with the arguments that tell it from others: "`migrate` with `resume`".
    fn command(trigger: Self::Trigger) -> String;
}

impl Commands for Source {
    fn command(trigger: source::Trigger) -> String {
        named(trigger.command(), trigger.with())
    }
}

impl Commands for Destination {
    fn command(trigger: destination::Trigger) -> String {
        named(trigger.command(), trigger.with())
    }
}

fn named(command: &str, with: &[(&str, &str)]) -> String {
    let arguments: Vec<String> = with.iter().map(|(name, _)| format!("`{name}`")).collect();
    if arguments.is_empty() { format!("`{command}`") } else { format!("`{command}` with {}", arguments.join(" and ")) }
}

/// Raises a trigger for the user. Returns the attempt in which it was accepted, or `None` if it changes nothing.
pub(super) fn raise<R: Commands>(machine: &Machine<R>, trigger: R::Trigger) -> Result<Option<Attempt>, CommandError> {
    match machine.raise(trigger) {
        Raised::Accepted(attempt) => Ok(Some(attempt)),
        Raised::Ignored | Raised::Handled => Ok(None),
        Raised::Refused(refusal) => Err(refused::<R>(&refusal)),
    }
}

fn refused<R: Commands>(refusal: &Refusal) -> CommandError {
    let class = refusal.class().and_then(ErrorClass::from_name).unwrap_or(ErrorClass::GenericError);
    let command = |name: &str| {
        let trigger = R::Trigger::ALL.iter().find(|trigger| trigger.name() == name);
        trigger.map_or_else(|| format!("`{name}`"), |trigger| R::command(*trigger))
    };
    CommandError::new(class, refusal.in_terms_of("command", command))
}

/// Raises a trigger that starts an attempt, has `work` carry it out, and calls `ended` with what it came to.
pub(super) fn start<R: Commands + Performs<W, Cause = Cause>, W: Send + 'static>(
    machine: &Machine<R>,
    trigger: R::Trigger,
    mut work: W,
    ended: impl FnOnce(&W, &Outcome<R>) + Send + 'static,
) -> Result<(), CommandError> {
    let (tell, told): (SyncSender<Attempt>, _) = sync_channel(1);
    let driven = machine.clone();
    let thread = thread::Builder::new().name(R::NAME.to_owned()).spawn(move || {
        // The sender is dropped if the trigger is refused.
        if let Ok(attempt) = told.recv() {
            let outcome = drive(&driven, attempt, &mut work);
            ended(&work, &outcome);
        }
    });
    thread.map_err(|error| CommandError::generic(format!("no thread can be started: {error}")))?;
    if let Some(attempt) = raise(machine, trigger)? {
        tell.send(attempt).map_err(|_| CommandError::generic("the thread that was to do the work is gone"))?;
    }
    Ok(())
}
