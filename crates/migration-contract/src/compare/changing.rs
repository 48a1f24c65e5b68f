//! Both sides compared in the eyes of clients that change settings.
//!
//! Every two cases of settings have a walk of their own, as long as the settings stay. Where a client may change them, it
//! goes from a pair of one walk to a pair of another: that of the two places where it is then. What the other walk had not
//! reached before is walked from there, and what differs there is a finding.
//!
//! A client changes a setting that is taken for an attempt where it knows that no attempt is under way: the old machine is
//! in an idle state for certain, as far as the client has seen. One that is looked at again at every step it changes
//! wherever the machine takes commands. A change always succeeds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::collector::{Collector, groups};
use super::drafts::Compared;
use super::evidence::rows;
use super::machine::{settings, shared_commands};
use super::names::Names;
use super::observer::ObserverClass;
use super::reasons_walk::ReasonsWalk;
use super::report::Headline;
use super::walk::{Difference, Kind, Walk};
use super::walks::{Sides, Walks};
use super::when::Common;
use crate::public::{Public, PublicMachine};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

/// The walks that compare statuses.
type StatusWalks<'a> = Walks<'a, Walk<'a>>;

/// Compares one machine in the eyes of these classes; `None` where a side was read from a lock alone, which does not say
/// what a change does, or where both are the same.
///
/// # Errors
///
/// When there are too many cases.
pub(super) fn compare(
    (new, new_machine): (&Public, &PublicMachine),
    (old, old_machine): (&Public, &PublicMachine),
    classes: &BTreeSet<ObserverClass>,
) -> Result<Option<Compared>, TooLarge> {
    let (Some(new_side), Some(old_side)) = (&new_machine.changes.0, &old_machine.changes.0) else { return Ok(None) };
    if new_side == old_side {
        return Ok(None);
    }
    let all = settings(new_machine, old_machine);
    let common = Common::new((new, &new_side.settings), (old, &old_side.settings), &all);
    let known: BTreeSet<String> = old.statuses.keys().cloned().collect();
    let automata = new_side.cases.iter().chain(&old_side.cases).map(|case| &case.automaton);
    let names = Names::new(automata, &known);
    let sides = Sides::new(new_side, old_side, &names);
    let joint = sides.joint(&common);
    let commands = shared_commands(new, old);
    let has_unknown = (0..names.statuses()).any(|status| !names.is_known(status));
    let mut compared = Compared::changing(classes, common);
    let mut sent: BTreeMap<Unknown, StatusWalks<'_>> = BTreeMap::new();
    for (class, members) in groups(classes, has_unknown) {
        let begin = |new, old| Walk::new(new, old, &names, class, &commands);
        let mut walks = Walks::new(&sides, &names, class, &joint, begin)?;
        walks.change(&commands)?;
        walks.collect(sent.get(&class.unknown), &members, has_unknown, &mut compared);
        if class.knows_where() {
            sent.insert(class.unknown, walks);
        }
    }
    Ok(Some(compared))
}

/// Compares the reasons of one machine once settings have changed, and adds what differs to what is found of the statuses
/// then.
///
/// # Errors
///
/// When there are too many cases.
pub(super) fn compare_reasons(
    (new, new_machine): (&Public, &PublicMachine),
    (old, old_machine): (&Public, &PublicMachine),
    classes: &BTreeSet<ObserverClass>,
    found: Option<Compared>,
) -> Result<Option<Compared>, TooLarge> {
    let (Some(new_side), Some(old_side)) = (new_machine.changes.told(), old_machine.changes.told()) else {
        return Ok(found);
    };
    if new_side == old_side {
        return Ok(found);
    }
    let all = settings(new_machine, old_machine);
    let common = Common::new((new, &new_side.settings), (old, &old_side.settings), &all);
    let known: BTreeSet<String> = old.statuses.keys().cloned().collect();
    let automata = new_side.cases.iter().chain(&old_side.cases).map(|case| &case.automaton);
    let names = Names::new(automata, &known);
    let sides = Sides::new(new_side, old_side, &names);
    let joint = sides.joint(&common);
    let commands = shared_commands(new, old);
    let mut compared = found.unwrap_or_else(|| Compared::changing(classes, common));
    for class in classes {
        let begin = |new_view, old_view| ReasonsWalk::begun(old, &names, *class, new_view, old_view);
        let mut walks = Walks::new(&sides, &names, *class, &joint, begin)?;
        walks.change(&commands)?;
        for ((walk, first), joint) in walks.walks.iter().zip(&walks.constant).zip(walks.joint) {
            walk.take(*first, &joint.cases, &mut compared, |walk, found| walk.is_found_before(found, &walks.walks));
        }
    }
    Ok(Some(compared))
}

impl StatusWalks<'_> {
    /// The pair to which the same steps lead where the settings did not change last; `None` if they lead nowhere.
    fn without_the_change<'w>(&'w self, walk: &'w Walk<'_>, pair: usize) -> Option<Place<'w>> {
        let ((from, start), steps) = walk.since_change(pair)?;
        behind(&self.walks[from], start, &steps)
    }

    /// Takes in what differs once settings have changed.
    fn collect(
        &self,
        sent: Option<&StatusWalks<'_>>,
        classes: &[ObserverClass],
        has_unknown: bool,
        compared: &mut Compared,
    ) {
        let mut unchanged = Unchanged { walks: self, known: FxHashMap::default() };
        for (at, walk) in self.walks.iter().enumerate() {
            let first = self.constant[at];
            if first == walk.pairs.len() {
                continue;
            }
            let cases = &self.joint[at].cases;
            let found = BTreeMap::new();
            let mut collector = Collector { cases, walk, first, classes, has_unknown, compared, found };
            let mut here: (Option<usize>, Vec<Place<'_>>, bool) = (None, Vec::new(), false);
            let is_known = |difference: &Difference| {
                let pair = difference.pair;
                if here.0 != Some(pair) {
                    here = (Some(pair), self.without_the_change(walk, pair).into_iter().collect(), false);
                }
                if is_found_at(&here.1, walk, difference) {
                    return true;
                }
                // Most is known without the last change alone.
                let is_new = !std::mem::replace(&mut here.2, true);
                here.1.extend(is_new.then(|| unchanged.places(at, pair)).into_iter().flatten());
                is_new && is_found_at(&here.1, walk, difference)
            };
            let breaks = collector.changed(sent.map(|sent| (&sent.walks[at], sent.constant[at])), is_known);
            collector.verdict(breaks);
            collector.arrivals();
            if walk.class.channel == Channel::Poll {
                collector.silent_arrivals();
            }
            let exact = walk.differences.iter().filter(|it| it.pair >= first && walk.pairs[it.pair].assumed == 0);
            let loses = |kind: &Kind| matches!(kind, Kind::Lost(_) | Kind::Rejected(_) | Kind::OutcomeLost(_));
            let (lost, added): (Vec<&Kind>, Vec<&Kind>) = exact.map(|it| &it.kind).partition(|kind| loses(kind));
            let headline = Headline::of(!added.is_empty(), !lost.is_empty());
            for class in classes {
                compared.verdicts.entry(*class).and_modify(|verdict| verdict.0 = verdict.0.and(headline));
            }
        }
    }
}

/// A walk, and a pair of it.
type Place<'w> = (&'w Walk<'w>, usize);

/// Where some steps lead that lead to a pair of a walk.
fn behind<'w>(walk: &'w Walk<'_>, start: usize, steps: &[&[usize]]) -> Option<Place<'w>> {
    let pair = steps.iter().try_fold(start, |pair, labels| walk.behind(pair, labels))?;
    Some((walk, pair))
}

/// Whether what differs at a pair differs at these places as well: every row that makes it makes it at one of them.
fn is_found_at(places: &[Place<'_>], walk: &Walk<'_>, difference: &Difference) -> bool {
    let mut missing = None;
    places.iter().any(|(other, pair)| {
        let same = Difference { pair: *pair, kind: difference.kind.clone() };
        other.has(&same) && {
            let missing = missing.get_or_insert_with(|| rows(walk, difference));
            let made = rows(other, &same);
            missing.retain(|row| !made.contains(row));
            missing.is_empty()
        }
    })
}

/// Where the same steps lead under settings that never change.
struct Unchanged<'s, 'a> {
    walks: &'s StatusWalks<'a>,
    /// By the number of a walk and a pair of it, the pair of each walk, `None` where the steps lead nowhere.
    known: FxHashMap<(usize, usize), Rc<[Option<usize>]>>,
}

impl<'s> Unchanged<'s, '_> {
    /// The places to which the steps to a pair lead.
    fn places(&mut self, at: usize, pair: usize) -> Vec<Place<'s>> {
        let Walks { walks, constant, .. } = self.walks;
        let pairs = self.pairs(at, pair);
        let behind = walks.iter().zip(constant).zip(pairs.iter());
        behind.filter_map(|((walk, constant), pair)| Some((walk, pair.filter(|pair| pair < constant)?))).collect()
    }

    /// The pair of each walk to which they lead.
    fn pairs(&mut self, at: usize, pair: usize) -> Rc<[Option<usize>]> {
        let walks = &self.walks.walks;
        let (mut place, mut way) = ((at, pair), Vec::new());
        let mut pairs: Rc<[Option<usize>]> = loop {
            if let Some(known) = self.known.get(&place) {
                break Rc::clone(known);
            }
            let here = &walks[place.0].pairs[place.1];
            match (here.from, &here.before) {
                (Some(from), _) => {
                    way.push((place, here.labels.as_slice()));
                    place.1 = from;
                }
                (None, Some(before)) => place = before.from,
                (None, None) => break walks.iter().map(|_| Some(0)).collect(),
            }
        };
        for (place, labels) in way.into_iter().rev() {
            let behind = |(walk, pair): (&Walk<'_>, &Option<usize>)| walk.behind((*pair)?, labels);
            pairs = walks.iter().zip(pairs.iter()).map(behind).collect();
            self.known.insert(place, Rc::clone(&pairs));
        }
        pairs
    }
}
