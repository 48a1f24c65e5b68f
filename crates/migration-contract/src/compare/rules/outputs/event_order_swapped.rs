//! `event-order-swapped`: two statuses have changed places.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "event-order-swapped",
    title: "two statuses have changed places",
    levels: Levels::all(Level::Break),
    definition: "Where the old machine showed first one status and then another, the new one shows them the other \
        way round, and what came first cannot come first any more.",
    why: "a client that does something at the first status finds that the second is over already",
    keep_compatible: "keep the order in which the two are shown",
    accept: "when no client acts on either of the two",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let label = walk.output_by_itself(difference)?;
    let first = walk.swapped_with(difference.pair, label)?;
    let is_everywhere = !walk.came_before(label, first);
    let (first, now) = (walk.shown(first), walk.shown(label));
    let message = format!("`{now}` can now come before `{first}`; before, it came after it");
    Some(Claim { subject: format!("{first}, {now}"), message, is_everywhere })
}
