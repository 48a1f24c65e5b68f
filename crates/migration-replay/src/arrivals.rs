//! When messages between processes can have arrived: not before some other process can have sent them.

use std::collections::BTreeMap;

use migration_table::model::{IdSet, MessageId, Table};

/// For each process, when it can have sent each message at the earliest, in seconds; and how far clocks may be apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrivals {
    skew: f64,
    sent: BTreeMap<String, Vec<f64>>,
}

/// What one process has to do with messages.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    /// When each message can have been sent to it at the earliest, with the skew taken off; `None` where anything may
    /// arrive at any time.
    expected: Option<Vec<f64>>,
    /// When it can have sent each message itself at the earliest.
    sent: Vec<f64>,
    /// When something was seen of it last.
    now: f64,
}

impl Arrivals {
    pub(super) fn of<'p>(processes: impl Iterator<Item = (&'p str, &'p Mail)>, skew: f64) -> Arrivals {
        Arrivals { skew, sent: processes.map(|(name, mail)| (name.to_owned(), mail.sent.clone())).collect() }
    }

    /// When each message can arrive at a process at the earliest, by the clock of that process.
    fn at(&self, process: &str, messages: usize) -> Vec<f64> {
        let earliest = |message: usize| {
            let others = self.sent.iter().filter(|(name, _)| *name != process);
            let sent = others.filter_map(|(_, sent)| sent.get(message).copied());
            sent.fold(f64::INFINITY, f64::min) - self.skew
        };
        (0..messages).map(earliest).collect()
    }
}

impl Mail {
    pub(super) fn of(table: &Table, process: &str, arrivals: Option<&Arrivals>) -> Mail {
        let messages = table.messages.len();
        let expected = arrivals.map(|arrivals| arrivals.at(process, messages));
        Mail { expected, sent: vec![f64::INFINITY; messages], now: f64::NEG_INFINITY }
    }

    /// The time at which something is seen; if nothing tells it, that of what was seen before.
    pub(super) fn time(&self, time: Option<f64>) -> f64 {
        time.map_or(self.now, |time| time.max(self.now))
    }

    /// The messages that can have arrived by this time; `None` if any can.
    pub(super) fn arrived(&self, time: f64) -> Option<IdSet<MessageId>> {
        let expected = self.expected.as_ref().filter(|_| time.is_finite())?;
        // No set has more.
        Some((0..).map(MessageId).zip(expected).take(64).filter(|(_, at)| **at <= time).map(|(id, _)| id).collect())
    }

    /// The process may send these messages from what was seen last on.
    pub(super) fn may_send(&mut self, messages: IdSet<MessageId>) {
        for message in messages {
            if let Some(sent) = self.sent.get_mut(message.index()) {
                *sent = sent.min(self.now);
            }
        }
    }

    /// Something was seen at this time.
    pub(super) fn seen(&mut self, time: f64) {
        self.now = time;
    }
}
