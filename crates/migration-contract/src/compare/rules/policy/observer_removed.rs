//! `observer-removed`: a kind of client is not promised anything any more.

use crate::compare::observer::ObserverClass;
use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::PublicObserver;
use migration_table::model::{Channel, Repeat, Unknown};

pub(in super::super) const RULE: Rule = Rule {
    id: "observer-removed",
    title: "a kind of client is not promised anything any more",
    levels: Levels::all(Level::Break),
    definition: "The old side declares an observer that is promised compatibility, and the new side does not, or \
        says that it sees less: that it passes over what it failed at, or takes repeats for nothing. It breaks the clients of that class alone.",
    why: "who relied on the promise is not told of what breaks them",
    keep_compatible: "keep the observer; add another one for clients that need less",
    accept: "when no client of that kind is left",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let promised = sides.old.observers.iter().filter(|(_, observer)| observer.gate);
    let weaker = promised.filter_map(|(name, old)| {
        let (subject, message) = match sides.new.observers.get(name) {
            None => (name.clone(), format!("the observer `{name}` is not declared any more")),
            Some(new) if !new.gate => {
                (format!("{name}: no gate"), format!("what breaks the observer `{name}` is no fault any more"))
            }
            Some(new) if is_weaker(new, old) => {
                (format!("{name}: {}", less(new, old)), format!("the observer `{name}` is said to notice less"))
            }
            Some(_) => return None,
        };
        let class = ObserverClass::new(old.channel, old.unknown, old.repeat);
        Some(Listed { levels: Some(Levels::only(class, Level::Break)), ..Listed::new(subject, message) })
    });
    weaker.collect()
}

/// What is said anew of an observer that notices less: `unknown skip`.
fn less(new: &PublicObserver, old: &PublicObserver) -> String {
    let channel = (new.channel != old.channel).then_some(match new.channel {
        Channel::Events => "channel events",
        Channel::Poll => "channel poll",
    });
    let unknown = (new.unknown != old.unknown && new.unknown == Unknown::Skip).then_some("unknown skip");
    let repeat = (new.repeat != old.repeat && new.repeat == Repeat::Skip).then_some("repeat skip");
    channel.into_iter().chain(unknown).chain(repeat).collect::<Vec<_>>().join(", ")
}

fn is_weaker(new: &PublicObserver, old: &PublicObserver) -> bool {
    let fails_less = old.unknown == Unknown::Fail && new.unknown == Unknown::Skip;
    let sees_less = old.repeat == Repeat::See && new.repeat == Repeat::Skip && new.channel == Channel::Events;
    old.channel != new.channel || fails_less || sees_less
}
