//! The name of a finding, by which it is approved: `event-new-successor: source: active -> device [when not x-colo]`.
//!
//! It says what the finding is and nothing about how it is worded: rule, machine, subject, and the settings under which
//! it can be seen if it depends on any. What differs in one of these is another finding and wants another approval.

use std::fmt;
use std::str::FromStr;

use super::report::Change;
use super::rules::definition::Run;
use super::rules::{rule, rules};
use crate::public::ALWAYS;
use migration_table::nearest;

/// The name of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The rule.
    pub rule: &'static str,
    /// The machine; none for a rule about the table.
    pub machine: Option<String>,
    /// What it is about.
    pub subject: String,
    /// The settings under which it can be seen, as [`Change::condition`] says them; none if always.
    pub when: Option<String>,
}

/// Why a text is no name of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(String);

impl fmt::Display for KeyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for KeyError {}

impl Change {
    /// The name of the finding.
    #[must_use]
    pub fn key(&self) -> Key {
        let when = (self.condition != ALWAYS).then(|| self.condition.clone());
        Key { rule: self.rule, machine: self.machine.clone(), subject: self.subject.clone(), when }
    }
}

impl Key {
    /// Returns the name that the finding had before its subject said what makes the difference; `None` if it had no other.
    /// Releases that were frozen then keep approvals by that name.
    #[must_use]
    pub fn former(&self) -> Option<Key> {
        let subject = self.subject.as_str();
        let former = match self.rule {
            "command-effect-changed" | "status-terminal-reopened" => subject.rsplit_once(" -> ")?.0,
            "error-class-changed" => subject.rsplit_once(": ")?.0,
            "configuration-changed" | "guarantee-weakened" | "observer-removed" => subject.split_once(": ")?.0,
            "reason-missing" | "reason-changed" => subject.rsplit_once(" after ")?.0,
            "wire-name-changed" => subject.split_once(" -> ").map_or(subject, |(before, _)| before).rsplit_once(' ')?.1,
            _ => return None,
        };
        Some(Key { subject: former.to_owned(), ..self.clone() })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.rule)?;
        if let Some(machine) = &self.machine {
            write!(out, "{machine}: ")?;
        }
        out.write_str(&self.subject)?;
        match &self.when {
            Some(when) => write!(out, " [when {when}]"),
            None => Ok(()),
        }
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Key, KeyError> {
        let shape = || KeyError(format!("`{text}` is not of the form `rule: machine: subject [when condition]`"));
        let (id, rest) = text.split_once(": ").ok_or_else(shape)?;
        let rule = rule(id).ok_or_else(|| unknown_rule(id))?;
        let (machine, rest) = match rule.run {
            Run::Claims(_) | Run::Reasons => {
                rest.split_once(": ").map(|(machine, rest)| (Some(machine), rest)).ok_or_else(shape)?
            }
            Run::Lists(_) => (None, rest),
        };
        let (subject, when) = match rest.strip_suffix(']').and_then(|rest| rest.split_once(" [when ")) {
            Some((subject, when)) => (subject, Some(when.to_string())),
            None => (rest, None),
        };
        if subject.is_empty() || when.as_deref().is_some_and(|when| when.is_empty() || when == ALWAYS) {
            return Err(shape());
        }
        Ok(Key { rule: rule.id, machine: machine.map(String::from), subject: subject.to_string(), when })
    }
}

fn unknown_rule(id: &str) -> KeyError {
    let near = nearest(id, rules().map(|rule| rule.id));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    KeyError(format!("there is no rule `{id}`{hint}"))
}
