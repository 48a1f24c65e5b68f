//! Both sides walked together in the eyes of one kind of client: every difference, at the nearest place.
//!
//! The walk goes in breadth over pairs of states of the two views, from the initial ones, along what both can show; so
//! the way to a pair is the shortest. A command is driven only where the old side may answer it with success, as no
//! client relies on what was refused. A difference does not end the walk: it goes on as if what is new were accepted,
//! after everything that can be reached without that. The old side is then wherever the new status was seen on the
//! old one, as the client goes on with what it knows of that status; if it never was, the old side stays where it is.
//! What is found behind such a step is marked by it. It is exact that something is found without any such step if and
//! only if the client can see a difference.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fixedbitset::FixedBitSet;

use super::names::Names;
use super::observer::ObserverClass;
use super::report::Step;
use super::view::{View, ViewState};
use migration_table::bdd::TooLarge;
use migration_table::model::Channel;

/// The most pairs of one walk.
const PAIRS_MAX: usize = 1 << 18;

/// The most differences on the way to one that is still reported. Behind more of them, the two sides have little in
/// common and every finding would be about that.
const ASSUMED_MAX: usize = 2;

/// The same for a client that asks: it sees one change as many.
const ASSUMED_ASKING_MAX: usize = 1;

/// What differs at a pair.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The new side can show this next, the old one cannot.
    Output(usize),
    /// The new side may show nothing more; the old one always goes on.
    Rest,
    /// The new side may go on for ever without an end; the old one always comes to one.
    Trapped,
    /// The command can succeed on the old side only.
    Rejected(String),
    /// The command always succeeds on the old side and may fail on the new one.
    MayBeRejected(String),
    /// The command succeeds before something is shown that always came first on the old side.
    Early(String),
    /// The command fails on both sides, on the new one with other errors.
    OtherError(String),
    /// The command can succeed on the new side only.
    Accepted(String),
    /// The old side can show this next, the new one cannot.
    Lost(usize),
    /// The attempt can end with this status without a further command on the old side only.
    OutcomeLost(usize),
}

impl Kind {
    /// Whether a command that could succeed never does.
    pub(super) fn is_rejection(&self) -> bool {
        matches!(self, Kind::Rejected(_))
    }

    /// Whether a client that sees it, with nothing assumed, cannot live with the new side.
    pub(super) fn breaks(&self) -> bool {
        match self {
            Kind::Output(_)
            | Kind::Rest
            | Kind::Trapped
            | Kind::Rejected(_)
            | Kind::MayBeRejected(_)
            | Kind::Early(_) => true,
            Kind::OtherError(_) | Kind::Accepted(_) | Kind::Lost(_) | Kind::OutcomeLost(_) => false,
        }
    }
}

/// A difference.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// The pair where it is.
    pub(super) pair: usize,
    pub(super) kind: Kind,
}

/// A pair of states of the two views, and how it was reached.
pub(super) struct Pair {
    pub(super) new: usize,
    pub(super) old: usize,
    /// The pair before; none for the first.
    pub(super) from: Option<usize>,
    /// The labels of the step: one, or two that have changed places.
    pub(super) labels: Vec<usize>,
    /// Whether the step is one that the old side does not know.
    pub(super) is_assumed: bool,
    /// How many steps on the way are assumed.
    pub(super) assumed: usize,
    /// How many steps lead here.
    pub(super) length: usize,
    /// What came before the first step, if that was another walk.
    pub(super) before: Option<Box<Before>>,
}

/// What a client did and saw under other settings, before it came to a pair.
pub(super) struct Before {
    /// Where it was then: the number of a walk, and a pair of it.
    pub(super) from: (usize, usize),
    /// The steps.
    pub(super) steps: Vec<Step>,
    /// The status that was seen last.
    pub(super) seen: Option<usize>,
}

/// A finished walk.
pub(super) struct Walk<'a> {
    pub(super) names: &'a Names,
    pub(super) class: ObserverClass,
    pub(super) new: View<'a>,
    pub(super) old: View<'a>,
    pub(super) pairs: Vec<Pair>,
    /// In the order of their pairs.
    pub(super) differences: Vec<Difference>,
    /// The last pair of two states.
    index: BTreeMap<(usize, usize), usize>,
    /// Pairs before this one that lie behind an assumed step may be reached once more.
    forgotten: usize,
    /// New outputs that have only changed places with another: pair and label, and the other label.
    swaps: BTreeMap<(usize, usize), usize>,
    /// Where the steps lead that the old side does not know, by pair and label.
    pub(super) unknown: BTreeMap<(usize, usize), (usize, usize)>,
    /// The pairs that are still to be looked at, by the number of assumed steps on the way.
    todo: [VecDeque<Pair>; ASSUMED_MAX + 1],
}

/// Two outputs that have changed places.
struct Swap {
    /// What came first on the old side.
    first: usize,
    /// The states behind both.
    new: usize,
    old: usize,
}

/// The commands that a client knows.
pub(super) type Commands = BTreeSet<String>;

impl<'a> Walk<'a> {
    /// Walks.
    ///
    /// # Errors
    ///
    /// When there are too many pairs.
    pub(super) fn new(
        mut new: View<'a>,
        mut old: View<'a>,
        names: &'a Names,
        class: ObserverClass,
        commands: &Commands,
    ) -> Result<Walk<'a>, TooLarge> {
        new.seen(0)?;
        old.seen(0)?;
        let (pairs, differences) = (Vec::new(), Vec::new());
        let (index, swaps, unknown, todo) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), Default::default());
        let mut walk = Walk { names, class, new, old, pairs, differences, index, forgotten: 0, swaps, unknown, todo };
        walk.enter((0, 0), None);
        walk.go(commands)?;
        Ok(walk)
    }

    /// Begins at a pair, unless the walk came there before.
    pub(super) fn enter(&mut self, (new, old): (usize, usize), before: Option<Before>) {
        let (length, before) = (before.as_ref().map_or(0, |before| before.steps.len()), before.map(Box::new));
        self.reach(Pair { new, old, from: None, labels: Vec::new(), is_assumed: false, assumed: 0, length, before });
    }

    /// Forgets that pairs behind an assumed step were reached, as they may be reached without one.
    pub(super) fn forget_assumed(&mut self) {
        self.forgotten = self.pairs.len();
    }

    /// Walks on until everything is looked at.
    ///
    /// # Errors
    ///
    /// When there are too many pairs.
    pub(super) fn go(&mut self, commands: &Commands) -> Result<(), TooLarge> {
        while let Some(pair) = self.todo.iter_mut().find_map(VecDeque::pop_front) {
            // It may have been reached since, on a way with fewer assumed steps.
            if self.pair(pair.new, pair.old).is_some() {
                continue;
            }
            self.index.insert((pair.new, pair.old), self.pairs.len());
            self.pairs.push(pair);
            self.look(self.pairs.len() - 1, commands)?;
            if self.pairs.len() > PAIRS_MAX {
                return Err(TooLarge);
            }
        }
        Ok(())
    }

    /// The pair of these states, if the walk came there.
    pub(super) fn pair(&self, new: usize, old: usize) -> Option<usize> {
        self.latest(new, old).filter(|pair| *pair >= self.forgotten || self.pairs[*pair].assumed == 0)
    }

    /// The same, whether it is forgotten or not.
    pub(super) fn latest(&self, new: usize, old: usize) -> Option<usize> {
        self.index.get(&(new, old)).copied()
    }

    pub(super) fn new_seen(&self, pair: usize) -> &ViewState {
        self.new.known(self.pairs[pair].new)
    }

    pub(super) fn old_seen(&self, pair: usize) -> &ViewState {
        self.old.known(self.pairs[pair].old)
    }

    fn reach(&mut self, pair: Pair) {
        let most = match self.class.channel {
            Channel::Events => ASSUMED_MAX,
            Channel::Poll => ASSUMED_ASKING_MAX,
        };
        if pair.assumed <= most && self.pair(pair.new, pair.old).is_none() {
            let todo = &mut self.todo[pair.assumed];
            let at = todo.partition_point(|other| other.length <= pair.length);
            todo.insert(at, pair);
        }
    }

    pub(super) fn step(&mut self, pair: usize, labels: Vec<usize>, new: usize, old: usize, is_assumed: bool) {
        let Pair { assumed, length, .. } = self.pairs[pair];
        if self.old_seen(pair).after(labels[0]).is_none() {
            self.unknown.insert((pair, labels[0]), (new, old));
        }
        let (assumed, length) = (assumed + usize::from(is_assumed), length + labels.len());
        self.reach(Pair { new, old, from: Some(pair), labels, is_assumed, assumed, length, before: None });
    }

    pub(super) fn found(&mut self, pair: usize, kind: Kind) {
        self.differences.push(Difference { pair, kind });
    }

    /// Looks at a pair: notes what differs, and goes on.
    fn look(&mut self, pair: usize, commands: &Commands) -> Result<(), TooLarge> {
        let Pair { new, old, .. } = self.pairs[pair];
        self.new.seen(new)?;
        self.old.seen(old)?;
        self.look_at_outputs(pair)?;
        self.look_at_ends(pair);
        self.look_at_commands(pair, commands);
        Ok(())
    }

    fn look_at_outputs(&mut self, pair: usize) -> Result<(), TooLarge> {
        let Pair { new, old, assumed, .. } = self.pairs[pair];
        let outputs = self.new.known(new).outputs.clone();
        for (label, to) in &outputs {
            if let Some(old_to) = self.old.known(old).output(*label) {
                self.step(pair, vec![*label], *to, old_to, false);
            }
        }
        let lost: Vec<usize> = self
            .old
            .known(old)
            .outputs
            .iter()
            .map(|(label, _)| *label)
            .filter(|label| self.new.known(new).output(*label).is_none())
            .collect();
        for (label, to) in outputs {
            if self.old.known(old).output(label).is_some() {
                continue;
            }
            self.found(pair, Kind::Output(label));
            if let Some(swap) = self.swap(pair, label, &lost)? {
                // Between the two, the sides cannot be compared; behind both they can.
                self.step(pair, vec![label, swap.first], swap.new, swap.old, true);
                continue;
            }
            let status = self.names.shown(label).expect("an output shows a status");
            // A client that is still shown what it was shown before knows no more than that.
            let is_as_before = self.class.channel == Channel::Poll && self.is_shown_before(pair, status);
            let old_to = match self.old.anywhere(status).filter(|_| !is_as_before) {
                Some(anywhere) => anywhere,
                None => self.old.stay(old, status),
            };
            self.step(pair, vec![label], to, old_to, true);
        }
        if assumed == 0 {
            lost.into_iter().for_each(|label| self.found(pair, Kind::Lost(label)));
        }
        Ok(())
    }

    /// Whether what is new here has only changed places with something that was shown before it.
    fn swap(&mut self, pair: usize, label: usize, lost: &[usize]) -> Result<Option<Swap>, TooLarge> {
        let Pair { new, old, .. } = self.pairs[pair];
        let Some(new_to) = self.new.seen(new)?.output(label) else { return Ok(None) };
        for first in lost.iter().copied() {
            let Some(old_to) = self.old.seen(old)?.output(first) else { continue };
            let Some(old) = self.old.seen(old_to)?.output(label) else { continue };
            if let Some(new) = self.new.seen(new_to)?.output(first) {
                self.swaps.insert((pair, label), first);
                return Ok(Some(Swap { first, new, old }));
            }
        }
        Ok(None)
    }

    /// What came first on the old side, if a new output has only changed places with it.
    pub(super) fn swapped_with(&self, pair: usize, label: usize) -> Option<usize> {
        self.swaps.get(&(pair, label)).copied()
    }

    /// Whether something that the new side cannot show here has only changed places with something else.
    pub(super) fn has_moved(&self, pair: usize, first: usize) -> bool {
        self.swaps.iter().any(|((at, _), moved)| *at == pair && *moved == first)
    }

    /// Rests, ends, and outcomes.
    fn look_at_ends(&mut self, pair: usize) {
        let (new, old) = (self.new_seen(pair), self.old_seen(pair));
        let rest = new.rests && !old.rests;
        let was_trapped = old.members.ones().any(|member| self.old.automaton.states[member].may_be_trapped);
        let states = &self.new.automaton.states;
        // An attempt that could wait for ever had no end in sight either.
        let mut trapped = new.members.ones().map(|member| &states[member]).filter(|state| state.trapped);
        let is_trapped = !was_trapped && trapped.any(|state| !self.old.waits(old, &state.shows));
        let now = outcomes(&self.new, new, self.names);
        let before = outcomes(&self.old, old, self.names);
        let lost: Vec<usize> = before.difference(&now).collect();
        if rest {
            self.found(pair, Kind::Rest);
        }
        if is_trapped {
            self.found(pair, Kind::Trapped);
        }
        if self.pairs[pair].assumed == 0 {
            lost.into_iter().for_each(|status| self.found(pair, Kind::OutcomeLost(status)));
        }
    }
}

/// The statuses with which an attempt can end from here without a command.
pub(super) fn outcomes(view: &View<'_>, seen: &ViewState, names: &Names) -> FixedBitSet {
    let mut outcomes = FixedBitSet::with_capacity(names.statuses());
    for member in seen.members.ones() {
        outcomes.union_with(&view.automaton.states[member].outcomes);
    }
    outcomes
}
