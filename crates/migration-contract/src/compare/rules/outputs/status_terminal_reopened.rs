//! `status-terminal-reopened`: an attempt that was over goes on by itself.

use super::super::{Claim, Levels, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-terminal-reopened",
    title: "an attempt that was over goes on by itself",
    levels: Levels::all(Level::Break),
    definition: "Where the old machine was at rest and its attempt over, the new one can show a further status \
        without a command.",
    why: "a client has let go of the attempt: it has freed what belonged to it, or started the guest",
    keep_compatible: "publish the last status only when nothing can follow it",
    accept: "hardly ever: a client cannot know that it has to wait",
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    let label = walk.output_by_itself(sight)?;
    let (before, now) = (walk.shown_before(sight.pair), walk.shown(label));
    let message = format!("`{before}` was an end, and `{now}` can now follow without a command");
    walk.was_over(sight.pair).then(|| Claim { subject: before.to_string(), message })
}
