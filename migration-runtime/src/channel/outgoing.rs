//! What was sent over a connection, and what the peer says it has read of that.

use std::time::Instant;

/// Bytes that were sent, and those that the peer has taken in.
#[derive(Debug)]
pub(crate) struct Outgoing {
    sent: u64,
    taken: u64,
    /// When the peer last said anything, or when it got something to say something of.
    last_sign: Instant,
    /// When the peer last took something in, or when it got something to take in.
    last_taken: Instant,
    /// Questions that the peer has yet to answer, and the bytes that were sent before the last of them.
    questions: u32,
    sent_at_question: u64,
}

impl Outgoing {
    pub(super) fn new() -> Outgoing {
        let now = Instant::now();
        Outgoing { sent: 0, taken: 0, last_sign: now, last_taken: now, questions: 0, sent_at_question: 0 }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Returns how many bytes are on their way, as far as is known.
    pub(crate) fn outstanding(&self) -> u64 {
        self.sent.saturating_sub(self.taken)
    }

    /// Notes bytes that the connection has taken.
    pub(super) fn note_sent(&mut self, bytes: u64) {
        if self.outstanding() == 0 {
            // The peer had nothing to acknowledge until now.
            self.last_sign = Instant::now();
            self.last_taken = self.last_sign;
        }
        self.sent += bytes;
    }

    /// Notes that the peer said something.
    pub(super) fn note_sign(&mut self) {
        self.last_sign = Instant::now();
    }

    /// Notes how many bytes the peer says it has read.
    pub(crate) fn note_taken(&mut self, bytes: u64) {
        let bytes = bytes.min(self.sent);
        if bytes > self.taken {
            (self.taken, self.last_taken) = (bytes, Instant::now());
        }
    }

    /// Notes that the peer was asked whether everything has arrived.
    pub(crate) fn note_question(&mut self) {
        self.questions += 1;
        self.sent_at_question = self.sent;
    }

    /// Notes an answer, and returns how many are still to come; `None` if nobody asked.
    pub(crate) fn note_answer(&mut self) -> Option<u32> {
        self.questions = self.questions.checked_sub(1)?;
        if self.questions == 0 {
            self.note_taken(self.sent_at_question);
        }
        Some(self.questions)
    }

    /// Returns whether the peer owes an answer. Whoever asked may have left before it came.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.questions > 0
    }

    /// Returns since when the peer has been silent although it has something to acknowledge.
    pub(crate) fn silent_since(&self) -> Option<Instant> {
        (self.outstanding() > 0).then_some(self.last_sign)
    }

    /// Returns since when the peer has taken nothing in although there is something.
    pub(crate) fn stalled_since(&self) -> Option<Instant> {
        (self.outstanding() > 0).then_some(self.last_taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_cannot_take_in_what_was_not_sent() {
        let mut outgoing = Outgoing::new();
        outgoing.note_taken(5);
        assert_eq!((outgoing.taken(), outgoing.silent_since(), outgoing.stalled_since()), (0, None, None));
        outgoing.note_sent(3);
        assert!(outgoing.silent_since().is_some() && outgoing.stalled_since().is_some());
        outgoing.note_taken(u64::MAX);
        assert_eq!((outgoing.outstanding(), outgoing.stalled_since()), (0, None));
    }

    #[test]
    fn only_the_last_answer_says_that_everything_has_arrived() {
        let mut outgoing = Outgoing::new();
        assert_eq!(outgoing.note_answer(), None);
        outgoing.note_sent(10);
        outgoing.note_question();
        outgoing.note_sent(10);
        outgoing.note_question();
        outgoing.note_sent(10);
        assert_eq!((outgoing.note_answer(), outgoing.taken()), (Some(1), 0));
        assert_eq!((outgoing.note_answer(), outgoing.taken()), (Some(0), 20));
        assert!(!outgoing.awaits_answer());
    }
}
