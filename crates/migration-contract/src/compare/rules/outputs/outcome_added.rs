//! `outcome-added`: an attempt can now end in another way.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "outcome-added",
    title: "an attempt can now end in another way",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the machine shows at once a status in which \
        the attempt is over, and from that place the old machine could not end with this status without \
        a further command.",
    why: "a client that waits for the end it was promised, such as `cancelled` after a cancel, gets \
        another one and has nothing prepared for it",
    keep_compatible: "let the machine decide before it accepts the command, and refuse the command where it comes too \
        late",
    accept: "when the old side could never keep what it promised, and clients were told",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Output(label) = difference.kind else { return None };
    let status = walk.names.shown(label)?;
    let is_new = walk.ends_after(difference.pair, label) && !walk.old_outcomes(difference.pair).contains(status);
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("after `{before}` an attempt can now end as `{now}`");
    let is_everywhere = !walk.old_everywhere(difference.pair).outcomes.contains(&status);
    is_new.then(|| Claim { subject: format!("{before} -> {now}"), message, is_everywhere })
}
