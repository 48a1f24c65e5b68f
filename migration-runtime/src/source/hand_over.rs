//! What a source knows of a guest that it gave up.

use std::time::Duration;

use crate::cause::Cause;
use crate::channel::{Channel, Wait};
use crate::conversation::hear;
use crate::machine::Visit;
use crate::states::Message;
use crate::trouble::Trouble;
use crate::wire::Ready;

/// What it means that there was no answer to the hand-over, and what to do.
pub(super) const IN_DOUBT: &str = "the guest was handed over, so it stays stopped here; look at the migration on the \
                                   destination: if it is `completed`, the guest runs there; if it is `failed` or its \
                                   process is gone, the guest will never run there and can be run here; while it is \
                                   `active`, wait or cancel it there";

/// The same where the rest of the memory was left to a post-copy.
pub(super) const POSTCOPY_IN_DOUBT: &str = "the guest was handed over, so it stays stopped here; look at the migration \
                                            on the destination: if it is `postcopy-paused`, the guest was started \
                                            there: recover, by `migrate-recover` there and `migrate` with `resume` \
                                            here; if it is `failed`, the guest never ran there: give up here \
                                            (`migrate-give-up`) and run it here (`cont`); if its process is gone, the \
                                            same runs the guest as it was at the switchover";

/// Returns what it means that the user of a source has given a paused post-copy up, and what can be done. `ran_there` is
/// whether the destination had said that it runs the guest.
#[must_use]
pub const fn after_give_up(ran_there: bool) -> &'static str {
    if ran_there {
        "the post-copy was given up, and the guest ran on the destination: what is left here is its memory from before \
         that, so it never runs here again"
    } else {
        "the post-copy was given up, and nobody said whether the guest was started on the destination; look there: if it \
         did not run there, it can be run here (`cont`)"
    }
}

/// What it means that the hand-over was not sent.
const NOT_HANDED_OVER: &str = "the hand-over did not leave this host, so the guest is still here";

/// Whether the guest was given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum GivenUp {
    /// The destination cannot have received the hand-over, and never will.
    No,
    /// The destination may have received it, or may still receive it.
    MayBe,
}

/// A hand-over, from the word that the destination stands by to the word that it runs the guest.
pub(super) struct HandingOver {
    pub(super) given_up: GivenUp,
    /// How long the destination waits for the hand-over, as it says.
    stands_by: Option<Duration>,
}

impl HandingOver {
    pub(super) fn new() -> HandingOver {
        HandingOver { given_up: GivenUp::No, stands_by: None }
    }

    /// Waits until the destination stands by, by the message `ready`.
    pub(super) fn hear_ready(
        &mut self,
        channel: &mut Channel,
        ready: Message,
        wait: &Wait<'_>,
        visit: &Visit,
    ) -> Result<(), Trouble> {
        let payload = hear(channel, ready, wait, visit)?;
        let Ready { stands_by } = Ready::decode(&payload).map_err(|error| Trouble::protocol(error.to_string()))?;
        self.stands_by = stands_by;
        Ok(())
    }

    /// Waits for word that the guest runs.
    pub(super) fn hear_running(&self, channel: &mut Channel, visit: &Visit) -> Result<(), Trouble> {
        hear(channel, Message::Running, &self.outcome_due(visit), visit).map(drop)
    }

    /// Waits until the destination has given up, if it has not started the guest. What it said before the connection
    /// broke can still be read, and settles the doubt.
    pub(super) fn settle(&self, channel: &mut Option<Channel>, in_doubt: &str, visit: &Visit) -> Result<(), Trouble> {
        if self.given_up == GivenUp::No {
            return Err(Trouble::Refused(Cause::new(NOT_HANDED_OVER)));
        }
        let heard = channel.as_mut().map(|channel| self.hear_running(channel, visit));
        let cause = match heard {
            Some(Ok(())) => return Ok(()),
            Some(Err(Trouble::Failed(cause))) => cause,
            Some(Err(other)) => return Err(other.on_timeout(in_doubt)),
            None => Cause::new("there is no connection to the destination"),
        };
        *channel = None;
        self.outcome_due(visit).sleep().map_err(|error| Trouble::channel(visit, &error))?;
        Err(Trouble::TimedOut(cause).on_timeout(in_doubt))
    }

    /// Until when the destination says that it runs the guest, or has given up.
    ///
    /// The numbers of the table make the source wait longer than the destination stands by. Either user may change
    /// one of them, and neither host knows the other's, so the destination says how long it stands by. If the source
    /// stopped waiting earlier, its user could run the guest here before the destination starts it.
    fn outcome_due<'v>(&self, visit: &'v Visit) -> Wait<'v> {
        let longer = self.stands_by.map(|stands_by| stands_by + stands_by / 2);
        match (visit.timeout(), longer) {
            (Some(own), Some(longer)) if longer > own => Wait::within(visit, visit.began(), longer).as_the_peer_says(),
            (own, _) => Wait::within(visit, visit.began(), own),
        }
    }
}
