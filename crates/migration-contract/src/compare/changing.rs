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

use super::collector::{Collector, groups};
use super::drafts::Compared;
use super::evidence::rows;
use super::indexed::Indexed;
use super::machine::{settings, shared_commands};
use super::names::Names;
use super::observer::ObserverClass;
use super::report::{Headline, Step};
use super::view::{View, ViewState};
use super::walk::{Before, Commands, Difference, Kind, Walk};
use super::when::Common;
use crate::public::changes::{Changing, ChangingCase, Stay};
use crate::public::{Public, PublicMachine, SettingCube};
use fixedbitset::FixedBitSet;
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

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
    let sides = Sides { new: (new_side, indexed(new_side, &names)), old: (old_side, indexed(old_side, &names)) };
    let joint = sides.joint(&common);
    let commands = shared_commands(new, old);
    let has_unknown = (0..names.statuses()).any(|status| !names.is_known(status));
    let mut compared = Compared::changing(classes, common);
    let mut sent: BTreeMap<Unknown, Walks<'_>> = BTreeMap::new();
    for (class, members) in groups(classes, has_unknown) {
        let mut walks = Walks::new(&sides, &names, class, &joint, &commands)?;
        walks.change(&commands)?;
        walks.collect(sent.get(&class.unknown), &members, has_unknown, &mut compared);
        if class.knows_where() {
            sent.insert(class.unknown, walks);
        }
    }
    Ok(Some(compared))
}

/// Both sides, with the automaton of every case made ready.
struct Sides<'a> {
    new: (&'a Changing, Vec<Indexed<'a>>),
    old: (&'a Changing, Vec<Indexed<'a>>),
}

/// A case of each side, and the settings that both are under.
struct Joint<'a> {
    new: (usize, &'a ChangingCase),
    old: (usize, &'a ChangingCase),
    cases: Vec<SettingCube>,
    /// The settings that are on under the least of these.
    on: BTreeSet<String>,
}

fn indexed<'a>(side: &'a Changing, names: &Names) -> Vec<Indexed<'a>> {
    side.cases.iter().map(|case| Indexed::new(&case.automaton, names)).collect()
}

impl<'a> Sides<'a> {
    fn joint(&self, common: &Common) -> Vec<Joint<'a>> {
        let mut joint = Vec::new();
        for new in self.new.0.cases.iter().enumerate() {
            for old in self.old.0.cases.iter().enumerate() {
                let mut cases = common.shared(&new.1.under, &old.1.under);
                cases.sort_unstable();
                let Some(least) = cases.first() else { continue };
                let on = common.on(*least).into_iter().map(str::to_owned).collect();
                joint.push(Joint { new, old, cases, on });
            }
        }
        joint.sort_by(|one: &Joint<'_>, other| one.cases.cmp(&other.cases));
        joint
    }
}

/// A way from one walk to another.
struct Passage {
    from: usize,
    pair: usize,
    to: usize,
    new: Vec<u32>,
    old: Vec<u32>,
    /// The status that was seen last, where that matters to the client.
    last: Option<usize>,
}

/// A walk, the places of both sides in it, and the status that was seen last.
type Tried = (usize, Vec<u32>, Vec<u32>, Option<usize>);

/// The walks of one kind of client, by the settings that both sides are under.
struct Walks<'a> {
    joint: &'a [Joint<'a>],
    /// The settings that the old machine looks at again at every step.
    steps: BTreeSet<String>,
    walks: Vec<Walk<'a>>,
    /// How many pairs each walk had before anything changed.
    constant: Vec<usize>,
    /// Whether some setting of either side is looked at again at every step.
    has_steps: bool,
    /// The places between attempts that were left, where there are no such settings: every change leads from them.
    left: BTreeSet<(BTreeSet<u32>, BTreeSet<u32>, Option<usize>)>,
    /// What was tried: to which walk, and to which places, for a client that saw this last.
    tried: BTreeSet<Tried>,
}

impl<'a> Walks<'a> {
    fn new(
        sides: &'a Sides<'a>,
        names: &'a Names,
        class: ObserverClass,
        joint: &'a [Joint<'a>],
        commands: &Commands,
    ) -> Result<Walks<'a>, TooLarge> {
        let walk = |joint: &Joint<'_>| {
            let new = View::new(&sides.new.1[joint.new.0], names, class);
            let old = View::new(&sides.old.1[joint.old.0], names, class);
            Walk::new(new, old, names, class, commands)
        };
        let walks = joint.iter().map(walk).collect::<Result<Vec<_>, _>>()?;
        let constant = walks.iter().map(|walk| walk.pairs.len()).collect();
        let (old, _) = &sides.old;
        let steps = old.steps.iter().map(|setting| old.settings[setting.index()].clone()).collect();
        let has_steps = !(sides.new.0.steps | old.steps).is_empty();
        let (left, tried) = (BTreeSet::new(), BTreeSet::new());
        Ok(Walks { joint, steps, walks, constant, has_steps, left, tried })
    }

    /// Follows every change of settings, until none leads to anything new.
    fn change(&mut self, commands: &Commands) -> Result<(), TooLarge> {
        let mut next = vec![0; self.walks.len()];
        loop {
            let mut found: Vec<(usize, usize, usize)> = Vec::new();
            for (from, walk) in self.walks.iter().enumerate() {
                found.extend((next[from]..walk.pairs.len()).map(|pair| (walk.pairs[pair].length, from, pair)));
                next[from] = walk.pairs.len();
            }
            // The nearest comes first.
            found.sort_unstable();
            let mut passages = Vec::new();
            found.into_iter().for_each(|(_, from, pair)| self.leave(from, pair, &mut passages));
            passages
                .retain(|Passage { to, new, old, last, .. }| self.tried.insert((*to, new.clone(), old.clone(), *last)));
            if passages.is_empty() {
                return Ok(());
            }
            self.walks.iter_mut().for_each(Walk::forget_assumed);
            passages.iter().for_each(|passage| self.pass(passage));
            self.walks.iter_mut().try_for_each(|walk| walk.go(commands))?;
        }
    }

    /// Whether all that changes from some settings to others is looked at again at every step of the old machine.
    fn is_step(&self, here: &Joint<'_>, there: &Joint<'_>) -> bool {
        here.on.symmetric_difference(&there.on).all(|name| self.steps.contains(name))
    }

    /// The ways out of a pair.
    fn leave(&mut self, from: usize, pair: usize, passages: &mut Vec<Passage>) {
        let (walk, here) = (&self.walks[from], &self.joint[from]);
        if walk.pairs[pair].assumed > 0 {
            return;
        }
        let (new, old) = (walk.new_seen(pair), walk.old_seen(pair));
        let members = |case: &ChangingCase, seen: &ViewState| -> Vec<_> {
            seen.members.ones().map(|state| case.stays[state]).collect()
        };
        let (new_stays, old_stays) = (members(here.new.1, new), members(here.old.1, old));
        let was_over = old_stays.iter().all(|stay| stay.is_over);
        let takes = old_stays.iter().any(|stay| stay.is_over || stay.rest.is_some());
        if !takes {
            return;
        }
        let last = old.last;
        if !self.has_steps {
            let idle = |stays: &[Stay]| stays.iter().filter_map(|stay| stay.idle).collect::<BTreeSet<u32>>();
            if !was_over || !self.left.insert((idle(&new_stays), idle(&old_stays), last)) {
                return;
            }
        }
        for (to, there) in self.joint.iter().enumerate().filter(|(to, _)| *to != from) {
            let is_same = |here: &ChangingCase, there: &ChangingCase| here.fixed == there.fixed;
            let new_within = is_same(here.new.1, there.new.1) && new_stays.iter().any(|stay| stay.rest.is_some());
            let old_within = self.is_step(here, there) && is_same(here.old.1, there.old.1);
            let old_within = old_within && old_stays.iter().any(|stay| stay.rest.is_some());
            if !was_over && !old_within {
                continue;
            }
            let places = |stays: &[Stay], within: bool| -> Vec<u32> {
                let place = |stay: &Stay| if within { stay.rest } else { stay.idle };
                let places: BTreeSet<u32> = stays.iter().filter_map(place).collect();
                places.into_iter().collect()
            };
            let (new, old) = (places(&new_stays, new_within), places(&old_stays, old_within));
            if new.is_empty() || old.is_empty() {
                continue;
            }
            // The answer to a query after the change may tell what the same answer before it did not.
            let asked_anew = self.has_steps && walk.class.channel == Channel::Poll && last.is_some();
            for last in [last].into_iter().chain(asked_anew.then_some(None)) {
                passages.push(Passage { from, pair, to, new: new.clone(), old: old.clone(), last });
            }
        }
    }

    fn pass(&mut self, passage: &Passage) {
        let Passage { from, pair, to, last, ref new, ref old, .. } = *passage;
        let (here, there) = (&self.joint[from], &self.joint[to]);
        let walk = &self.walks[from];
        let mut steps = walk.steps(pair);
        if !steps.iter().any(|step| !step.set.is_empty()) {
            steps.splice(0..0, change(&BTreeSet::new(), &here.on));
        }
        steps.extend(change(&here.on, &there.on));
        let before = Before { from: (from, pair), steps, seen: walk.last_seen(pair) };
        let behind = |case: &ChangingCase, places: &[u32]| -> Option<FixedBitSet> {
            let mut states = FixedBitSet::with_capacity(case.automaton.states.len());
            for place in places {
                states.insert(*case.entries.get(place)?);
            }
            Some(states)
        };
        let (Some(new), Some(old)) = (behind(there.new.1, new), behind(there.old.1, old)) else { return };
        let walk = &mut self.walks[to];
        let pair = (walk.new.among(new, last), walk.old.among(old, last));
        walk.enter(pair, Some(before));
    }

    /// Whether the same steps show the same difference, made by no other rows, where the settings did not change last, or
    /// where they never changed.
    fn is_found_without_the_change(&self, walk: &Walk<'_>, difference: &Difference) -> bool {
        let mut made = None;
        let mut is_same = |other: &Walk<'_>, start: usize, steps: &[&[usize]], least: usize| {
            let pair = steps.iter().try_fold(start, |pair, labels| other.behind(pair, labels));
            let same = pair.filter(|pair| *pair < least).map(|pair| Difference { pair, kind: difference.kind.clone() });
            same.filter(|same| other.has(same))
                .is_some_and(|same| made.get_or_insert_with(|| rows(walk, difference)).is_subset(&rows(other, &same)))
        };
        let Some(((mut from, mut pair), mut steps)) = walk.since_change(difference.pair) else { return false };
        if is_same(&self.walks[from], pair, &steps, usize::MAX) {
            return true;
        }
        while let Some((before, more)) = self.walks[from].since_change(pair) {
            steps.splice(0..0, more);
            (from, pair) = before;
        }
        steps.splice(0..0, self.walks[from].steps_to(pair));
        self.walks.iter().zip(&self.constant).any(|(other, constant)| is_same(other, 0, &steps, *constant))
    }

    /// Takes in what differs once settings have changed.
    fn collect(&self, sent: Option<&Walks<'_>>, classes: &[ObserverClass], has_unknown: bool, compared: &mut Compared) {
        for (at, walk) in self.walks.iter().enumerate() {
            let first = self.constant[at];
            if first == walk.pairs.len() {
                continue;
            }
            let cases = &self.joint[at].cases;
            let mut collector = Collector { cases, walk, first, classes, has_unknown, compared };
            let is_known = |difference: &Difference| self.is_found_without_the_change(walk, difference);
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

/// The step in which a client makes other settings; `None` if they are the same.
fn change(from: &BTreeSet<String>, to: &BTreeSet<String>) -> Option<Step> {
    let off = from.difference(to).map(|name| (name.clone(), false));
    let set: Vec<(String, bool)> = off.chain(to.difference(from).map(|name| (name.clone(), true))).collect();
    (!set.is_empty()).then(|| Step { set, ..Step::default() })
}
