//! The table's messages over a channel: what is said, and what is heard.

use std::time::{Duration, Instant};

use crate::cause::Cause;
use crate::channel::{Channel, ChannelError, ChannelErrorKind, Wait, patience};
use crate::machine::{Visit, VisitOver};
use crate::states::Message;
use crate::transfer::{RawMessage, receive_message, send_farewell, send_message};
use crate::trouble::Trouble;
use crate::wire::Refusal;

/// How long a peer that is told why this side hangs up may take to hang up too.
const FAREWELL: Duration = Duration::from_millis(300);

/// How long a peer that ends another connection may take to say why on the main one.
const EXPLANATION: Duration = Duration::from_secs(1);

/// A visit whose end cannot be waited for is looked at this often.
const WITHOUT_WAITING: Duration = Duration::from_millis(50);

/// The bounds of a wait in which the peer owes one answer: it may take the time that the state allows, and no more,
/// whatever else it says meanwhile.
pub(crate) fn answer_due(visit: &Visit) -> Wait<'_> {
    Wait::within(visit, visit.began(), visit.timeout())
}

/// The bounds of a state in which the peer may work for longer than it may be silent: on its silence, and on the state
/// as a whole.
pub(crate) fn work_due(visit: &Visit) -> Wait<'_> {
    let silence = visit.timeout();
    Wait::new(visit, silence).ended_by(visit.began(), silence.and_then(patience))
}

/// Says `message` to the peer.
pub(crate) fn say(channel: &mut Channel, message: Message, payload: &[u8], visit: &Visit) -> Result<(), Trouble> {
    let wait = Wait::new(visit, visit.timeout());
    send_message(channel, message.number(), payload, &wait)
        .map_err(|error| Trouble::channel(visit, &error.during(format!("`{message}` was not sent"))))
}

/// Waits until the visit is over: only somebody else can end it.
pub(crate) fn until_over(visit: &Visit) -> VisitOver {
    loop {
        if let Some(over) = visit.over() {
            return over;
        }
        if Wait::new(visit, None).until_any_ready(&[], Instant::now(), None).is_err() && !visit.is_over() {
            // The kernel cannot wait now.
            std::thread::sleep(WITHOUT_WAITING);
        }
    }
}

/// Waits for `expected`, and returns what it carries. A refusal, or anything else, is trouble.
pub(crate) fn hear(
    channel: &mut Channel,
    expected: Message,
    wait: &Wait<'_>,
    visit: &Visit,
) -> Result<Vec<u8>, Trouble> {
    let awaited = |error: ChannelError| Trouble::channel(visit, &error.awaiting(&format!("`{expected}`")));
    let heard = receive_message(channel, wait).map_err(awaited)?;
    if Message::from_number(heard.number) == Some(expected) {
        Ok(heard.payload)
    } else {
        Err(unexpected(&heard, expected.name()))
    }
}

/// Tells the peer why this side ends the attempt, and hangs up. The peer gets a moment to read it.
pub(crate) fn hang_up(channel: &mut Option<Channel>, why: &str, visit: &Visit) {
    let Some(mut channel) = channel.take() else { return };
    let told =
        send_farewell(&mut channel, why).and_then(|()| channel.finish(&Wait::within(visit, Instant::now(), FAREWELL)));
    if let Err(error) = told {
        tracing::debug!(%error, "the peer may not know why this side hangs up");
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

/// Finds out whether the peer explains on the main connection what went wrong on another, and returns the better words.
pub(crate) fn explained(trouble: Trouble, main: &mut Channel, visit: &Visit) -> Trouble {
    let Trouble::Failed(cause) = trouble else { return trouble };
    match receive_message(main, &Wait::within(visit, Instant::now(), EXPLANATION)) {
        Ok(heard) => unexpected(&heard, "nothing"),
        Err(error) if error.kind() == ChannelErrorKind::TimedOut => Trouble::Failed(cause),
        Err(error) => Trouble::channel(visit, &error),
    }
}

/// What it means that the peer sent another message than the expected one.
pub(crate) fn unexpected(heard: &RawMessage, expected: &str) -> Trouble {
    match Message::from_number(heard.number) {
        // The peer's words are about itself: whoever reads them must know that they are not ours.
        Some(Message::Refused) => {
            let why = Refusal::decode(&heard.payload);
            Trouble::Refused(Cause::new(format!("the peer refused: {}", why.reason())))
        }
        Some(message) => Trouble::protocol(format!("the peer sent the message `{message}` (expected: {expected})")),
        None => Trouble::protocol(format!(
            "the peer sent a message with the unknown number {} (expected: {expected})",
            heard.number
        )),
    }
}
