//! The table's messages over a channel: what is said, and what is heard.

use crate::cause::Cause;
use crate::channel::{Channel, Wait};
use crate::machine::Visit;
use crate::states::Message;
use crate::transfer::{RawMessage, receive_message, send_message};
use crate::trouble::Trouble;
use crate::wire::Refusal;

/// Says `message` to the peer.
pub(crate) fn say(channel: &mut Channel, message: Message, payload: &[u8], visit: &Visit) -> Result<(), Trouble> {
    let wait = Wait::new(visit, visit.timeout());
    send_message(channel, message.number(), payload, &wait).map_err(|error| Trouble::channel(visit, &error))
}

/// Waits for `expected`, and returns what it carries. A refusal, or anything else, is trouble.
pub(crate) fn hear(channel: &mut Channel, expected: Message, visit: &Visit) -> Result<Vec<u8>, Trouble> {
    let wait = Wait::new(visit, visit.timeout());
    let heard = receive_message(channel, &wait).map_err(|error| Trouble::channel(visit, &error))?;
    if Message::from_number(heard.number) == Some(expected) {
        Ok(heard.payload)
    } else {
        Err(unexpected(&heard, expected.name()))
    }
}

/// Finds out why the peer spoke, or hung up, while this side was sending and expected nothing.
pub(crate) fn listen(channel: &mut Channel, visit: &Visit) -> Trouble {
    let wait = Wait::new(visit, visit.timeout());
    match receive_message(channel, &wait) {
        Ok(heard) => unexpected(&heard, "nothing"),
        Err(error) => Trouble::channel(visit, &error),
    }
}

/// What it means that the peer sent another message than the expected one.
pub(crate) fn unexpected(heard: &RawMessage, expected: &str) -> Trouble {
    match Message::from_number(heard.number) {
        // The peer's words are about itself: whoever reads them must know that they are not ours.
        Some(Message::Refused) => {
            let why = Refusal::decode(&heard.payload);
            Trouble::Refused(Cause::new(format!("the peer refused: {}", why.text())))
        }
        Some(message) => Trouble::protocol(format!("the peer sent the message `{message}` (expected: {expected})")),
        None => Trouble::protocol(format!(
            "the peer sent a message with the unknown number {} (expected: {expected})",
            heard.number
        )),
    }
}
