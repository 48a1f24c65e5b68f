//! Walks of one kind of client under all settings, and the changes of settings that lead from one to another.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use super::indexed::Indexed;
use super::names::Names;
use super::observer::ObserverClass;
use super::report::Step;
use super::view::{View, ViewState};
use super::walk::{Before, Commands, Walk};
use super::when::Common;
use crate::public::SettingCube;
use crate::public::changes::{Changing, ChangingCase, Stay};
use migration_table::bdd::TooLarge;
use migration_table::model::Channel;

/// A walk under settings that stay.
pub(super) trait Staying {
    /// How many pairs it has.
    fn count(&self) -> usize;
    /// How many steps lead to a pair, and how many of them are assumed.
    fn way(&self, pair: usize) -> (usize, usize);
    /// Where both sides are at a pair, the new one first.
    fn seen(&self, pair: usize) -> (&ViewState, &ViewState);
    /// What a client did and saw that came to a pair.
    fn before(&self, pair: usize) -> (Vec<Step>, Option<usize>);
    /// Forgets that pairs behind an assumed step were reached, as they may be reached without one.
    fn forget_assumed(&mut self);
    /// Begins where the sides may be in any of these states, for a client that saw this last.
    fn enter(&mut self, new: FixedBitSet, old: FixedBitSet, last: Option<usize>, before: Before);
    /// Walks on until everything is looked at.
    fn go(&mut self, commands: &Commands) -> Result<(), TooLarge>;
}

impl Staying for Walk<'_> {
    fn count(&self) -> usize {
        self.pairs.len()
    }

    fn way(&self, pair: usize) -> (usize, usize) {
        (self.pairs[pair].length, self.pairs[pair].assumed)
    }

    fn seen(&self, pair: usize) -> (&ViewState, &ViewState) {
        (self.new_seen(pair), self.old_seen(pair))
    }

    fn before(&self, pair: usize) -> (Vec<Step>, Option<usize>) {
        (self.steps(pair), self.last_seen(pair))
    }

    fn forget_assumed(&mut self) {
        Walk::forget_assumed(self);
    }

    fn enter(&mut self, new: FixedBitSet, old: FixedBitSet, last: Option<usize>, before: Before) {
        let pair = (self.new.among(new, last), self.old.among(old, last));
        Walk::enter(self, pair, Some(before));
    }

    fn go(&mut self, commands: &Commands) -> Result<(), TooLarge> {
        Walk::go(self, commands)
    }
}

/// Both sides, with the automaton of every case made ready.
pub(super) struct Sides<'a> {
    new: (&'a Changing, Vec<Indexed<'a>>),
    old: (&'a Changing, Vec<Indexed<'a>>),
}

fn indexed<'a>(side: &'a Changing, names: &Names) -> Vec<Indexed<'a>> {
    side.cases.iter().map(|case| Indexed::new(&case.automaton, names)).collect()
}

impl<'a> Sides<'a> {
    pub(super) fn new(new: &'a Changing, old: &'a Changing, names: &Names) -> Sides<'a> {
        Sides { new: (new, indexed(new, names)), old: (old, indexed(old, names)) }
    }

    pub(super) fn joint(&self, common: &Common) -> Vec<Joint<'a>> {
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

/// A case of each side, and the settings that both are under.
pub(super) struct Joint<'a> {
    new: (usize, &'a ChangingCase),
    old: (usize, &'a ChangingCase),
    pub(super) cases: Vec<SettingCube>,
    /// The settings that are on under the least of these.
    on: BTreeSet<String>,
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
pub(super) struct Walks<'a, W> {
    pub(super) joint: &'a [Joint<'a>],
    channel: Channel,
    /// The settings that the old machine looks at again at every step.
    steps: BTreeSet<String>,
    pub(super) walks: Vec<W>,
    /// How many pairs each walk had before anything changed.
    pub(super) constant: Vec<usize>,
    /// Whether some setting of either side is looked at again at every step.
    has_steps: bool,
    /// The places between attempts that were left, where there are no such settings: every change leads from them.
    left: BTreeSet<(BTreeSet<u32>, BTreeSet<u32>, Option<usize>)>,
    /// What was tried: to which walk, and to which places, for a client that saw this last.
    tried: BTreeSet<Tried>,
}

impl<'a, W: Staying> Walks<'a, W> {
    /// Walks under all settings, each begun by `walk` with the views of the new side and of the old one.
    pub(super) fn new(
        sides: &'a Sides<'a>,
        names: &'a Names,
        class: ObserverClass,
        joint: &'a [Joint<'a>],
        walk: impl Fn(View<'a>, View<'a>) -> Result<W, TooLarge>,
    ) -> Result<Walks<'a, W>, TooLarge> {
        let walk = |joint: &Joint<'_>| {
            let new = View::new(&sides.new.1[joint.new.0], names, class);
            walk(new, View::new(&sides.old.1[joint.old.0], names, class))
        };
        let walks = joint.iter().map(walk).collect::<Result<Vec<_>, _>>()?;
        let constant = walks.iter().map(W::count).collect();
        let (old, _) = &sides.old;
        let steps = old.steps.iter().map(|setting| old.settings[setting.index()].clone()).collect();
        let has_steps = !(sides.new.0.steps | old.steps).is_empty();
        let (left, tried) = (BTreeSet::new(), BTreeSet::new());
        Ok(Walks { joint, channel: class.channel, steps, walks, constant, has_steps, left, tried })
    }

    /// Follows every change of settings, until none leads to anything new.
    pub(super) fn change(&mut self, commands: &Commands) -> Result<(), TooLarge> {
        let mut next = vec![0; self.walks.len()];
        loop {
            let mut found: Vec<(usize, usize, usize)> = Vec::new();
            for (from, walk) in self.walks.iter().enumerate() {
                found.extend((next[from]..walk.count()).map(|pair| (walk.way(pair).0, from, pair)));
                next[from] = walk.count();
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
            self.walks.iter_mut().for_each(W::forget_assumed);
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
        if walk.way(pair).1 > 0 {
            return;
        }
        let (new, old) = walk.seen(pair);
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
            let asked_anew = self.has_steps && self.channel == Channel::Poll && last.is_some();
            for last in [last].into_iter().chain(asked_anew.then_some(None)) {
                passages.push(Passage { from, pair, to, new: new.clone(), old: old.clone(), last });
            }
        }
    }

    fn pass(&mut self, passage: &Passage) {
        let Passage { from, pair, to, last, ref new, ref old, .. } = *passage;
        let (here, there) = (&self.joint[from], &self.joint[to]);
        let (mut steps, seen) = self.walks[from].before(pair);
        if !steps.iter().any(|step| !step.set.is_empty()) {
            steps.splice(0..0, change(&BTreeSet::new(), &here.on));
        }
        steps.extend(change(&here.on, &there.on));
        let before = Before { from: (from, pair), steps, seen };
        let behind = |case: &ChangingCase, places: &[u32]| -> Option<FixedBitSet> {
            let mut states = FixedBitSet::with_capacity(case.automaton.states.len());
            for place in places {
                states.insert(*case.entries.get(place)?);
            }
            Some(states)
        };
        let (Some(new), Some(old)) = (behind(there.new.1, new), behind(there.old.1, old)) else { return };
        self.walks[to].enter(new, old, last, before);
    }
}

/// The step in which a client makes other settings; `None` if they are the same.
fn change(from: &BTreeSet<String>, to: &BTreeSet<String>) -> Option<Step> {
    let off = from.difference(to).map(|name| (name.clone(), false));
    let set: Vec<(String, bool)> = off.chain(to.difference(from).map(|name| (name.clone(), true))).collect();
    (!set.is_empty()).then(|| Step { set, ..Step::default() })
}
