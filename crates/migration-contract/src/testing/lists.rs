//! What a finding lists as possible at the end of its evidence, held against simulated machines: what could follow there
//! before, and what can follow now.

use std::collections::{BTreeMap, BTreeSet};

use super::clients::{Client, SUCCESS, Seen, Set};
use super::plain::{Side, Word, Words};
use crate::compare::{Change, render_one};
use migration_table::{Invocation, Style};

const NOTHING_MORE: &str = "(nothing more)";

/// Whether the lists of a finding are what a client can be shown behind the evidence, on the new side and on the old one.
/// The steps are the evidence.
pub(super) fn are_true(
    change: &Change,
    client: Client<'_>,
    (new, old): (&Side, &Side),
    steps: &[Seen],
    words: &Words,
) -> bool {
    let Some((last, way)) = steps.split_last() else { return true };
    let (Some(here), Some(there)) = (client.after(new, way), client.after(old, way)) else { return false };
    let [now, before] = [(new, here), (old, there)].map(|(side, (set, seen))| client.next(side, &set, seen));
    let mut number = |list: &[String]| -> BTreeSet<Word> { list.iter().map(|word| words.number(word)).collect() };
    if let ([only], Seen::Reply(..)) = (&change.before[..], last)
        && let Some(first) = only.strip_prefix("answer only after ")
    {
        let first: Vec<String> = first.split(" or ").map(|name| name.trim_matches('`').to_owned()).collect();
        let first: BTreeSet<Seen> = number(&first).into_iter().map(Seen::Status).collect();
        return before.keys().copied().collect::<BTreeSet<Seen>>() == first
            && number(&change.now) == listed(&now, *last, &mut number);
    }
    [(&change.before, before), (&change.now, now)]
        .iter()
        .all(|(list, next)| number(list) == listed(next, *last, &mut number))
}

/// Whether the text of a finding says where the old side was before the last step.
pub(super) fn say_where(change: &Change) -> bool {
    let text = render_one(change, "", None, Style::Plain, &Invocation::default());
    let mut lists = text.lines().filter_map(|line| line.trim_start().strip_prefix("possible there before"));
    lists.any(|list| list.trim_start().starts_with("after `"))
}

/// What can be seen next that the list at such a step is about: how the command is answered, or what is shown.
fn listed(
    next: &BTreeMap<Seen, Set>,
    last: Seen,
    number: &mut impl FnMut(&[String]) -> BTreeSet<Word>,
) -> BTreeSet<Word> {
    let mut all = BTreeSet::new();
    for seen in next.keys() {
        match (*seen, last) {
            (Seen::Reply(command, class), Seen::Reply(of, _)) if command == of => {
                all.extend(if class == SUCCESS { number(&["ok".to_owned()]) } else { BTreeSet::from([class]) });
            }
            (Seen::Status(status), Seen::Status(_) | Seen::Nothing) => drop(all.insert(status)),
            (Seen::Nothing, Seen::Status(_) | Seen::Nothing) => all.extend(number(&[NOTHING_MORE.to_owned()])),
            (Seen::Reply(..) | Seen::Status(_) | Seen::Nothing, _) => {}
        }
    }
    all
}
