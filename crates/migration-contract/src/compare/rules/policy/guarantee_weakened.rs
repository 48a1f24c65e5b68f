//! `guarantee-weakened`: a promise says less, or is not kept any more.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};

use crate::compare::sides::{Listed, Sides};
use crate::public::PublicGuarantee;
use crate::public::promise::is_kept;
use migration_table::model::Promise;

pub(in super::super) const RULE: Rule = Rule {
    id: "guarantee-weakened",
    title: "a promise says less, or is not kept any more",
    levels: Levels::all(Level::Break),
    definition: "Both sides give a guarantee of the same name, and that of the new side is another one: about \
        another machine, from another place, with more endings, about other statuses; or what the old \
        side promised holds for everything that the old side can show, under every setting, and not for \
        everything that the new side can show. An attempt that waits for a command has not ended and \
        does not break a promise.",
    why: "clients were built on it",
    keep_compatible: "keep what is promised; endings may be taken out",
    accept: "when no client relies on what is left out",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let both = sides.old.guarantees.iter().filter_map(|(name, old)| Some((name, old, sides.new.guarantees.get(name)?)));
    let weaker = both.filter_map(|(name, old, new)| {
        let message = if is_weaker(new, old) {
            format!("the guarantee `{name}` promises less")
        } else if is_kept(old, sides.old) && !is_kept(old, sides.new) {
            format!("the guarantee `{name}` is not kept any more")
        } else {
            return None;
        };
        Some(Listed::new(name, message))
    });
    weaker.collect()
}

fn is_weaker(new: &PublicGuarantee, old: &PublicGuarantee) -> bool {
    let promises_less = match (&new.promise, &old.promise) {
        (Promise::Ends { after, ends }, Promise::Ends { after: before, ends: known }) => {
            after != before || ends.iter().any(|end| !known.contains(end))
        }
        (new, old) => new != old,
    };
    promises_less || new.machine != old.machine
}
