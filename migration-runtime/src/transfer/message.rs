//! Single frames: control messages and signs of life.

use crate::channel::{Channel, ChannelError, Part, Wait};
use crate::wire::{Frame, HEADER_BYTES, MESSAGE_BYTES_MAX, Payload, Refusal, check_magic};

/// A control message as it is on the wire: the table knows what its number means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawMessage {
    /// The number that the table gives the message.
    pub number: u16,
    /// What the message carries, at most 64 KiB. The checksum was right.
    pub payload: Vec<u8>,
}

/// The beginning of a conversation, as far as it was heard.
pub(crate) enum Beginning {
    /// At least this many bytes are missing.
    Missing(usize),
    /// A sign of life, which says nothing else.
    Sign,
    /// The answer to a question.
    Answer,
    /// The first message.
    Message(RawMessage),
}

/// Looks for a message at the beginning of what was heard.
///
/// # Errors
/// When it does not begin with one.
pub(crate) fn decode_beginning(heard: &[u8]) -> Result<Beginning, ChannelError> {
    if let Some(magic) = heard.first_chunk() {
        check_magic(*magic)?;
    }
    let Some((header, rest)) = heard.split_first_chunk::<HEADER_BYTES>() else {
        return Ok(Beginning::Missing(HEADER_BYTES - heard.len()));
    };
    match Frame::decode(header)? {
        Frame::Message { number, payload } => match (payload.bytes as usize).checked_sub(rest.len()) {
            Some(missing) if missing > 0 => Ok(Beginning::Missing(missing)),
            Some(_) | None => {
                payload.check(rest)?;
                Ok(Beginning::Message(RawMessage { number, payload: rest.to_vec() }))
            }
        },
        Frame::KeepAlive => Ok(Beginning::Sign),
        Frame::Synced => Ok(Beginning::Answer),
        other @ (Frame::Pages(_)
        | Frame::Zeroes(_)
        | Frame::State { .. }
        | Frame::StateEnd { .. }
        | Frame::StateRoundEnd { .. }
        | Frame::Taken { .. }
        | Frame::Farewell { .. }
        | Frame::RoundEnd { .. }
        | Frame::MemoryEnd
        | Frame::Sync
        | Frame::Request(_)
        | Frame::Missing { .. }
        | Frame::MissingEnd { .. }) => Err(misplaced("the peer", &other, "instead of a message")),
    }
}

/// Sends a control message.
///
/// # Errors
/// When the wait is interrupted or takes too long, or the connection breaks.
///
/// # Panics
/// When the payload is longer than [`MESSAGE_BYTES_MAX`].
pub fn send_message(channel: &mut Channel, number: u16, payload: &[u8], wait: &Wait<'_>) -> Result<(), ChannelError> {
    assert!(payload.len() <= MESSAGE_BYTES_MAX as usize, "a message is bounded");
    let header = Frame::Message { number, payload: Payload::of(payload) };
    let header = header.encode();
    let parts = &mut [Part::from(&header[..]), Part::from(payload)];
    channel.write_parts(parts, wait)
}

/// Tells the peer that this side lives, though it has nothing to say.
///
/// # Errors
/// When the wait is interrupted or takes too long, or the connection breaks.
pub fn send_keep_alive(channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
    channel.write_all(&Frame::KeepAlive.encode(), wait)
}

/// Waits for a control message where nothing else but signs of life may come. A question whether this side is still
/// there is answered.
///
/// # Errors
/// When the wait is interrupted or takes too long, the connection ends, or the peer sends something else.
pub fn receive_message(channel: &mut Channel, wait: &Wait<'_>) -> Result<RawMessage, ChannelError> {
    let wait = &wait.as_a_whole(0);
    loop {
        wait.check()?;
        match read_frame(channel, wait)? {
            Frame::Message { number, payload } => {
                return read_message(channel, number, payload, wait);
            }
            Frame::KeepAlive => {}
            Frame::Taken { bytes } => channel.outgoing().note_taken(bytes),
            Frame::Synced if channel.outgoing().note_answer().is_some() => {}
            Frame::Sync => send_synced(channel, wait)?,
            other @ (Frame::Pages(_)
            | Frame::Zeroes(_)
            | Frame::State { .. }
            | Frame::StateEnd { .. }
            | Frame::StateRoundEnd { .. }
            | Frame::Farewell { .. }
            | Frame::RoundEnd { .. }
            | Frame::MemoryEnd
            | Frame::Synced
            | Frame::Request(_)
            | Frame::Missing { .. }
            | Frame::MissingEnd { .. }) => return Err(misplaced("the peer", &other, "instead of a message")),
        }
    }
}

/// Answers the question of [`synchronise`](super::synchronise()).
pub(super) fn send_synced(channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
    channel.write_all(&Frame::Synced.encode(), wait)
}

/// Reads the header of the next frame, and tells a peer that speaks something else by its first bytes. A farewell is the
/// end of the connection, with a reason.
pub(crate) fn read_frame(channel: &mut Channel, wait: &Wait<'_>) -> Result<Frame, ChannelError> {
    let mut header = [0; HEADER_BYTES];
    let (magic, rest) = header.split_at_mut(4);
    channel.read_exact(magic, wait)?;
    check_magic([magic[0], magic[1], magic[2], magic[3]])?;
    channel.read_exact(rest, wait)?;
    let frame = Frame::decode(&header)?;
    if let Frame::Farewell { payload } = frame {
        let mut words = Vec::new();
        append_payload(channel, payload, &mut words, wait)?;
        return Err(ChannelError::farewell(Refusal::decode(&words).text()));
    }
    Ok(frame)
}

/// Says why this side ends the attempt, if the connection takes that at once.
///
/// # Errors
/// When the connection is broken, or was left in the middle of a frame.
pub fn send_farewell(channel: &mut Channel, why: &str) -> Result<(), ChannelError> {
    let words = Refusal::new(why).encode();
    let header = Frame::Farewell { payload: Payload::of(&words) }.encode();
    let mut parts = [Part::from(&header[..]), Part::from(&words[..])];
    channel.begin_write()?;
    channel.try_write(&mut &mut parts[..]).map(|_| ())
}

/// Reads what follows the header of a control message.
pub(super) fn read_message(
    channel: &mut Channel,
    number: u16,
    payload: Payload,
    wait: &Wait<'_>,
) -> Result<RawMessage, ChannelError> {
    let mut bytes = Vec::new();
    append_payload(channel, payload, &mut bytes, wait)?;
    Ok(RawMessage { number, payload: bytes })
}

/// Appends the payload that follows a header. Its length was bounded when the header was read.
pub(crate) fn append_payload(
    channel: &mut Channel,
    payload: Payload,
    into: &mut Vec<u8>,
    wait: &Wait<'_>,
) -> Result<(), ChannelError> {
    let start = into.len();
    into.resize(start + payload.bytes as usize, 0);
    channel.read_exact(&mut into[start..], wait)?;
    payload.check(&into[start..])?;
    Ok(())
}

/// The error of a frame that may not come here: `who` sent it, and `how` says where, or instead of what.
pub(crate) fn misplaced(who: &str, frame: &Frame, how: &str) -> ChannelError {
    ChannelError::protocol(format!("{who} sent {} {how}", noun(frame)))
}

/// What a frame is, for people.
pub(crate) fn noun(frame: &Frame) -> &'static str {
    match frame {
        Frame::Message { .. } => "a message",
        Frame::Pages(_) | Frame::Zeroes(_) => "pages",
        Frame::State { .. } | Frame::StateEnd { .. } | Frame::StateRoundEnd { .. } => "device state",
        Frame::RoundEnd { .. } => "the end of a round",
        Frame::MemoryEnd => "the end of the memory",
        Frame::KeepAlive => "a sign of life",
        Frame::Sync => "a question",
        Frame::Synced => "an answer",
        Frame::Taken { .. } => "an acknowledgement",
        Frame::Request(_) => "a request for pages",
        Frame::Missing { .. } | Frame::MissingEnd { .. } => "a bitmap of missing pages",
        Frame::Farewell { .. } => "a farewell",
    }
}
