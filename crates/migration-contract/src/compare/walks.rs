//! Walks of one kind of client under all settings, and the changes of settings that lead from one to another.

use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet;
use rustc_hash::{FxHashMap, FxHashSet};

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

/// The most changes of settings that are followed in the eyes of one kind of client.
const PASSAGES_MAX: usize = 1 << 18;

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
    /// The number of where both sides are then.
    places: usize,
}

/// The places of both sides where settings change, and the status that was seen last, where that matters to the client.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Places {
    new: Vec<u32>,
    old: Vec<u32>,
    last: Option<usize>,
}

/// All such places, and their numbers.
#[derive(Default)]
struct Numbered {
    places: Vec<Places>,
    numbers: FxHashMap<Places, usize>,
}

impl Numbered {
    fn number(&mut self, places: Places) -> usize {
        *self.numbers.entry(places).or_insert_with_key(|places| {
            self.places.push(places.clone());
            self.places.len() - 1
        })
    }
}

/// The walks of one kind of client, by the settings that both sides are under.
pub(super) struct Walks<'a, W> {
    pub(super) joint: &'a [Joint<'a>],
    channel: Channel,
    /// By walk, which of its settings the old machine does not look at again at every step: equal numbers for equal ones.
    kept: Vec<usize>,
    pub(super) walks: Vec<W>,
    /// How many pairs each walk had before anything changed.
    pub(super) constant: Vec<usize>,
    /// Whether some setting of either side is looked at again at every step.
    has_steps: bool,
    /// The places between attempts that were left, where there are no such settings: every change leads from them.
    left: BTreeSet<(BTreeSet<u32>, BTreeSet<u32>, Option<usize>)>,
    places: Numbered,
    /// What was tried: to which walk, and from which places.
    tried: FxHashSet<(usize, usize)>,
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
        let steps: BTreeSet<&String> = old.steps.iter().map(|setting| &old.settings[setting.index()]).collect();
        let mut numbers = BTreeMap::new();
        let mut number = |joint: &'a Joint<'a>| {
            let next = numbers.len();
            *numbers.entry(joint.on.iter().filter(|name| !steps.contains(name)).collect::<Vec<_>>()).or_insert(next)
        };
        let kept = joint.iter().map(&mut number).collect();
        let has_steps = !(sides.new.0.steps | old.steps).is_empty();
        let (left, places, tried) = (BTreeSet::new(), Numbered::default(), FxHashSet::default());
        Ok(Walks { joint, channel: class.channel, kept, walks, constant, has_steps, left, places, tried })
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
            for (_, from, pair) in found {
                self.leave(from, pair, &mut passages);
                if self.tried.len() > PASSAGES_MAX {
                    return Err(TooLarge);
                }
            }
            if passages.is_empty() {
                return Ok(());
            }
            self.walks.iter_mut().for_each(W::forget_assumed);
            passages.iter().for_each(|passage| self.pass(passage));
            self.walks.iter_mut().try_for_each(|walk| walk.go(commands))?;
        }
    }

    /// The ways out of a pair.
    fn leave(&mut self, from: usize, pair: usize, passages: &mut Vec<Passage>) {
        let (walk, joint, here) = (&self.walks[from], self.joint, &self.joint[from]);
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
        let places = |stays: &[Stay], within: bool| -> Vec<u32> {
            let place = |stay: &Stay| if within { stay.rest } else { stay.idle };
            let places: BTreeSet<u32> = stays.iter().filter_map(place).collect();
            places.into_iter().collect()
        };
        // The answer to a query after the change may tell what the same answer before it did not.
        let asked_anew = self.has_steps && self.channel == Channel::Poll && last.is_some();
        let lasts = || [last].into_iter().chain(asked_anew.then_some(None));
        let mut known: [Option<Vec<usize>>; 4] = Default::default();
        for (to, there) in joint.iter().enumerate().filter(|(to, _)| *to != from) {
            let is_same = |here: &ChangingCase, there: &ChangingCase| here.fixed == there.fixed;
            let new_within = is_same(here.new.1, there.new.1) && new_stays.iter().any(|stay| stay.rest.is_some());
            // Within an attempt, no other settings change.
            let old_within = self.kept[from] == self.kept[to] && is_same(here.old.1, there.old.1);
            let old_within = old_within && old_stays.iter().any(|stay| stay.rest.is_some());
            if !was_over && !old_within {
                continue;
            }
            let known = &mut known[2 * usize::from(new_within) + usize::from(old_within)];
            let numbers = known.get_or_insert_with(|| {
                let (new, old) = (places(&new_stays, new_within), places(&old_stays, old_within));
                let is_none = new.is_empty() || old.is_empty();
                let places =
                    lasts().filter(|_| !is_none).map(|last| Places { new: new.clone(), old: old.clone(), last });
                places.map(|places| self.places.number(places)).collect()
            });
            let tried = &mut self.tried;
            let fresh = numbers.iter().copied().filter(|places| tried.insert((to, *places)));
            passages.extend(fresh.map(|places| Passage { from, pair, to, places }));
        }
    }

    fn pass(&mut self, passage: &Passage) {
        let Passage { from, pair, to, places } = *passage;
        let Places { new, old, last } = &self.places.places[places];
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
        self.walks[to].enter(new, old, *last, before);
    }
}

/// The step in which a client makes other settings; `None` if they are the same.
fn change(from: &BTreeSet<String>, to: &BTreeSet<String>) -> Option<Step> {
    let off = from.difference(to).map(|name| (name.clone(), false));
    let set: Vec<(String, bool)> = off.chain(to.difference(from).map(|name| (name.clone(), true))).collect();
    (!set.is_empty()).then(|| Step { set, ..Step::default() })
}
