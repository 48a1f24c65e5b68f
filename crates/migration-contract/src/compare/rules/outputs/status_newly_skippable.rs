//! `status-newly-skippable`: a status that always came between two others can now be missing.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-newly-skippable",
    title: "a status that always came between two others can now be missing",
    levels: Levels { strict_poll: None, poll: None, ..Levels::all(Level::Break) },
    definition: "After some sequence that an old client can drive, the new machine shows a status that the old \
        one could show there only after another one, without a command between.",
    why: "a client that does something at the status which is left out never does it",
    keep_compatible: "publish the status that lay between, even if the machine stays there for no time",
    accept: "when no client acts on the status that is left out",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let label = walk.output_by_itself(difference)?;
    let first = walk.left_out(difference.pair, label)?;
    let is_everywhere = walk.always_came_first(difference.pair, first, label);
    let left_out = walk.shown(first);
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("`{left_out}` can now be left out between `{before}` and `{now}`; before, it always came");
    Some(Claim { subject: format!("{left_out} before {now}"), message, is_everywhere })
}
