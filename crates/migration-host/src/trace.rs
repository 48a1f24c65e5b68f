//! Every step of both machines, written to a file, so that a run can be replayed against the table's meaning.
//!
//! One JSON object a line. `step` is `raised` (a trigger, with its answer), `reported` (evidence) or `fired` (a
//! transition, by the line of the table it stands on). `guards` are the guards that held, as bits of the machine's
//! facts: the fixed ones for `raised`, the others for `fired`. `visit` is how many transitions had fired when the work
//! began that found the evidence: if more have since, the evidence is stale. A line is written before the next step can
//! happen.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use migration_runtime::machine::{Raised, Step};
use migration_runtime::states::Role;
use serde_json::{Value, json};

/// The trace file.
#[derive(Debug)]
pub struct Trace {
    file: Mutex<File>,
    began: Instant,
}

impl Trace {
    /// Begins a new file at `path`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: Mutex::new(File::create(path)?), began: Instant::now() })
    }

    /// Writes one step. A file that cannot be written does not stop a migration, but shows in the log.
    pub fn write<R: Role>(&self, step: &Step<'_, R>) {
        let Some(mut line) = object(step) else { return };
        line["machine"] = R::NAME.into();
        line["at-us"] = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX).into();
        let line = format!("{line}\n");
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!(%error, "cannot write the trace");
        }
    }
}

/// The step as an object, or `None` for one that is no part of a run of the table.
fn object<R: Role>(step: &Step<'_, R>) -> Option<Value> {
    Some(match step {
        Step::Raised { trigger, raised, guards } => {
            let (answer, because) = match raised {
                Raised::Accepted(_) => ("accept", None),
                Raised::Ignored => ("ignore", None),
                Raised::Handled => ("handle", None),
                Raised::Refused(refusal) => ("refuse", Some(refusal.to_string())),
            };
            json!({
                "step": "raised",
                "trigger": trigger.to_string(),
                "answer": answer,
                "because": because,
                "guards": guards.bits(),
            })
        }
        Step::Reported { event, visit, cause, stale } => json!({
            "step": "reported",
            "event": event.to_string(),
            "visit": visit,
            "cause": cause.map(ToString::to_string),
            "stale": stale,
        }),
        Step::Fired { from, transition, attempt, publishes, reason, guards } => json!({
            "step": "fired",
            "from": from.to_string(),
            "to": transition.to.to_string(),
            "line": transition.line,
            "publishes": publishes.map(|status| status.to_string()),
            "reason": reason.map(|reason| reason.to_string()),
            "attempt": attempt.number(),
            "guards": guards.bits(),
        }),
        Step::Unsent { .. } => return None,
    })
}
