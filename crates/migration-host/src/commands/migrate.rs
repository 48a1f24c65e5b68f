//! `migrate`, `migrate-incoming`, `migrate_cancel`, `migrate-continue`, `query-migrate`.
//!
//! The table decides what may be done when. The checks here are those that it cannot make: the address, and whether
//! this process has a guest to move or room for one.

use migration_runtime::states::Status;
use migration_runtime::wire::Token;
use serde_json::Value;

use super::channels::{CHANNEL, address};
use super::command::{Command, answered};
use crate::host::{Awaits, Host};
use crate::qmp::{Argument, Arguments, CommandError, Kind};
use crate::runstate::Runstate;
use crate::vm::RAN_THERE;

pub(super) const MIGRATE: Command = Command {
    name: "migrate",
    about: "move the guest to `uri` (`tcp:HOST:PORT`, `unix:PATH`) while it runs, as the attempt `x-token` (a UUID); with \
            `resume`, connect a paused post-copy again",
    arguments: &[
        Argument::optional("uri", Kind::String),
        Argument::optional("channels", Kind::Objects(CHANNEL)),
        Argument::optional("resume", Kind::Boolean),
        // Without effect in QEMU as well: the command never waits.
        Argument::optional("detach", Kind::Boolean),
        Argument::optional("x-token", Kind::String),
    ],
    run: migrate,
};

pub(super) const INCOMING: Command = Command {
    name: "migrate-incoming",
    about: "wait at `uri` for a guest, in a process that was started with `--incoming`; with `x-token`, for no other \
            than that attempt's",
    arguments: &[
        Argument::optional("uri", Kind::String),
        Argument::optional("channels", Kind::Objects(CHANNEL)),
        Argument::optional("exit-on-error", Kind::Boolean),
        Argument::optional("x-token", Kind::String),
    ],
    run: incoming,
};

pub(super) const CANCEL: Command = Command {
    name: "migrate_cancel",
    about: "cancel the migration; the guest goes on here",
    arguments: &[],
    run: |host, _| answered(host.migrations.cancel()),
};

pub(super) const CONTINUE: Command = Command {
    name: "migrate-continue",
    about: "go on from the pause before the switchover (`state`: `pre-switchover`)",
    arguments: &[Argument::required("state", Kind::String)],
    run: go_on,
};

pub(super) const QUERY: Command = Command {
    name: "query-migrate",
    about: "report on the present or the last migration",
    arguments: &[],
    run: |host, _| Ok(host.migrations.query().to_value()),
};

fn migrate(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    let (to, token) = (address(arguments)?, token(arguments)?);
    if arguments.boolean("resume") == Some(true) {
        return answered(host.migrations.resume(to));
    }
    // The guest may start here, and an arrival may fail, while this looks: the order of the three is what makes them right
    // together.
    check_guest(host)?;
    check_memory(host)?;
    check_guest(host)?;
    answered(host.migrations.migrate(to, token))
}

/// Refuses to move a guest that is not here.
fn check_guest(host: &Host) -> Result<(), CommandError> {
    let why = match host.vm.runstate() {
        // While a migration has the guest stopped, it is in progress: the machine says so.
        Runstate::Own(_) | Runstate::FinishMigrate { .. } => return Ok(()),
        Runstate::InMigrate { .. } => {
            "there is no guest to move: this process still waits for one (started with `--incoming`)"
        }
        Runstate::PostMigrate if host.migrations.query().source.status == Status::Completed => {
            "the guest was moved to the destination of an earlier migration: to move it on, send `migrate` there"
        }
        Runstate::PostMigrate if host.migrations.query().ran_there => RAN_THERE,
        Runstate::PostMigrate => {
            "the guest was stopped by an earlier migration and may run elsewhere; to run it here, send `cont` first"
        }
        Runstate::Lost => "the guest is lost: part of its memory is gone",
    };
    Err(CommandError::generic(why))
}

/// Refuses to move a guest whose memory is not all here: what is missing would leave as zeroes.
fn check_memory(host: &Host) -> Result<(), CommandError> {
    let info = host.migrations.query();
    if info.lacks_memory() {
        return Err(CommandError::generic(
            "There's a migration process in progress: part of the guest's memory still follows from its source by a \
             post-copy, and it cannot be moved on before that is here; recover the post-copy if it is paused",
        ));
    }
    if info.receives_postcopy() {
        return Err(CommandError::generic(
            "There's a migration process in progress: the post-copy that brings this guest is not over; wait until it \
             is, or, if it is paused, recover it or send `migrate-give-up`: all memory is here",
        ));
    }
    Ok(())
}

fn incoming(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    let at = address(arguments)?;
    let awaits =
        Awaits { exit_on_error: arguments.boolean("exit-on-error").unwrap_or(false), token: token(arguments)? };
    match host.vm.runstate() {
        Runstate::InMigrate { .. } => answered(host.migrations.incoming(at, awaits)),
        Runstate::Own(_) | Runstate::FinishMigrate { .. } => Err(CommandError::generic(
            "there is a guest here already; start a process with `--incoming defer` to receive one",
        )),
        Runstate::Lost => Err(CommandError::generic(
            "the guest that ran here is lost; start another process with `--incoming defer`, and end this one with `quit`",
        )),
        // As in QEMU, whose processes take in one guest at most. What is left of this one may be the only whole copy.
        Runstate::PostMigrate => Err(CommandError::generic(
            "this process keeps what is left of the guest that was moved away; to receive it back, start another \
             process with `--incoming defer`, and end this one with `quit`",
        )),
    }
}

fn go_on(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    let wanted = arguments.string("state").unwrap_or_default();
    let status = host.migrations.query().source.status.name();
    if wanted != status {
        return Err(CommandError::generic(format!("the migration is in status `{status}`, not in `{wanted}`")));
    }
    answered(host.migrations.go_on())
}

/// The token of the attempt, if one is given.
fn token(arguments: Arguments<'_>) -> Result<Option<Token>, CommandError> {
    let parse =
        |text: &str| text.parse().map_err(|error| CommandError::generic(format!("argument `x-token`: {error}")));
    arguments.string("x-token").map(parse).transpose()
}
