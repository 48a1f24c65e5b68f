//! `status-renamed`: a status has a new name.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-renamed",
    title: "a status has a new name",
    levels: Levels::all(Level::Break),
    definition: "A status says that it was renamed from one that the old side has and the new side has not; or one is \
        gone, and exactly one that is new comes before and behind the same statuses and answers commands alike. The \
        rest is compared as if it still had its old name.",
    why: "to a client this is one status that never comes again and one that it does not know",
    keep_compatible: "keep the name; what people call the state is told by its documentation",
    accept: "hardly ever: nobody gains by it but the reader of the table",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let renamed = sides.new.statuses.keys().filter_map(|status| Some((sides.renamed(status)?, status)));
    let message = |before: &String, now: &String| match sides.renames.statuses.get(now) {
        Some(rename) if rename.is_guessed => format!(
            "the status `{before}` is gone, and `{now}` is shown wherever it was: is it renamed? then `{now}` says \
             `renamed_from: {before}`"
        ),
        Some(_) | None => format!("the status `{before}` is now called `{now}`"),
    };
    renamed.map(|(before, now)| Listed::new(format!("{before} -> {now}"), message(before, now))).collect()
}
