//! What was read of a recording.

use super::line::Origin;
use super::text::short;
use crate::observation::Observation;

/// Something that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// In which line of the recording, counted from 1.
    pub line: usize,
    /// Of which process; empty where nothing tells.
    pub process: String,
    /// When, in seconds, if the recording says it.
    pub time: Option<f64>,
    /// What it was.
    pub observation: Observation,
    /// Whether it is an event as `qmp-shell` shows it: when asked for, not when it came.
    pub is_late: bool,
    /// The same in a few words, as a subject: "event `MIGRATION` with status `active`".
    pub words: String,
}

/// A message that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct BadLine {
    /// In which line of the recording it begins, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// What was read of a line.
pub(super) type Out = Vec<Result<Seen, BadLine>>;

impl Seen {
    pub(super) fn at(origin: &Origin, process: &str, observation: Observation, words: String) -> Seen {
        let process = short(process);
        Seen { line: origin.line, process, time: origin.time, observation, is_late: false, words }
    }
}
