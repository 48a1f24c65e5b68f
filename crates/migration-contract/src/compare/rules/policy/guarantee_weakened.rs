//! `guarantee-weakened`: a promise says less, or is not kept any more.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};

use crate::compare::sides::{Listed, Sides};
use crate::public::PublicGuarantee;
use crate::public::promise::{How, broken, is_kept};
use migration_table::model::{Anchor, Promise};

pub(in super::super) const RULE: Rule = Rule {
    id: "guarantee-weakened",
    title: "a promise says less, or is not kept any more",
    levels: Levels::all(Level::Break),
    definition: "Both sides give a guarantee of the same name, and that of the new side is another one: about \
        another machine, from another place, with more endings, about other statuses; or what the old \
        side promised holds for everything that the old side can show, under every setting, and not for \
        everything that the new side can show. An attempt that waits for a command has not ended and \
        does not break a promise.",
    why: "clients were built on it",
    keep_compatible: "keep what is promised; endings may be taken out",
    accept: "when no client relies on what is left out",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let both =
        sides.old.guarantees.iter().filter_map(|(name, old)| Some((name, old, sides.walked.guarantees.get(name)?)));
    let weaker = both.filter_map(|(name, before, new)| {
        let old = &with_new_name(before, sides);
        if is_weaker(new, old) {
            let message = format!("the guarantee `{name}` promises less");
            return Some(Listed::new(format!("{name}: {}", promised(new, old)), message));
        }
        let found = broken(old, sides.walked).filter(|_| is_kept(before, sides.old))?;
        let message = format!("the guarantee `{name}` is not kept any more");
        Some(Listed::new(format!("{name}: {}", how(&found.how)), message))
    });
    weaker.collect()
}

/// An old promise about a command that has a new name, with that name: that the old one is gone is a finding of its own.
fn with_new_name(old: &PublicGuarantee, sides: &Sides<'_>) -> PublicGuarantee {
    let mut renamed = old.clone();
    if let Promise::Ends { after: Anchor::Command(command), .. } = &mut renamed.promise
        && let Some(now) = sides.renames.command(command, sides.new)
    {
        *command = now;
    }
    renamed
}

/// What is promised in place of the old promise, for the key of the finding.
fn promised(new: &PublicGuarantee, old: &PublicGuarantee) -> String {
    let PublicGuarantee { machine, promise } = new;
    match (promise, &old.promise) {
        (Promise::Ends { after, ends }, Promise::Ends { after: before, ends: known })
            if after == before && *machine == old.machine =>
        {
            let more: Vec<&str> = ends.iter().filter(|end| !known.contains(end)).map(String::as_str).collect();
            format!("also ends as {}", more.join(", "))
        }
        (Promise::Ends { after: Anchor::Command(after) | Anchor::Status(after), ends }, _) => {
            format!("{machine} after {after} ends as {}", ends.join(", "))
        }
        (Promise::Before { before, comes }, _) => format!("{machine} {before} not unless {comes}"),
    }
}

/// How it is not kept, for the key of the finding.
fn how(how: &How) -> String {
    match how {
        How::EndsWith(statuses) => format!("ends as {}", statuses.join(", ")),
        How::NeverEnds => "never ends".to_owned(),
        How::TooEarly => "comes too early".to_owned(),
    }
}

fn is_weaker(new: &PublicGuarantee, old: &PublicGuarantee) -> bool {
    let promises_less = match (&new.promise, &old.promise) {
        (Promise::Ends { after, ends }, Promise::Ends { after: before, ends: known }) => {
            after != before || ends.iter().any(|end| !known.contains(end))
        }
        (new, old) => new != old,
    };
    promises_less || new.machine != old.machine
}
