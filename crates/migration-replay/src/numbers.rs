//! The numbers of the commands of a process that have no reply yet. They are used again, so that the same comes again.

use super::observation::{Command, Observation};
use super::request::Request;

/// The command by which a process is ended.
const QUIT: &str = "quit";

/// Commands by what they are called in the recording, each with its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    /// What was seen, with the numbers of its commands; `None` if it means nothing. `request` says what a command means.
    pub(super) fn numbered(
        &mut self,
        observation: &Observation,
        request: impl Fn(Command) -> Option<Request>,
    ) -> Option<Observation> {
        Some(match observation {
            Observation::Command(command) => Observation::Command(self.give(request(command.clone())?)?),
            Observation::Ending => {
                let quit = Command { name: QUIT.to_owned(), out_of_band: true, id: u64::MAX, ..Command::default() };
                Observation::Command(self.give(request(quit)?)?)
            }
            Observation::Reply { id, reply } => Observation::Reply { id: self.of(*id)?, reply: reply.clone() },
            Observation::Decided { id, reply } => Observation::Decided { id: self.of(*id)?, reply: reply.clone() },
            Observation::Started(_) | Observation::Published(_) | Observation::Changed(_) | Observation::Exited => {
                observation.clone()
            }
        })
    }

    /// Forgets a command that has its reply.
    pub(super) fn forget(&mut self, id: u64) {
        self.0.retain(|(other, _)| *other != id);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn of(&self, id: u64) -> Option<u64> {
        self.0.iter().find(|(other, _)| *other == id).map(|(_, number)| *number)
    }

    /// Gives a command the lowest number that is free.
    fn give(&mut self, request: Request) -> Option<Command> {
        let is_taken = |number: &u64| self.0.iter().any(|(_, other)| other == number);
        let number = (0..).find(|number| !is_taken(number))?;
        self.0.push((request.command.id, number));
        Some(Command { id: number, ..request.command })
    }
}
