//! Walks as text: a line for each step, so that a walk can be read, written and reviewed without a tool.
//!
//! ```text
//! # Anything after a `#` at the beginning of a line is for people.
//! table: states.yaml
//! machine: source
//!
//! set pause_before_switchover
//! raise migrate -> accept; now connecting; publishes setup
//! report connected -> fired; now negotiating; sends hello
//! raise continue -> refuse; now negotiating; because the migration is not waiting before the switchover
//! late connected -> stale; now negotiating
//! report failed -> fired; now failing; publishes failing; reason error
//! ```

use std::fmt;
use std::str::FromStr;

use migration_table::interpret::Evidence;
use migration_table::model::Answer;

use super::{Action, Outcome, Said, Step, Verb, Walk};

/// A line that is not part of a walk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    why: String,
}

impl fmt::Display for Walk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "table: {}\nmachine: {}\n", self.table, self.machine)?;
        self.steps.iter().try_for_each(|step| writeln!(out, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            None => write!(out, "{}", self.action),
            Some(outcome) => write!(out, "{} -> {outcome}", self.action),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.verb.word(), self.name)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (said, reason) = match &self.said {
            Said::Answer(Answer::Accept) => ("accept", ""),
            Said::Answer(Answer::Ignore) => ("ignore", ""),
            Said::Answer(Answer::Handle) => ("handle", ""),
            Said::Answer(Answer::Refuse(reason)) => ("refuse", reason.as_str()),
            Said::Evidence(Evidence::Fired) => ("fired", ""),
            Said::Evidence(Evidence::Pending) => ("pending", ""),
            Said::Evidence(Evidence::Stale) => ("stale", ""),
        };
        write!(out, "{said}; now {}", self.state)?;
        if !self.publishes.is_empty() {
            write!(out, "; publishes {}", self.publishes.join(", "))?;
        }
        if !self.sends.is_empty() {
            write!(out, "; sends {}", self.sends.join(", "))?;
        }
        if let Some(given) = &self.reason {
            write!(out, "; reason {given}")?;
        }
        if reason.is_empty() { Ok(()) } else { write!(out, "; because {reason}") }
    }
}

impl FromStr for Walk {
    type Err = BadLine;

    fn from_str(text: &str) -> Result<Walk, BadLine> {
        let (mut table, mut machine, mut steps) = (None, None, Vec::new());
        let mut last = 0;
        for (index, line) in text.lines().enumerate() {
            last = index + 1;
            let bad = |why: String| BadLine { line: index + 1, why };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let header = line.split_once(": ").filter(|(key, _)| *key == "table" || *key == "machine");
            match header {
                Some(("table", value)) => table = Some(value.trim().to_owned()),
                Some((_, value)) => machine = Some(value.trim().to_owned()),
                None => steps.push(step(line).map_err(bad)?),
            }
        }
        let missing = |what: &str| BadLine { line: last, why: format!("a walk has a line `{what}: ...`") };
        let (table, machine) = (table.ok_or_else(|| missing("table"))?, machine.ok_or_else(|| missing("machine"))?);
        Ok(Walk { table, machine, steps })
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [verb, name] = words.as_slice() else {
            return Err(format!("`{text}` is not a verb and a name"));
        };
        let verbs = Verb::ALL.map(Verb::word);
        match Verb::ALL.into_iter().find(|known| known.word() == *verb) {
            Some(verb) => Ok(Action { verb, name: (*name).to_owned() }),
            None => Err(format!("`{verb}` is none of {}", verbs.map(|verb| format!("`{verb}`")).join(", "))),
        }
    }
}

fn step(line: &str) -> Result<Step, String> {
    let (action, outcome) = line.split_once("->").map_or((line, None), |(action, rest)| (action, Some(rest.trim())));
    let action: Action = action.trim().parse()?;
    let outcome = match (action.verb, outcome) {
        (Verb::Set | Verb::Clear, None) => None,
        (Verb::Set | Verb::Clear, Some(_)) => return Err("nothing comes of turning a guard".to_owned()),
        (Verb::Raise | Verb::Report | Verb::ReportLate, Some(text)) => Some(outcome_of(action.verb, text)?),
        (Verb::Raise | Verb::Report | Verb::ReportLate, None) => {
            return Err(format!("`{action}` says nothing of what comes of it: `-> ...`"));
        }
    };
    Ok(Step { action, outcome })
}

fn outcome_of(verb: Verb, text: &str) -> Result<Outcome, String> {
    let (text, reason) = text.split_once("; because ").map_or((text, ""), |(text, reason)| (text, reason));
    let mut parts = text.split(';').map(str::trim);
    let word = parts.next().unwrap_or_default();
    let said = match (verb, word) {
        (Verb::Raise, "accept") => Said::Answer(Answer::Accept),
        (Verb::Raise, "ignore") => Said::Answer(Answer::Ignore),
        (Verb::Raise, "handle") => Said::Answer(Answer::Handle),
        (Verb::Raise, "refuse") => Said::Answer(Answer::Refuse(reason.to_owned())),
        (Verb::Report | Verb::ReportLate, "fired") => Said::Evidence(Evidence::Fired),
        (Verb::Report | Verb::ReportLate, "pending") => Said::Evidence(Evidence::Pending),
        (Verb::Report | Verb::ReportLate, "stale") => Said::Evidence(Evidence::Stale),
        (_, word) => return Err(format!("`{word}` is nothing that is said to `{}`", verb.word())),
    };
    let mut outcome = Outcome { said, state: String::new(), publishes: Vec::new(), sends: Vec::new(), reason: None };
    let list = |names: &str| names.split(',').map(|name| name.trim().to_owned()).collect();
    for part in parts {
        match part.split_once(' ') {
            Some(("now", state)) => outcome.state = state.trim().to_owned(),
            Some(("publishes", names)) => outcome.publishes = list(names),
            Some(("sends", names)) => outcome.sends = list(names),
            Some(("reason", name)) => outcome.reason = Some(name.trim().to_owned()),
            Some(_) | None => {
                return Err(format!("`{part}` is none of `now`, `publishes`, `sends`, `reason`, `because`"));
            }
        }
    }
    if outcome.state.is_empty() {
        return Err("the line does not say where the machine is then: `now STATE`".to_owned());
    }
    Ok(outcome)
}
