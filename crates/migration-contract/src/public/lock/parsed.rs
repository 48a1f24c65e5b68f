//! The lines of a lock file, each read by itself.

use std::collections::BTreeMap;

use super::damage::{Damage, LockError, shown};
use super::facts::Fact;
use super::line::{Cases, Line};
use super::vocabulary;
use crate::public::model::Public;

/// What the lines say, one by one.
#[derive(Default)]
pub(super) struct Parsed {
    /// The vocabulary, without machines.
    pub(super) public: Public,
    pub(super) machines: Vec<ParsedMachine>,
}

/// The lines of a machine.
pub(super) struct ParsedMachine {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) cases: Vec<(usize, Cases)>,
    pub(super) facts: BTreeMap<Fact, (usize, Option<Cases>)>,
}

impl Parsed {
    pub(super) fn take(&mut self, number: usize, text: &str) -> Result<(), LockError> {
        let not_read = || {
            let message = format!("found {}, which says nothing: the file was changed by hand", shown(text));
            LockError::new(Damage::Edited, number, message)
        };
        let mut line = Line::new(text).ok_or_else(not_read)?;
        let keyword = line.bare().ok_or_else(not_read)?;
        let is_new = match (keyword.as_str(), self.machines.last_mut()) {
            ("machine", _) => line.name().map(|name| {
                let is_new = self.machines.iter().all(|machine| machine.name != name);
                self.machines.push(ParsedMachine { name, line: number, cases: Vec::new(), facts: BTreeMap::new() });
                is_new
            }),
            ("table", None) => line.name().map(|name| std::mem::replace(&mut self.public.table, name).is_empty()),
            (keyword, None) => vocabulary::take(&mut line, keyword, &mut self.public),
            // They are there for readers.
            ("after" | "reply" | "with", Some(_)) => return Ok(()),
            ("case", Some(machine)) => line.cases().map(|cases| {
                machine.cases.push((number, cases));
                true
            }),
            (keyword, Some(machine)) => line.fact(keyword).and_then(|fact| {
                let when = match line.keyword("when") {
                    Some(()) => Some(line.cases()?),
                    None => None,
                };
                Some(machine.facts.insert(fact, (number, when)).is_none())
            }),
        };
        match is_new {
            Some(true) if line.is_over() => Ok(()),
            Some(false) => {
                Err(LockError::new(Damage::Duplicate, number, format!("found {}, which was said before", shown(text))))
            }
            _ => Err(not_read()),
        }
    }
}
