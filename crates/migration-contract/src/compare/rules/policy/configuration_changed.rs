//! `configuration-changed`: a setting is taken at another time.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::{FOR_AN_ATTEMPT, Term};

pub(in super::super) const RULE: Rule = Rule {
    id: "configuration-changed",
    title: "a setting is taken at another time",
    levels: Levels::all(Level::Break),
    definition: "A setting was taken when an attempt begins (`fixed: true`) and is now looked at again at every step, or \
        the reverse. The sides are compared with settings that stay as they are.",
    why: "a client that makes the setting during an attempt is shown something else by it than before",
    keep_compatible: "keep `fixed: true` as it was",
    accept: "when no client makes the setting during an attempt",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let changed = sides.old.terms.iter().filter_map(|(term, before)| {
        let Term::Setting(setting) = term else { return None };
        let now = sides.new.terms.get(term).filter(|now| *now != before)?;
        let when = if now == FOR_AN_ATTEMPT { "only when an attempt begins" } else { "at every step" };
        Some(Listed::new(setting.as_str(), format!("the setting `{setting}` is now looked at {when}")))
    });
    changed.collect()
}
