//! A run that shows why a property fails, as data that a person or a program can read.

mod sequence;
mod tell;
mod text;

use serde::{Deserialize, Serialize};

/// A run of a composition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterexample {
    /// The hosts, in the order of the columns.
    pub hosts: Vec<String>,
    /// The machine of each host.
    pub machines: Vec<String>,
    /// By host, the table that its machine is of, where that is another one; empty where all are of one table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Option<String>>,
    /// The steps, in order.
    pub steps: Vec<Told>,
    /// The step from which everything repeats for ever, counted from 0; `None` where the run ends.
    pub repeats_from: Option<usize>,
    /// What is wrong at its end.
    pub because: String,
    /// Each host at the end: its state and what it waits for.
    pub at_the_end: Vec<AtTheEnd>,
    /// For each host the statuses that its clients were shown, in order.
    pub clients_saw: Vec<Vec<String>>,
}

/// A host at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtTheEnd {
    /// Its state.
    pub state: String,
    /// What could make it leave the state.
    pub waits_for: Vec<String>,
    /// Markers that are set.
    pub markers: Vec<String>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The host that acts, counted from 0; `None` where the network does.
    pub host: Option<usize>,
    /// What happens.
    pub what: What,
    /// The state of each host afterwards, by name.
    pub states: Vec<String>,
    /// What is on its way and what arrives.
    pub messages: Vec<Passing>,
    /// The rows that fire, in order.
    pub rows: Vec<FiredRow>,
    /// The statuses that clients of the host are told.
    pub publishes: Vec<String>,
    /// The markers of each host afterwards.
    pub markers: Vec<Vec<String>>,
}

/// A row that fires in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiredRow {
    /// Its line in the table.
    pub line: usize,
    /// The state that it leaves.
    pub from: String,
    /// Its formula.
    pub when: String,
    /// The case of the formula that it is, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The state that it enters.
    pub to: String,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A user raises a trigger, with the fixed guards that hold from then on where it begins an attempt.
    Raise {
        /// The trigger.
        trigger: String,
        /// Guards that hold.
        guards: Vec<String>,
    },
    /// The work reports an event, or something outside does, with the fixed guards that hold from then on where it
    /// begins an attempt.
    Report {
        /// The event.
        event: String,
        /// Guards that hold.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        guards: Vec<String>,
    },
    /// A message arrives.
    Receive {
        /// The message.
        message: String,
    },
    /// An operator does something.
    Act {
        /// What it is called.
        act: String,
    },
    /// The connection to the host that accepted it breaks in one direction.
    Cut,
    /// The network loses, doubles or swaps a message.
    Disturb {
        /// What it does.
        how: String,
    },
    /// The host dies.
    Kill,
    /// The host is started again.
    Restart,
}

/// A message in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passing {
    /// The message.
    pub message: String,
    /// The host that sent it, counted from 0.
    pub from: usize,
    /// The host that it is for, counted from 0.
    pub to: usize,
    /// What becomes of it in this step.
    pub fate: Fate,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is sent, and on its way.
    Sent,
    /// It arrives.
    Arrives,
    /// It is read and has no effect, since the state does not await it.
    PassedOver,
    /// It is lost.
    Lost,
}
