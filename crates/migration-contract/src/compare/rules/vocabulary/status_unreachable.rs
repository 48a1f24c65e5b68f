//! `status-unreachable`: a status is still there, and no machine shows it any more.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::shown;

pub(in super::super) const RULE: Rule = Rule {
    id: "status-unreachable",
    title: "a status is still there, and no machine shows it any more",
    levels: Levels::all(Level::Warn),
    definition: "A status is in both vocabularies, some machine of the old side could show it under some setting, \
        and no machine of the new side can.",
    why: "a client that waits for it waits for ever, and nothing tells it so",
    keep_compatible: "let a state show it as before; that it is deprecated helps only those who are told before it is gone",
    accept: "when no client waits for it, or it was deprecated for as long as is promised",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let (now, before) = (shown(sides.new), shown(sides.old));
    let kept = sides.new.statuses.keys().filter(|status| before.contains(status) && !now.contains(status));
    let message = |status| format!("no machine shows the status `{status}` any more");
    kept.map(|status| Listed::new(status, message(status))).collect()
}
