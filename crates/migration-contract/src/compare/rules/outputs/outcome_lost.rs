//! `outcome-lost`: an attempt can no longer end in some way.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "outcome-lost",
    title: "an attempt can no longer end in some way",
    levels: Levels::all(Level::Warn),
    definition: "After some sequence that both sides know, an attempt of the old machine could end with a status \
        without a further command, and cannot on the new one. Reported where it is lost first.",
    why: "the machine that does nothing at all shows nothing new: that what was possible stays possible \
        has to be asked for by itself",
    keep_compatible: "keep a way to the end",
    accept: "when the end was never what a client wants",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::OutcomeLost(status) = difference.kind else { return None };
    let is_everywhere = !walk.new_everywhere(difference.pair).outcomes.contains(&status);
    let status = walk.names.status(status);
    let before = walk.shown_before(difference.pair);
    let message = format!("after `{before}` an attempt can no longer end as `{status}` without a further command");
    Some(Claim { subject: status.to_string(), message, is_everywhere })
}
