//! What a source writes while its peer may speak at any time: acknowledgements are taken in, anything else is left to the
//! caller.
//!
//! A socket takes megabytes that the peer may never read, so bytes that the socket has taken are no sign of life. The
//! receiver says how much it has read, and the time since it last said anything counts while it has something to say it
//! of.

use std::time::{Duration, Instant};

use super::message::read_frame;
use crate::channel::{Channel, ChannelError, ChannelErrorKind, Part, Peek, Wait, Written};
use crate::wire::{Frame, HEADER_BYTES, check_magic};

/// A receiver that has read something says so after this long.
const ACKNOWLEDGE_AFTER: Duration = Duration::from_millis(100);

/// A receiver for which nothing comes says what it has read after this long.
const ACKNOWLEDGE_IDLE: Duration = Duration::from_millis(20);

/// How sending ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Sent {
    /// Everything was sent.
    All,
    /// The peer spoke or closed the connection before everything was sent. Read what it says, and send nothing more: a
    /// frame may have been cut off.
    PeerSpoke,
    /// The time was up before everything was sent.
    TimeUp,
}

/// Sends `parts`, unless the peer says something.
pub(crate) fn push(channel: &mut Channel, parts: &mut [Part<'_>], wait: &Wait<'_>) -> Result<Sent, ChannelError> {
    channel.begin_write()?;
    let mut parts = parts;
    let pushed = push_all(channel, &mut parts, &wait.as_a_whole(0));
    if pushed.is_err() {
        channel.keep_rest(parts);
    }
    pushed
}

fn push_all(channel: &mut Channel, parts: &mut &mut [Part<'_>], wait: &Wait<'_>) -> Result<Sent, ChannelError> {
    loop {
        if !hear_signs(channel, wait)? {
            return Ok(Sent::PeerSpoke);
        }
        match channel.try_write(parts) {
            Ok(Written::All) => return Ok(Sent::All),
            Ok(Written::Blocked) => match channel.wait_for_room(wait) {
                // Whether the peer was silent for too long is decided after all that it said was heard.
                Err(error) if error.kind() == ChannelErrorKind::TimedOut => {}
                waited => waited?,
            },
            // What a peer says before it hangs up explains why it did.
            Err(_) if channel.peek() != Peek::Quiet => return Ok(Sent::PeerSpoke),
            Err(error) => return Err(error),
        }
    }
}

/// Takes in signs of life and acknowledgements. Returns `false` if the peer said something else or hung up.
pub(crate) fn hear_signs(channel: &mut Channel, wait: &Wait<'_>) -> Result<bool, ChannelError> {
    loop {
        // A peer that never stops to talk does not hold this up.
        wait.check()?;
        match channel.peek() {
            Peek::Closed => return Ok(false),
            Peek::Spoke if !next_is_sign(channel, wait)? => return Ok(false),
            Peek::Spoke => {
                let frame = read_frame(channel, wait)?;
                if let Frame::Taken { bytes } = frame {
                    channel.outgoing().note_taken(bytes);
                } else if frame == Frame::Synced {
                    channel.outgoing().note_answer();
                }
            }
            Peek::Quiet => break,
        }
    }
    let silence = channel.outgoing().silent_since().map(|since| since.elapsed());
    match (silence, wait.silence_max()) {
        (Some(silence), Some(limit)) if silence >= limit => {
            return Err(ChannelError::timed_out("the peer took nothing in", limit));
        }
        (Some(_) | None, _) => {}
    }
    let stalled = channel.outgoing().stalled_since().map(|since| since.elapsed());
    match (stalled, wait.patience()) {
        (Some(stalled), Some(limit)) if stalled >= limit => {
            Err(ChannelError::stalled("the peer took nothing in", limit))
        }
        (Some(_) | None, _) => Ok(true),
    }
}

/// Returns whether the next frame says no more than that the peer lives. It is not read yet.
fn next_is_sign(channel: &mut Channel, wait: &Wait<'_>) -> Result<bool, ChannelError> {
    let Ok(header) = channel.ahead(HEADER_BYTES, wait) else {
        // The connection ends within a frame: whoever reads it finds that out.
        return wait.check().map(|()| false);
    };
    let header: [u8; HEADER_BYTES] = header.try_into().expect("as many bytes as were asked for");
    let magic = check_magic([header[0], header[1], header[2], header[3]]);
    let frame = magic.and_then(|()| Frame::decode(&header));
    let late_answer = channel.outgoing().awaits_answer() && matches!(frame, Ok(Frame::Synced));
    Ok(late_answer || matches!(frame, Ok(Frame::Taken { .. } | Frame::KeepAlive)))
}

/// The bytes that a receiver has acknowledged, and when.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    bytes: u64,
    at: Instant,
}

impl Acknowledged {
    pub(crate) fn new() -> Acknowledged {
        Acknowledged { bytes: 0, at: Instant::now() }
    }

    /// Waits for the next bytes, and acknowledges what was read if it is time to, or if none come for a moment.
    pub(crate) fn await_more(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if self.at.elapsed() >= ACKNOWLEDGE_AFTER {
            self.send(channel, wait)?;
        }
        if self.bytes < channel.bytes_received() && channel.peek() == Peek::Quiet {
            let moment = wait.for_at_most(ACKNOWLEDGE_IDLE);
            if channel.pause(&moment)? == Peek::Quiet {
                self.send(channel, wait)?;
            }
        }
        Ok(())
    }

    /// After a read that would have had to wait: acknowledges what was read if nothing comes for a moment.
    pub(crate) fn await_readable(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if self.bytes < channel.bytes_received() && !channel.await_readable(&wait.for_at_most(ACKNOWLEDGE_IDLE))? {
            self.send(channel, wait)?;
        }
        Ok(())
    }

    /// Notes that everything that was read is acknowledged by other words.
    pub(crate) fn all(&mut self, channel: &Channel) {
        (self.bytes, self.at) = (channel.bytes_received(), Instant::now());
    }

    /// Shows that this side is busy, however long it has been at it.
    pub(crate) fn show_life(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if self.at.elapsed() >= ACKNOWLEDGE_AFTER { self.send(channel, wait) } else { Ok(()) }
    }

    fn send(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let bytes = channel.bytes_received();
        channel.write_all(&Frame::Taken { bytes }.encode(), wait)?;
        (self.bytes, self.at) = (bytes, Instant::now());
        Ok(())
    }
}
