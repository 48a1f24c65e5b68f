//! The question whether everything has arrived.

use super::flow::{Sent, push};
use super::message::{RawMessage, misplaced, read_frame, read_message};
use crate::channel::{Channel, ChannelError, Part, Wait};
use crate::wire::{Frame, HEADER_BYTES};

/// Waits until the peer has taken in everything that was sent to it, and returns what it says instead, if it does.
///
/// The buffers of both sockets hold megabytes: what the socket has taken may be far from having arrived.
///
/// # Errors
/// When the wait is interrupted or takes too long, the connection ends, or the peer sends something else.
pub fn synchronise(channel: &mut Channel, wait: &Wait<'_>) -> Result<Option<RawMessage>, ChannelError> {
    // If the peer has something to say instead, it is heard below.
    let question = Frame::Sync.encode();
    let wait = &wait.as_a_whole(channel.outgoing().outstanding());
    if push(channel, &mut [Part::from(&question[..])], wait)? == Sent::All {
        channel.outgoing().note_question();
    }
    loop {
        // Looked at first, so that an interrupt leaves a frame in one piece: the next state goes on reading.
        wait.check()?;
        channel.ahead(HEADER_BYTES, wait)?;
        match read_frame(channel, wait)? {
            Frame::Synced => match channel.outgoing().note_answer() {
                Some(0) => return Ok(None),
                // The answer to somebody who did not wait for it.
                Some(_) => {}
                None => return Err(ChannelError::protocol("the peer sent an answer, for which nobody asked")),
            },
            Frame::Message { number, payload } => return read_message(channel, number, payload, wait).map(Some),
            Frame::KeepAlive => {}
            Frame::Taken { bytes } => channel.outgoing().note_taken(bytes),
            other @ (Frame::Pages(_)
            | Frame::Zeroes(_)
            | Frame::State { .. }
            | Frame::StateEnd { .. }
            | Frame::StateRoundEnd { .. }
            | Frame::Farewell { .. }
            | Frame::RoundEnd { .. }
            | Frame::MemoryEnd
            | Frame::Sync
            | Frame::Request(_)
            | Frame::Missing { .. }
            | Frame::MissingEnd { .. }) => {
                return Err(misplaced("the peer", &other, "instead of the answer to a question"));
            }
        }
    }
}
