//! `status-terminal-reopened`: an attempt that was over goes on by itself.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-terminal-reopened",
    title: "an attempt that was over goes on by itself",
    levels: Levels::all(Level::Break),
    definition: "Where the old machine was at rest and its attempt over, the new one can show a further status \
        without a command.",
    why: "a client has let go of the attempt: it has freed what belonged to it, or gone on without it",
    keep_compatible: "publish the last status only when nothing can follow it",
    accept: "hardly ever: a client cannot know that it has to wait",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let label = walk.output_by_itself(difference)?;
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("`{before}` was an end; now `{now}` can follow it without a command");
    let is_everywhere = walk.old_everywhere(difference.pair).next.is_empty();
    let subject = format!("{before} -> {now}");
    walk.was_over(difference.pair).then_some(Claim { subject, message, is_everywhere })
}
