//! Where connections wait until they have said who they are.
//!
//! Anybody may connect to a listening port: a scanner, a wrong program, a source whose guest does not fit. None of them
//! may use up the destination, or keep the right source waiting, so each is heard on a thread of its own, a bounded
//! number at a time, and only the first fitting hello ends the wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
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
use crate::wire::{Hello, Refusal, Welcome, negotiate};

/// How many connections are heard at a time; more are closed at once.
const VISITORS_MAX: usize = 16;

/// How long a connection may be silent before it has said its hello.
const HELLO_MAX: Duration = Duration::from_secs(5);

/// How long a source that was sent away may take to hang up.
const FAREWELL: Duration = Duration::from_secs(1);

/// What ends the wait.
type Outcome = Result<(Channel, Welcome), ChannelError>;

struct Lobby<'a> {
    listener: &'a Listener,
    hello: &'a Hello,
    visitors: AtomicUsize,
    outcome: Mutex<Option<Outcome>>,
    /// Raised when there is an outcome.
    settled: Raiser,
    /// Raised when nobody is to be heard any more.
    closed: Raiser,
}

/// Waits for a source that says a fitting hello, and returns its connection with the answer it is to get.
pub(super) fn receive(listener: &Listener, hello: &Hello, visit: &Visit) -> Result<(Channel, Welcome), Trouble> {
    let raiser = || Raiser::new().map_err(|error| Trouble::Failed(Cause::new(format!("cannot listen: {error}"))));
    let lobby = Lobby {
        listener,
        hello,
        visitors: AtomicUsize::new(0),
        outcome: Mutex::new(None),
        settled: raiser()?,
        closed: raiser()?,
    };
    thread::scope(|scope| {
        scope.spawn(|| lobby.open(scope));
        let waited = lobby.wait(visit);
        lobby.closed.raise();
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
        let fds = &mut [
            PollFd::from_borrowed_fd(visit.fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.settled.fd(), PollFlags::IN),
        ];
        let ready = loop {
            match poll(fds, limit.as_ref()) {
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
                Ok(channel) if self.visitors.fetch_add(1, Ordering::Relaxed) < VISITORS_MAX => {
                    scope.spawn(|| {
                        self.hear(channel);
                        self.visitors.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                Ok(channel) => {
                    self.visitors.fetch_sub(1, Ordering::Relaxed);
                    tracing::warn!(peer = channel.peer(), "too many connections at once; this one is closed");
                }
                Err(error) if error.kind() == ChannelErrorKind::Interrupted => return,
                Err(error) => return self.settle(Err(error)),
            }
        }
    }

    /// Hears what a connection has to say, and sends it away unless it is the source that fits.
    fn hear(&self, mut channel: Channel) {
        let peer = channel.peer().to_owned();
        let wait = Wait::new(&self.closed, HELLO_MAX);
        let heard = match receive_message(&mut channel, &wait) {
            Ok(heard) => heard,
            Err(error) => {
                return tracing::warn!(%peer, error = error.to_line(), "a connection is no source");
            }
        };
        if Message::from_number(heard.number) != Some(Message::Hello) {
            return tracing::warn!(%peer, number = heard.number, "a connection did not say hello");
        }
        match negotiate(self.hello, &heard.payload) {
            Ok(welcome) => self.settle(Ok((channel, welcome))),
            Err(refusal) => self.send_away(channel, &refusal),
        }
    }

    fn send_away(&self, mut channel: Channel, refusal: &Refusal) {
        tracing::warn!(peer = channel.peer(), reason = refusal.text(), "a source was refused");
        let wait = Wait::new(&self.closed, FAREWELL);
        let told = send_message(&mut channel, Message::Refused.number(), &refusal.encode(), &wait)
            .and_then(|()| channel.finish(&wait));
        if let Err(error) = told {
            tracing::debug!(%error, "the refused source did not hang up");
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
