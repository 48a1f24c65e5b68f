//! Sends the pages of one connection.

use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::broken::panicked;
use super::outbox::Outbox;
use super::queue::{Job, Queue};
use crate::channel::{Channel, ChannelError, Part, Wait};
use crate::memory::{Holes, PageRun};
use crate::transfer::batch::Batch;
use crate::transfer::flow::{Sent, hear_signs, push};
use crate::transfer::message::{misplaced, read_frame, send_keep_alive};
use crate::transfer::synchronise::synchronise;
use crate::wire::Frame;

/// A connection that has nothing to send gives a sign of life this often.
const SILENCE_MAX: Duration = Duration::from_secs(1);

/// Sends what is in `queue` until the memory has ended, or the connection is not wanted any more. The connection is
/// returned: to close it is the business of whoever knows why.
pub(super) fn carry(outbox: &Outbox, index: usize, queue: &Queue, channel: Channel) -> Channel {
    let mut carrier = Carrier { outbox, channel, holes: Holes::new(), last_sent: Instant::now(), counted: (0, 0) };
    (carrier.counted.0, carrier.counted.1) = (carrier.channel.bytes_sent(), carrier.channel.bytes_taken());
    let carried = catch_unwind(AssertUnwindSafe(|| carrier.carry(queue))).unwrap_or_else(panicked);
    match carried {
        Ok(()) => queue.ended(),
        Err(error) => outbox.broken.note(index, error),
    }
    outbox.news.ring();
    carrier.channel
}

struct Carrier<'o> {
    outbox: &'o Outbox,
    channel: Channel,
    holes: Holes,
    last_sent: Instant,
    /// The bytes that were counted, as sent and as taken in.
    counted: (u64, u64),
}

impl Carrier<'_> {
    fn carry(&mut self, queue: &Queue) -> Result<(), ChannelError> {
        let outbox = self.outbox;
        loop {
            let wait = &Wait::new(&outbox.over, outbox.silence());
            wait.check()?;
            let (job, is_awaited) = queue.next();
            if is_awaited || outbox.tells_each.load(Ordering::SeqCst) {
                outbox.news.ring();
            }
            match job {
                Some(Job::Pages { runs, look_pages_min }) => self.send(&runs, look_pages_min, wait)?,
                Some(Job::Question) => {
                    if let Some(heard) = synchronise(&mut self.channel, wait)? {
                        let text = format!("the destination sent message {} on a connection for pages", heard.number);
                        return Err(ChannelError::protocol(text));
                    }
                    queue.answered();
                }
                Some(Job::End) => {
                    let end = Frame::MemoryEnd.encode();
                    let sent = push(&mut self.channel, &mut [Part::from(&end[..])], wait)?;
                    self.count();
                    return self.all_sent(sent, wait);
                }
                None => self.rest(queue, wait)?,
            }
        }
    }

    fn send(&mut self, runs: &[PageRun], look_pages_min: u64, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let batch = Batch::of_all(&self.outbox.memory, runs, &mut self.holes, look_pages_min);
        let sent = batch.send(&mut self.channel, wait)?;
        self.count();
        self.all_sent(sent, wait)?;
        self.outbox.progress.add_pages(batch.normal_pages(), batch.zero_pages());
        Ok(())
    }

    /// Waits until there is something to send, and hears what the destination acknowledges meanwhile.
    fn rest(&mut self, queue: &Queue, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let moment = wait.for_at_most(None);
        let sockets = [(self.channel.as_fd(), PollFlags::IN), (queue.as_fd(), PollFlags::IN)];
        if moment.until_any_ready(&sockets, Instant::now(), Some(SILENCE_MAX))?.contains(&1) {
            queue.heard();
        }
        if !hear_signs(&mut self.channel, wait)? {
            return self.all_sent(Sent::PeerSpoke, wait);
        }
        if self.last_sent.elapsed() >= SILENCE_MAX {
            send_keep_alive(&mut self.channel, wait)?;
            self.last_sent = Instant::now();
        }
        self.count();
        Ok(())
    }

    /// Finds out what the destination said, or why it hung up, where it had nothing to say.
    fn all_sent(&mut self, sent: Sent, wait: &Wait<'_>) -> Result<(), ChannelError> {
        match sent {
            Sent::All | Sent::TimeUp => Ok(()),
            Sent::PeerSpoke => {
                let heard = read_frame(&mut self.channel, wait)?;
                Err(misplaced("the destination", &heard, "on a connection for pages"))
            }
        }
    }

    fn count(&mut self) {
        let (sent, taken) = (self.channel.bytes_sent(), self.channel.bytes_taken());
        if sent > self.counted.0 {
            self.last_sent = Instant::now();
        }
        self.outbox.sent.fetch_add(sent - self.counted.0, Ordering::Relaxed);
        self.outbox.taken.fetch_add(taken - self.counted.1, Ordering::Relaxed);
        self.counted = (sent, taken);
    }
}
