//! Where connections wait until they have said who they are.
//!
//! Anybody may connect to a listening port: a scanner, a wrong program, a source whose guest does not fit. None of them
//! may use up the destination, or keep the right source out, so each is heard on a thread of its own, a bounded number
//! at a time, and only the first fitting hello ends the wait. When one too many comes, the one that has been here
//! longest is shown out: a source says its hello at once, so whoever has stayed is the least likely to be one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::cause::Cause;
use crate::channel::{Channel, ChannelError, ChannelErrorKind, Interrupt, Listener, Raiser, Wait};
use crate::machine::Visit;
use crate::states::Message;
use crate::transfer::{receive_message, send_message};
use crate::trouble::Trouble;
use crate::wire::{Refusal, Welcome};

/// How many connections are heard at a time.
const VISITORS_MAX: usize = 16;

/// How long a connection may be silent before it has said its hello.
const HELLO_MAX: Duration = Duration::from_secs(5);

/// How long a connection that was sent away may take to hang up.
const FAREWELL: Duration = Duration::from_secs(1);

/// Answers the hello of a visitor. At most one is welcome.
pub(super) type Judge<'a> = &'a (dyn Fn(&[u8]) -> Result<Welcome, Refusal> + Sync);

/// What ends the wait.
type Outcome = Result<(Channel, Welcome), ChannelError>;

struct Lobby<'a> {
    listener: &'a Listener,
    judge: Judge<'a>,
    /// One for each connection that is being heard, in the order in which they came; raised when it is to leave.
    visitors: Mutex<VecDeque<Arc<Raiser>>>,
    outcome: Mutex<Option<Outcome>>,
    /// Raised when there is an outcome.
    settled: Raiser,
    /// Raised when nobody is to be heard any more.
    closed: Raiser,
}

/// Waits for a source that says a fitting hello, and returns its connection with the answer it is to get.
pub(super) fn receive(listener: &Listener, judge: Judge<'_>, visit: &Visit) -> Result<(Channel, Welcome), Trouble> {
    let raiser = || Raiser::new().map_err(|error| Trouble::Failed(Cause::new(format!("cannot listen: {error}"))));
    let lobby = Lobby {
        listener,
        judge,
        visitors: Mutex::default(),
        outcome: Mutex::new(None),
        settled: raiser()?,
        closed: raiser()?,
    };
    thread::scope(|scope| {
        scope.spawn(|| lobby.open(scope));
        let waited = lobby.wait(visit);
        lobby.close();
        waited
    })?;
    let outcome = lobby.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    match outcome {
        Some(outcome) => outcome.map_err(|error| Trouble::channel(visit, &error)),
        None => Err(Trouble::protocol("nobody said hello")),
    }
}

impl Lobby<'_> {
    /// Waits until there is an outcome, or the visit is over, or its time is up.
    fn wait(&self, visit: &Visit) -> Result<(), Trouble> {
        let limit = visit.timeout().map(|limit| Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: limit.subsec_nanos().into(),
        });
        let mut fds = vec![PollFd::new(&self.settled, PollFlags::IN)];
        fds.extend(visit.fd().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let ready = loop {
            match poll(&mut fds, limit.as_ref()) {
                Err(Errno::INTR) => {}
                ready => break ready,
            }
        };
        if let Some(over) = visit.over() {
            return Err(Trouble::Over(over));
        }
        match (ready, visit.timeout()) {
            (Ok(0), Some(limit)) => {
                let text = format!("no source connected for {} s", limit.as_secs_f64());
                Err(Trouble::TimedOut(Cause::new(text)))
            }
            (Ok(_), _) => Ok(()),
            (Err(error), _) => Err(Trouble::Failed(Cause::new(format!("cannot listen: {error}")))),
        }
    }

    /// Lets connections in until the lobby is closed.
    fn open<'scope, 'env>(&'scope self, scope: &'scope thread::Scope<'scope, 'env>) {
        loop {
            match self.listener.accept(&Wait::new(&self.closed, None)) {
                Ok(channel) => {
                    if let Some(leave) = self.admit(&channel) {
                        scope.spawn(move || {
                            self.hear(channel, &leave);
                            self.visitors().retain(|visitor| !Arc::ptr_eq(visitor, &leave));
                        });
                    }
                }
                Err(error) if error.kind() == ChannelErrorKind::Interrupted => return,
                Err(error) => return self.settle(Err(error)),
            }
        }
    }

    /// Makes room for a connection, and returns what is raised when it is to leave; none if it is not heard.
    fn admit(&self, channel: &Channel) -> Option<Arc<Raiser>> {
        let peer = channel.peer();
        let leave = match Raiser::new() {
            Ok(raiser) => Arc::new(raiser),
            Err(error) => {
                tracing::warn!(peer, %error, "a connection cannot be heard");
                return None;
            }
        };
        let mut visitors = self.visitors();
        // Closing raises all who are here, after this would be seen: nobody is overlooked.
        if self.closed.is_raised() {
            return None;
        }
        if visitors.len() >= VISITORS_MAX
            && let Some(oldest) = visitors.pop_front()
        {
            tracing::warn!(peer, "too many connections at once; the oldest makes room for this one");
            oldest.raise();
        }
        visitors.push_back(Arc::clone(&leave));
        Some(leave)
    }

    /// Shows everybody out, and lets nobody in any more.
    fn close(&self) {
        self.closed.raise();
        for visitor in self.visitors().iter() {
            visitor.raise();
        }
    }

    fn visitors(&self) -> MutexGuard<'_, VecDeque<Arc<Raiser>>> {
        self.visitors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears what a connection has to say, and sends it away unless it is the source that fits.
    fn hear(&self, mut channel: Channel, leave: &Raiser) {
        let heard = receive_message(&mut channel, &Wait::new(leave, HELLO_MAX));
        let welcome = match heard {
            Ok(heard) if Message::from_number(heard.number) == Some(Message::Hello) => (self.judge)(&heard.payload),
            Ok(heard) => Err(not_a_hello(heard.number)),
            Err(error) if error.kind() == ChannelErrorKind::Protocol => Err(Refusal::new(&error.to_line())),
            // Whoever showed it out has said so.
            Err(error) if error.kind() == ChannelErrorKind::Interrupted => return,
            Err(error) => {
                return tracing::warn!(peer = channel.peer(), error = error.to_line(), "a connection is no source");
            }
        };
        match welcome {
            Ok(welcome) => self.settle(Ok((channel, welcome))),
            Err(refusal) => send_away(channel, &refusal, leave),
        }
    }

    /// Ends the wait, unless it has ended; whoever comes later is sent away by the end of the connection.
    fn settle(&self, outcome: Outcome) {
        let mut settled = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        if settled.is_none() {
            *settled = Some(outcome);
            self.settled.raise();
        }
    }
}

/// Tells a connection why it is not wanted, and lets it hang up first, so that it can read that.
fn send_away(mut channel: Channel, refusal: &Refusal, leave: &Raiser) {
    tracing::warn!(peer = channel.peer(), reason = refusal.text(), "a connection was refused");
    let wait = Wait::new(leave, FAREWELL);
    let told = send_message(&mut channel, Message::Refused.number(), &refusal.encode(), &wait)
        .and_then(|()| channel.finish(&wait));
    if let Err(error) = told {
        tracing::debug!(%error, "the refused connection did not hang up");
    }
}

fn not_a_hello(number: u16) -> Refusal {
    let what = Message::from_number(number)
        .map_or_else(|| format!("a message with the unknown number {number}"), |message| format!("`{message}`"));
    Refusal::new(&format!("the peer sent {what} instead of `{}`", Message::Hello))
}
