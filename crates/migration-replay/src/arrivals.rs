//! When messages between processes can have arrived: not before some other process can have sent them, and not in a later
//! attempt than the one that they were sent to.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{IdSet, MessageId, Table};

/// How many times are kept for a message; the last ones are taken together.
const TIMES_MAX: usize = 64;

/// What is known of all processes: when each can have sent which message, and how far their clocks may be apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrivals {
    skew: f64,
    sent: BTreeMap<String, Vec<Vec<Time>>>,
    /// Processes that publish statuses, and so have always done.
    publish: BTreeSet<String>,
}

/// From when to when, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Time {
    from: f64,
    to: f64,
}

/// What one process has to do with messages.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    /// For each message when another process can have sent it, by any clock; `None` where anything may arrive at any time.
    expected: Option<Vec<Vec<Time>>>,
    /// For each message the machine that it is for.
    receivers: Vec<usize>,
    /// For each machine when it was idle last for certain.
    idle: Vec<f64>,
    /// For each message when the process can have sent it.
    sent: Vec<Vec<Time>>,
    /// Whether it publishes statuses.
    pub(super) publishes: bool,
    /// Whether some message could not have been sent yet when something was seen.
    pub(super) has_withheld: bool,
    /// When something was seen of it last.
    now: f64,
}

impl Arrivals {
    pub(super) fn of<'p>(processes: impl Iterator<Item = (&'p str, &'p Mail)>, skew: f64) -> Arrivals {
        let mut arrivals = Arrivals { skew, ..Arrivals::default() };
        for (name, mail) in processes {
            arrivals.sent.insert(name.to_owned(), mail.sent.clone());
            if mail.publishes {
                arrivals.publish.insert(name.to_owned());
            }
        }
        arrivals
    }

    /// For each message when it can have been sent to a process, by the clock of that process.
    fn to(&self, process: &str, messages: usize) -> Vec<Vec<Time>> {
        let of_message = |message: usize| {
            let others = self.sent.iter().filter(|(name, _)| *name != process);
            let sent = others.filter_map(|(_, sent)| sent.get(message)).flatten();
            sent.map(|time| Time { from: time.from - self.skew, to: time.to + self.skew }).collect()
        };
        (0..messages).map(of_message).collect()
    }
}

impl Mail {
    pub(super) fn of(table: &Table, process: &str, arrivals: Option<&Arrivals>) -> Mail {
        let messages = table.messages.len();
        let receiver = |name: &str| table.machines.iter().position(|machine| machine.name == name).unwrap_or_default();
        Mail {
            expected: arrivals.map(|arrivals| arrivals.to(process, messages)),
            receivers: table.messages.iter().map(|message| receiver(&message.to)).collect(),
            idle: vec![f64::NEG_INFINITY; table.machines.len()],
            sent: vec![Vec::new(); messages],
            publishes: arrivals.is_some_and(|arrivals| arrivals.publish.contains(process)),
            has_withheld: false,
            now: f64::NEG_INFINITY,
        }
    }

    /// Whether it matters when something is seen.
    pub(super) fn is_judged(&self) -> bool {
        self.expected.is_some()
    }

    /// The time at which something is seen; if nothing tells it, that of what was seen before.
    pub(super) fn time(&self, time: Option<f64>) -> f64 {
        time.map_or(self.now, |time| time.max(self.now))
    }

    /// The messages that can have arrived by this time; `None` if any can.
    pub(super) fn arrived(&mut self, time: f64) -> Option<IdSet<MessageId>> {
        let expected = self.expected.as_ref().filter(|_| time.is_finite())?;
        let can_be = |(MessageId(number), sent): &(MessageId, &Vec<Time>)| {
            let idle = self.idle[self.receivers[usize::from(*number)]];
            sent.iter().any(|sent| sent.from <= time && sent.to >= idle)
        };
        // No set has more.
        let numbered = (0..).map(MessageId).zip(expected).take(64);
        let is_unsent = |(_, sent): (MessageId, &Vec<Time>)| !sent.iter().any(|sent| sent.from <= time);
        self.has_withheld |= numbered.clone().any(is_unsent);
        Some(numbered.filter(can_be).map(|(id, _)| id).collect())
    }

    /// The process may send these messages between what was seen last and this time.
    pub(super) fn may_send(&mut self, messages: IdSet<MessageId>, until: f64) {
        for message in messages {
            let Some(times) = self.sent.get_mut(message.index()) else { continue };
            let is_full = times.len() == TIMES_MAX;
            match times.last_mut() {
                Some(last) if last.to >= self.now || is_full => last.to = last.to.max(until),
                Some(_) | None => times.push(Time { from: self.now, to: until }),
            }
        }
    }

    /// A machine is idle for certain.
    pub(super) fn is_idle(&mut self, machine: usize) {
        self.idle[machine] = self.now;
    }

    /// Something was seen at this time.
    pub(super) fn seen(&mut self, time: f64) {
        self.now = time;
    }
}
