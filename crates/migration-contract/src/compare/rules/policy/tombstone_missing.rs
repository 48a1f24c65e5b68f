//! `tombstone-missing`: a name is gone and not reserved.

use std::collections::BTreeSet;

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "tombstone-missing",
    title: "a name is gone and not reserved",
    levels: Levels::all(Level::Break),
    definition: "A status, a reason, a command or a capability of the old side is gone, and the new side does not list it \
        under `reserved`, for whatever; or the old side reserves a name and the new one does not. A command of which \
        another form is left is not gone.",
    why: "somebody uses the name again for something else, and a client that still knows the old meaning \
        is misled",
    keep_compatible: "list the name under `reserved`, with the release that first does without it",
    accept: "when the name was never in a release",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let is_reserved = |name: &String| sides.new.reserved.keys().any(|(_, reserved)| reserved == name);
    let gone: BTreeSet<String> = sides.gone().into_iter().map(|(_, name)| name).collect();
    let free: BTreeSet<&String> = sides.old.reserved.keys().map(|(_, name)| name).collect();
    let gone_message = |name: &String| Listed::new(name, format!("`{name}` is gone and its name is not reserved"));
    let free_message = |name: &String| Listed::new(name, format!("the name `{name}` is not reserved any more"));
    let gone_names = gone.iter().filter(|name| !is_reserved(name)).map(gone_message);
    let freed = free.into_iter().filter(|name| !is_reserved(name) && !gone.contains(*name)).map(free_message);
    gone_names.chain(freed).collect()
}
