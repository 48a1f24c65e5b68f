//! One client's session, as a pure function of the bytes it sends: greeting, negotiation, then commands.
//!
//! No socket and no thread is in here, so that tests can feed it anything.

use serde_json::{Map, Value, json};

use super::arguments::{Argument, Arguments, Kind};
use super::dispatch::Dispatch;
use super::framing::Framing;
use super::reply::{CommandError, reply};
use super::request::{NoRequest, Request};

/// What `qmp_capabilities` takes.
const NEGOTIATION: &[Argument] = &[Argument::optional("enable", Kind::Strings)];

/// A session with one client.
pub struct Session<'d> {
    dispatch: &'d dyn Dispatch,
    framing: Framing,
    phase: Phase,
}

/// The phase of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Only `qmp_capabilities` is taken.
    Negotiation,
    /// Everything else is.
    Command,
}

/// A reply of a session to its client.
#[derive(Debug, PartialEq)]
pub enum Output {
    /// A reply.
    Reply(Value),
    /// The reply that ends the negotiation: from here on, and not before, the client gets events.
    Negotiated(Value),
}

impl<'d> Session<'d> {
    /// Returns a session whose commands `dispatch` executes.
    pub fn new(dispatch: &'d dyn Dispatch) -> Self {
        Self { dispatch, framing: Framing::default(), phase: Phase::Negotiation }
    }

    /// Returns the greeting, the first value that a client gets.
    pub fn greeting(&self) -> Value {
        json!({ "QMP": { "version": self.dispatch.version(), "capabilities": [] } })
    }

    /// Takes bytes from the client, executes every command that they complete, and passes each reply to `out`.
    pub fn receive(&mut self, bytes: &[u8], out: &mut dyn FnMut(Output)) {
        let Self { dispatch, framing, phase } = self;
        framing.feed(bytes, &mut |frame| {
            let (result, id) = match Request::read(frame) {
                Ok(Request { command, arguments, id }) => (phase.execute(*dispatch, &command, &arguments), id),
                Err(NoRequest { error, id }) => (Err(error), id),
            };
            match result {
                Ok(Done::Negotiated) => {
                    *phase = Phase::Command;
                    out(Output::Negotiated(reply(Ok(json!({})), id)));
                }
                Ok(Done::Returned(value)) => out(Output::Reply(reply(Ok(value), id))),
                Err(error) => out(Output::Reply(reply(Err(error), id))),
            }
        });
    }
}

/// The success of a command.
enum Done {
    Negotiated,
    Returned(Value),
}

impl Phase {
    fn execute(
        self,
        dispatch: &dyn Dispatch,
        command: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Done, CommandError> {
        match (self, command) {
            (Phase::Negotiation, "qmp_capabilities") => negotiate(arguments),
            (Phase::Negotiation, _) if dispatch.knows(command) => Err(CommandError::not_found(format!(
                "command `{command}` is taken after `qmp_capabilities` only: the session is still being negotiated"
            ))),
            (Phase::Command, "qmp_capabilities") => {
                Err(CommandError::not_found("the session is negotiated already; `qmp_capabilities` is taken once"))
            }
            (Phase::Command, _) if dispatch.knows(command) => dispatch.dispatch(command, arguments).map(Done::Returned),
            (Phase::Negotiation | Phase::Command, _) => {
                Err(CommandError::not_found(format!("there is no command `{command}`")))
            }
        }
    }
}

fn negotiate(arguments: &Map<String, Value>) -> Result<Done, CommandError> {
    let arguments = Arguments::check(arguments, NEGOTIATION)?;
    match arguments.strings("enable").and_then(|mut wanted| wanted.next()) {
        Some(wanted) => Err(CommandError::generic(format!("capability `{wanted}` is not among those in the greeting"))),
        None => Ok(Done::Negotiated),
    }
}
