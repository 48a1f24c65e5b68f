//! `status-removed`: a status is gone.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::shown;

pub(in super::super) const RULE: Rule = Rule {
    id: "status-removed",
    title: "a status is gone",
    levels: Levels::all(Level::Break),
    definition: "A status that the old side has, and that some machine of it could show, is not in the vocabulary \
        any more, and no status says that it was renamed from it.",
    why: "a client that waits for it waits for ever, and one that is built against the names does not \
        build",
    keep_compatible: "keep the name in the vocabulary; deprecate it, and leave it out when it was deprecated for long \
        enough",
    accept: "when it was deprecated for as long as is promised and its name is reserved",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let shown = shown(sides.old);
    let nobody_shows = sides.old.machines.is_empty();
    let removed = sides.removed().filter(|status| nobody_shows || shown.contains(status));
    removed.map(|status| Listed::new(status, format!("the status `{status}` is gone"))).collect()
}
