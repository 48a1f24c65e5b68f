//! Where connections wait until they have said who they are.
//!
//! Anybody may connect to a listening port: a scanner, a wrong program, a source whose guest does not fit. None of them
//! may use up the destination, or keep the right source out. So one thread hears all of them side by side (a thread for
//! each could not always be made), and only a source that fits ends the wait. A visitor that says a fitting hello is
//! asked whether it is still there before it counts: one that leaves after its hello has used up nothing. One that never
//! stops talking is heard in turns with the others.
//!
//! The number of visitors is bounded. When one too many comes, one must leave: first those that were sent away already,
//! then the one that has been silent longest, for a source says its hello at once. A visitor that has begun a hello
//! leaves only after all silent ones, so a flood of connections that say nothing does not reach it.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use crate::channel::{ACCEPT_PAUSE, Accepted, Channel, ChannelError, Listener, Peek, Wait};
use crate::machine::Visit;
use crate::states::Message;
use crate::tls::TlsServer;
use crate::transfer::{Beginning, decode_beginning, send_message};
use crate::trouble::Trouble;
use crate::wire::{Frame, Refusal};

/// How many connections are heard at a time. Among a thousand new ones a second, a silent one has half a second to speak.
const VISITORS_MAX: usize = 512;

/// How many connections are let in before those that are here are heard again.
const ADMITTED_AT_ONCE: usize = 64;

/// How long a connection may take to say its hello, and again to answer that it is still there.
const HELLO_MAX: Duration = Duration::from_secs(5);

/// How long a connection that was sent away may take to hang up.
const FAREWELL: Duration = Duration::from_secs(1);

/// After so many pieces of what a visitor says, the others are heard again. A hello has two or three.
const PIECES_A_TURN: usize = 16;

/// Answers the first message of a visitor. The one that it was asked about last is the one that may come.
pub(super) type Judge<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Refusal>;

/// The first message of the visitor that is awaited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// Its number on the wire.
    pub(super) number: u16,
    /// What it is called in messages to people.
    pub(super) name: &'static str,
}

impl From<Message> for Expected {
    fn from(message: Message) -> Expected {
        Expected { number: message.number(), name: message.name() }
    }
}

struct Lobby<'a> {
    listener: &'a Listener,
    tls: Option<&'a TlsServer>,
    expected: Expected,
    judge: Judge<'a>,
    /// The connection whose end ends the wait.
    main: Option<&'a Channel>,
    visit: &'a Visit,
    /// In the order in which they came.
    visitors: Vec<Visitor>,
    /// The number of the next visitor.
    next: u64,
    /// The visitor whose hello was judged last.
    judged: Option<u64>,
    /// No connection is let in before.
    closed_until: Option<Instant>,
    crowded: bool,
}

/// A connection that is heard, or that is being sent away.
struct Visitor {
    number: u64,
    channel: Channel,
    heard: Vec<u8>,
    stage: Stage,
    until: Instant,
    /// Whether its turn ended before it was quiet. What is read ahead already does not make its socket ready.
    has_more: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Stage {
    /// It has not said its hello.
    Speaks,
    /// Its hello fits, and it was asked whether it is still there.
    Asked { hello: Vec<u8> },
    /// It was told why it is not wanted. It hangs up first, so that it can read that.
    Leaves,
}

/// What is known of a visitor after what it has said.
enum Verdict {
    Stays,
    Gone,
    Source,
}

/// Waits for a source whose first message is the expected one and fits, and returns its connection. The end of the
/// connection `main`, where it is given, ends the wait.
pub(super) fn receive(
    listener: &Listener,
    tls: Option<&TlsServer>,
    expected: Expected,
    judge: Judge<'_>,
    main: Option<&Channel>,
    visit: &Visit,
) -> Result<Channel, Trouble> {
    let (visitors, next, judged, closed_until) = (Vec::new(), 0, None, None);
    let mut lobby =
        Lobby { listener, tls, expected, judge, main, visit, visitors, next, judged, closed_until, crowded: false };
    let awaited = format!("a source that fits and says `{}`", expected.name);
    lobby.receive().map_err(|error| Trouble::channel(visit, &error.awaiting(&awaited)))
}

impl Lobby<'_> {
    fn receive(&mut self) -> Result<Channel, ChannelError> {
        let wait = Wait::within(self.visit, self.visit.began(), self.visit.timeout());
        loop {
            let mut somebody_waits = false;
            // From the last on, so that the places of the others stay.
            for place in self.wait(&wait)?.into_iter().rev() {
                if place == self.visitors.len() {
                    somebody_waits = true;
                    continue;
                }
                match self.hear(place) {
                    Verdict::Stays => {}
                    Verdict::Gone => drop(self.visitors.remove(place)),
                    Verdict::Source => return Ok(self.choose(place)),
                }
            }
            self.part_with_the_slow();
            self.closed_until = self.closed_until.filter(|until| *until > Instant::now());
            if somebody_waits {
                self.admit()?;
            }
        }
    }

    /// Tells the others that they are too late, and returns the connection of the source.
    fn choose(&mut self, place: usize) -> Channel {
        let source = self.visitors.remove(place);
        for mut visitor in self.visitors.drain(..) {
            if matches!(visitor.stage, Stage::Asked { .. }) {
                visitor.send_away(&Refusal::new("another source was chosen"), self.visit);
            }
        }
        source.channel
    }

    /// Waits until a visitor says something, somebody else comes, or the time of a visitor is up. Returns the places of
    /// the visitors that can be heard; the place after the last is that of the listener.
    fn wait(&self, wait: &Wait<'_>) -> Result<Vec<usize>, ChannelError> {
        let now = Instant::now();
        let more: Vec<usize> = (0..self.visitors.len()).filter(|place| self.visitors[*place].has_more).collect();
        let ends = self.visitors.iter().map(|visitor| visitor.until).chain(self.closed_until);
        let ends = ends.chain((!more.is_empty()).then_some(now));
        let at_most = ends.min().map(|end| end.saturating_duration_since(now));
        let mut sockets: Vec<_> =
            self.visitors.iter().map(|visitor| (visitor.channel.as_fd(), PollFlags::IN)).collect();
        if self.closed_until.is_none() {
            sockets.push((self.listener.as_fd(), PollFlags::IN));
        }
        let others = sockets.len();
        sockets.extend(self.main.map(|main| (main.as_fd(), PollFlags::RDHUP)));
        let mut ready = wait.until_any_ready(&sockets, now, at_most)?;
        if ready.last().is_some_and(|place| *place == others) {
            return Err(ChannelError::closed());
        }
        ready.extend(more);
        ready.sort_unstable();
        ready.dedup();
        Ok(ready)
    }

    /// Hangs up on visitors whose time is over.
    fn part_with_the_slow(&mut self) {
        let now = Instant::now();
        self.visitors.retain(|visitor| {
            let stays = visitor.until > now;
            if !stays && visitor.stage != Stage::Leaves {
                tracing::warn!(peer = visitor.channel.peer(), "a connection is no source: it does not speak");
            }
            stays
        });
    }

    /// Lets in connections that wait outside, but not more than those who are here can bear.
    fn admit(&mut self) -> Result<(), ChannelError> {
        for admitted in 0..ADMITTED_AT_ONCE {
            match self.listener.try_accept()? {
                Accepted::Peer(channel) => {
                    if self.visitors.len() >= VISITORS_MAX {
                        self.make_room();
                    }
                    let channel = match self.tls {
                        Some(tls) => channel.secure_as_server(tls)?,
                        None => channel,
                    };
                    let (number, until) = (self.next, Instant::now() + HELLO_MAX);
                    self.next += 1;
                    let (heard, stage, has_more) = (Vec::new(), Stage::Speaks, false);
                    self.visitors.push(Visitor { number, channel, heard, stage, until, has_more });
                }
                Accepted::Nobody => break,
                // The kernel says so before it looks whether anybody waits.
                Accepted::NotNow(_) if admitted > 0 => break,
                Accepted::NotNow(error) => {
                    // Whoever has spoken meanwhile is heard before the next one makes room.
                    if !self.make_room() {
                        tracing::warn!(error = error.to_line(), "a connection must wait");
                        self.closed_until = Some(Instant::now() + ACCEPT_PAUSE);
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    /// Hangs up on the visitor that is least likely to be the source; among equals, on the one that came first. Returns
    /// `false` if there is none.
    fn make_room(&mut self) -> bool {
        let rank = |visitor: &Visitor| match visitor.stage {
            Stage::Leaves => 0,
            Stage::Speaks if visitor.heard.is_empty() => 1,
            Stage::Speaks => 2,
            Stage::Asked { .. } => 3,
        };
        let Some((place, _)) = self.visitors.iter().enumerate().min_by_key(|(_, visitor)| rank(visitor)) else {
            return false;
        };
        if !self.crowded {
            let connections = self.visitors.len();
            tracing::warn!(connections, "too many connections at once; those that say nothing make room for others");
            self.crowded = true;
        }
        self.visitors.remove(place);
        true
    }

    /// Hears what a visitor has to say, and sends it away unless it is the source that fits.
    fn hear(&mut self, place: usize) -> Verdict {
        let visitor = &mut self.visitors[place];
        if visitor.stage == Stage::Leaves {
            return visitor.leave();
        }
        visitor.has_more = false;
        for _ in 0..PIECES_A_TURN {
            let beginning = match decode_beginning(&visitor.heard) {
                Ok(Beginning::Missing(count)) => match visitor.channel.read_now(&mut visitor.heard, count) {
                    Peek::Spoke => continue,
                    Peek::Quiet => return Verdict::Stays,
                    Peek::Closed => {
                        let why = visitor.channel.trouble().unwrap_or("it hung up");
                        tracing::warn!(peer = visitor.channel.peer(), why, "a connection is no source");
                        return Verdict::Gone;
                    }
                },
                Ok(beginning) => beginning,
                Err(error) => return visitor.send_away(&Refusal::new(&error.to_line()), self.visit),
            };
            visitor.heard.clear();
            let refusal = match (&visitor.stage, beginning) {
                (_, Beginning::Missing(_) | Beginning::Sign) => continue,
                (Stage::Speaks, Beginning::Message(message)) if message.number == self.expected.number => {
                    self.judged = Some(visitor.number);
                    match visitor.channel.authorise().and_then(|()| (self.judge)(&message.payload)) {
                        Ok(()) if visitor.ask(message.payload, self.visit) => continue,
                        Ok(()) => return Verdict::Gone,
                        Err(refusal) => refusal,
                    }
                }
                (Stage::Asked { .. }, Beginning::Answer) if self.judged == Some(visitor.number) => {
                    return Verdict::Source;
                }
                // Another was judged meanwhile: the guest may have made itself after what that one said.
                (Stage::Asked { hello }, Beginning::Answer) => match (self.judge)(hello) {
                    Ok(()) => return Verdict::Source,
                    Err(refusal) => refusal,
                },
                (_, Beginning::Message(message)) => unexpected(&visitor.stage, message.number, self.expected),
                (_, Beginning::Answer) => Refusal::new("the peer sent an answer, for which nobody asked"),
            };
            return visitor.send_away(&refusal, self.visit);
        }
        visitor.has_more = true;
        Verdict::Stays
    }
}

impl Visitor {
    /// Asks a visitor with a fitting hello whether it is still there. Returns `false` if it is not.
    fn ask(&mut self, hello: Vec<u8>, visit: &Visit) -> bool {
        self.stage = Stage::Asked { hello };
        self.until = Instant::now() + HELLO_MAX;
        self.channel.write_all(&Frame::Sync.encode(), &at_once(visit)).is_ok()
    }

    /// Tells a connection why it is not wanted.
    fn send_away(&mut self, refusal: &Refusal, visit: &Visit) -> Verdict {
        tracing::warn!(peer = self.channel.peer(), reason = refusal.text(), "a connection was refused");
        let (number, wait) = (Message::Refused.number(), at_once(visit));
        if send_message(&mut self.channel, number, &refusal.encode(), &wait).is_err() {
            return Verdict::Gone;
        }
        self.channel.end_writing();
        self.stage = Stage::Leaves;
        self.until = Instant::now() + FAREWELL;
        self.leave()
    }

    /// Drops what a connection that was sent away still says, until it hangs up.
    fn leave(&mut self) -> Verdict {
        self.has_more = false;
        for _ in 0..PIECES_A_TURN {
            self.heard.clear();
            match self.channel.read_now(&mut self.heard, usize::MAX) {
                Peek::Spoke => {}
                Peek::Quiet => return Verdict::Stays,
                Peek::Closed => return Verdict::Gone,
            }
        }
        self.has_more = true;
        Verdict::Stays
    }
}

/// What is said here is short: if the connection does not take it at once, nobody reads it.
fn at_once(visit: &Visit) -> Wait<'_> {
    Wait::new(visit, Duration::ZERO)
}

fn unexpected(stage: &Stage, number: u16, expected: Expected) -> Refusal {
    let what = Message::from_number(number)
        .map_or_else(|| format!("a message with the unknown number {number}"), |message| format!("`{message}`"));
    let expected = match stage {
        Stage::Speaks | Stage::Leaves => format!("`{}`", expected.name),
        Stage::Asked { .. } => "the answer to a question".to_owned(),
    };
    Refusal::new(&format!("the peer sent {what} instead of {expected}"))
}
