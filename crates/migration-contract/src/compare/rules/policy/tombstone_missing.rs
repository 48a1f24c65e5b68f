//! `tombstone-missing`: a name is gone and not reserved.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "tombstone-missing",
    title: "a name is gone and not reserved",
    levels: Levels::all(Level::Break),
    definition: "A status, a reason, a command or a capability of the old side is gone, and the new side does not list it \
        under `reserved`; or the old side reserves a name and the new one does not. A command of which \
        another form is left is not gone.",
    why: "somebody uses the name again for something else, and a client that still knows the old meaning \
        is misled",
    keep_compatible: "list the name under `reserved`, with the release that first does without it",
    accept: "when the name was never in a release",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let gone = sides.gone().into_iter().chain(sides.old.reserved.keys().cloned());
    let open = gone.filter(|name| !sides.new.reserved.contains_key(name));
    open.map(|(_, name)| Listed::new(&name, format!("`{name}` is gone and its name is not reserved"))).collect()
}
