//! Receives the pages of one connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use super::broken::panicked;
use super::inbox::Inbox;
use super::share::{connection_of, split};
use crate::channel::{Channel, ChannelError, Wait};
use crate::memory::PageRun;
use crate::transfer::message::{misplaced, read_frame, send_synced};
use crate::wire::Frame;

/// Receives pages until the connection has come to its end, or is not wanted any more. The connection is returned: to
/// close it is the business of whoever knows why.
pub(super) fn take(inbox: &Inbox, index: usize, mut channel: Channel) -> Channel {
    let taken = catch_unwind(AssertUnwindSafe(|| take_all(inbox, index, &mut channel))).unwrap_or_else(panicked);
    match taken {
        Ok(()) => drop(inbox.ended.fetch_add(1, Ordering::SeqCst)),
        Err(error) => inbox.broken.note(index, error),
    }
    inbox.news.ring();
    channel
}

fn take_all(inbox: &Inbox, index: usize, channel: &mut Channel) -> Result<(), ChannelError> {
    let (mut landing, whole) = (inbox.landing(), Wait::new(&inbox.over, inbox.silence));
    loop {
        // Each frame is bounded as a whole.
        let wait = &whole.as_a_whole(0);
        wait.check()?;
        landing.acknowledged.await_more(channel, wait)?;
        match read_frame(channel, wait)? {
            Frame::Pages(run) => {
                admit(run, index, inbox.count)?;
                landing.take_pages(run, channel, wait)?;
                inbox.moved.fetch_add(1, Ordering::Relaxed);
            }
            Frame::Zeroes(run) => {
                admit(run, index, inbox.count)?;
                landing.take_zeroes(run, channel, wait)?;
                inbox.moved.fetch_add(1, Ordering::Relaxed);
            }
            Frame::KeepAlive => {}
            Frame::Sync => {
                send_synced(channel, wait)?;
                landing.acknowledged.all(channel);
            }
            Frame::MemoryEnd => {
                landing.count(channel);
                return Ok(());
            }
            other @ (Frame::Message { .. }
            | Frame::State { .. }
            | Frame::StateEnd { .. }
            | Frame::StateRoundEnd { .. }
            | Frame::Farewell { .. }
            | Frame::RoundEnd { .. }
            | Frame::Taken { .. }
            | Frame::Synced
            | Frame::Request(_)
            | Frame::Missing { .. }
            | Frame::MissingEnd { .. }) => return Err(misplaced("the source", &other, "on a connection for pages")),
        }
    }
}

/// Makes sure that pages come by the connection that keeps their order.
fn admit(run: PageRun, index: usize, count: usize) -> Result<(), ChannelError> {
    if connection_of(run.address, count) == index && split(run).1.is_none() {
        return Ok(());
    }
    let text = format!("another connection carries {run}");
    Err(ChannelError::protocol(text))
}
