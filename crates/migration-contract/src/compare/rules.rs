//! The registry of rules: every kind of change that is told from others, with its name, its reason and what to do.
//!
//! A rule about behaviour claims what the walks have found: the first one in the registry that does gives the finding
//! its name, so every difference is told once, by the rule that says most about it. A rule about names or promises
//! lists what it finds in the two sides. A new rule is a file and a line in the list of its part. The name of a rule
//! never changes its meaning; one that is retired stays listed.
//!
//! What our tables cannot express has no rule: there is one kind of event and it carries a status and a reason, so no
//! kind of event comes or goes; the name of a status is what is sent, and the order of the names means nothing
//! to anybody; a command is told from another by its arguments as well, so an argument that is needed now is a command
//! that came and one that went; a reply comes before what the command makes the machine show, always; a machine shows
//! what it has sent last, so no change of status can go unsent; capabilities are off by default; nothing public is
//! unstable or undocumented. What two machines say to each other is no part of the public side.

mod commands;
pub(super) mod definition;
mod outputs;
mod policy;
pub(super) mod reasons;
mod vocabulary;

use super::walk::{Difference, Walk};
use definition::{Claim, Run};

pub use definition::{Levels, Rule};

/// The parts of the registry. Within a part, the order is that in which differences are claimed.
const PARTS: &[&[Rule]] = &[vocabulary::ALL, outputs::ALL, reasons::ALL, commands::ALL, policy::ALL];

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    PARTS.iter().copied().flatten()
}

/// The rule of this name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// The first rule that claims a difference, and what it says.
pub(super) fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<(&'static Rule, Claim)> {
    rules().find_map(|rule| match rule.run {
        Run::Claims(claim) => claim(walk, difference).map(|claim| (rule, claim)),
        Run::Reasons | Run::Lists(_) => None,
    })
}
