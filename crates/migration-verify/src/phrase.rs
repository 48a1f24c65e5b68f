//! The texts of a property: formulas and happenings.

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

impl Phrase<'_> {
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
