//! The queue of one client: unsent replies and events in one order, bounded.
//!
//! There are two bounds, because two parties fill it. Replies come from the client's own thread, which waits while too
//! many are unsent: a client that does not read stops being served. Events come from other threads, which must not wait
//! for a client: one that has too many unsent events is cut off.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Most replies that wait unsent.
pub const REPLIES_MAX: usize = 256;

/// Most events that wait unsent.
pub const EVENTS_MAX: usize = 1024;

/// The queue between the threads that have something for a client and the thread that writes to it.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    lines: VecDeque<Line>,
    replies: usize,
    hears: Hears,
    phase: Phase,
}

#[derive(Debug)]
enum Line {
    Reply(Vec<u8>),
    Event(Arc<[u8]>),
}

/// What the client gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hears {
    /// Replies. Events are dropped.
    #[default]
    Replies,
    /// Replies and events.
    Everything,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Nothing is taken any more; what waits is sent.
    Finished,
    /// Nothing is taken or sent any more.
    Cut,
}

/// The outbox takes nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untaken {
    /// The outbox takes nothing any more.
    Closed,
    /// Too many events are unsent, so the outbox is closed from now on.
    TooMany,
}

impl Outbox {
    /// Appends a reply, and waits while too many are unsent. From this reply on the client gets what `hears` says: a client
    /// that has read the reply misses no event.
    ///
    /// # Errors
    /// When the outbox is closed, before or while it waits.
    pub fn reply(&self, line: Vec<u8>, hears: Hears) -> Result<(), Closed> {
        let full = |queue: &mut Queue| queue.phase == Phase::Open && queue.replies >= REPLIES_MAX;
        let mut queue = self.changed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        if queue.phase != Phase::Open {
            return Err(Closed);
        }
        queue.replies += 1;
        queue.hears = hears;
        queue.lines.push_back(Line::Reply(line));
        self.changed.notify_all();
        Ok(())
    }

    /// Appends an event. Never waits.
    ///
    /// # Errors
    /// When the outbox is closed, or is closed now because too many events are unsent.
    pub fn event(&self, line: &Arc<[u8]>) -> Result<(), Untaken> {
        let mut queue = self.lock();
        if queue.phase == Phase::Open && queue.hears == Hears::Replies {
            return Ok(());
        }
        if queue.phase == Phase::Open && queue.lines.len() - queue.replies >= EVENTS_MAX {
            queue.phase = Phase::Cut;
            self.changed.notify_all();
            return Err(Untaken::TooMany);
        }
        if queue.phase != Phase::Open {
            return Err(Untaken::Closed);
        }
        queue.lines.push_back(Line::Event(Arc::clone(line)));
        self.changed.notify_all();
        Ok(())
    }

    /// Takes the next line for the thread that writes, and waits for one. Returns `None` when there will be no more.
    pub fn next(&self, write: &mut Vec<u8>) -> Option<()> {
        let idle = |queue: &mut Queue| queue.phase == Phase::Open && queue.lines.is_empty();
        let mut queue = self.changed.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
        if queue.phase == Phase::Cut {
            return None;
        }
        write.clear();
        match queue.lines.pop_front()? {
            Line::Reply(line) => {
                queue.replies -= 1;
                write.extend_from_slice(&line);
            }
            Line::Event(line) => write.extend_from_slice(&line),
        }
        self.changed.notify_all();
        Some(())
    }

    /// Closes the outbox. Lines in it are still sent.
    pub fn finish(&self) {
        self.close(Phase::Finished);
    }

    /// Closes the outbox, and drops the lines in it.
    pub fn cut(&self) {
        self.close(Phase::Cut);
    }

    fn close(&self, phase: Phase) {
        let mut queue = self.lock();
        if queue.phase != Phase::Cut {
            queue.phase = phase;
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_leave_in_order_until_it_is_finished() {
        let outbox = Outbox::default();
        outbox.event(&Arc::from(*b"0")).unwrap();
        outbox.reply(b"1".to_vec(), Hears::Everything).unwrap();
        outbox.event(&Arc::from(*b"2")).unwrap();
        outbox.finish();
        assert_eq!(outbox.reply(b"3".to_vec(), Hears::Everything), Err(Closed));
        let (mut line, mut all) = (Vec::new(), Vec::new());
        while outbox.next(&mut line).is_some() {
            all.extend_from_slice(&line);
        }
        assert_eq!(all, b"12");
    }

    #[test]
    fn too_many_unsent_events_cut_it_and_unsent_replies_do_not_count() {
        let outbox = Outbox::default();
        let event: Arc<[u8]> = Arc::from(*b"e");
        outbox.reply(b"r".to_vec(), Hears::Everything).unwrap();
        for _ in 0..EVENTS_MAX {
            outbox.event(&event).unwrap();
        }
        assert_eq!(outbox.event(&event), Err(Untaken::TooMany));
        assert_eq!(outbox.event(&event), Err(Untaken::Closed));
        assert_eq!(outbox.next(&mut Vec::new()), None);
    }

    #[test]
    fn a_reply_that_waits_for_room_is_released_when_it_is_cut() {
        let outbox = Outbox::default();
        for _ in 0..REPLIES_MAX {
            outbox.reply(b"r".to_vec(), Hears::Everything).unwrap();
        }
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| outbox.reply(b"r".to_vec(), Hears::Everything));
            outbox.cut();
            assert_eq!(waiting.join().unwrap(), Err(Closed));
        });
    }
}
