//! The texts of a property: formulas and happenings.

use std::ops::Range;

use migration_table::model::Claim;

use crate::formula::{Formula, Scope};
use crate::happening::Happening;
use crate::names::Invalid;

/// A text of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phrase<'p> {
    /// A formula over all hosts.
    Formula(&'p str),
    /// A step of a host.
    Happening(&'p str),
    /// A marker that some machine has.
    Marker(&'p str),
}

/// Returns the texts of a claim.
pub(crate) fn phrases(claim: &Claim) -> Vec<Phrase<'_>> {
    use Phrase::{Formula, Happening, Marker};
    match claim {
        Claim::Never(formula) => vec![Formula(formula)],
        Claim::AtMostOne(marker) => vec![Marker(marker)],
        Claim::After { when, never, until } => {
            let until = until.iter().map(|until| Happening(until));
            [Happening(when), Happening(never)].into_iter().chain(until).collect()
        }
        Claim::Before { first, then } => vec![Happening(first), Happening(then)],
        Claim::LeadsTo { whenever, eventually, waiting } => {
            let waiting = waiting.iter().map(|waiting| Formula(waiting));
            [Happening(whenever), Formula(eventually)].into_iter().chain(waiting).collect()
        }
        Claim::Possible { from, formula } => {
            from.iter().map(|from| Happening(from)).chain([Formula(formula)]).collect()
        }
    }
}

impl<'p> Phrase<'p> {
    /// The text itself.
    pub(crate) fn text(self) -> &'p str {
        match self {
            Phrase::Formula(text) | Phrase::Happening(text) | Phrase::Marker(text) => text,
        }
    }

    /// Where the name that an error is about stands, in bytes.
    pub(crate) fn name_of(self, error: &Invalid) -> Option<Range<usize>> {
        let (machine, name) = match error {
            Invalid::Machine(name) | Invalid::Marker(name) | Invalid::Role { name, .. } => (None, name),
            Invalid::States { machine, name } | Invalid::Fact { machine, name } | Invalid::Status { machine, name } => {
                (Some(machine), name)
            }
            Invalid::Formula { .. } | Invalid::Releases(_) | Invalid::TooLarge(_) => return None,
        };
        let words = self.words();
        let is_of = |at: usize| {
            let before = &words[at.saturating_sub(2)..at];
            machine.is_none_or(|machine| before.iter().any(|(_, word)| word == machine))
        };
        let at = (0..words.len()).find(|at| words[*at].1 == name && is_of(*at))?;
        Some(words[at].0..words[at].0 + name.len())
    }

    /// The same with the machine and the verb before it.
    pub(crate) fn mention_of(self, error: &Invalid) -> Option<Range<usize>> {
        if matches!(self, Phrase::Happening(_)) {
            return Some(0..self.text().len());
        }
        let name = self.name_of(error)?;
        let before: Vec<(usize, &str)> = self.words().into_iter().take_while(|(at, _)| *at < name.start).collect();
        let first = match before.as_slice() {
            [.., (machine, _), (_, "shows")] => *machine,
            [.., (machine, _)] => *machine,
            [] => name.start,
        };
        Some(first..name.end)
    }

    /// The words of the text, each with its offset in bytes; the machine before a dot is one.
    fn words(self) -> Vec<(usize, &'p str)> {
        let (text, mut start, mut words) = (self.text(), 0, Vec::new());
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            if c.is_whitespace() || matches!(c, '.' | '(' | ')') {
                words.extend((at > start).then(|| (start, &text[start..at])));
                start = at + c.len_utf8();
            }
        }
        words
    }

    /// Looks the names of the text up.
    pub(crate) fn read(self, scope: &Scope<'_, '_>) -> Result<(), Invalid> {
        match self {
            Phrase::Formula(text) => Formula::parse(text, scope).map(drop),
            Phrase::Happening(text) => Happening::parse(text, scope).map(drop),
            Phrase::Marker(name) => {
                let mut hosts = 0..scope.hosts.len();
                let is_known = hosts.any(|host| scope.locals(host, name).is_ok());
                let unknown = || Invalid::Marker(name.to_owned());
                if is_known { Ok(()) } else { Err(unknown()) }
            }
        }
    }
}
