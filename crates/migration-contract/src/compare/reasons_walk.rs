//! The walk that compares reasons: both sides together, in the eyes of one kind of client.
//!
//! It stops where one side shows a status that the other does not, after the same statuses: the comparison of statuses has
//! reported that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fixedbitset::FixedBitSet;

use super::drafts::{Arriving, Compared, Told};
use super::evidence::Evidence;
use super::names::Names;
use super::observer::ObserverClass;
use super::reason_claim::{Difference, Kind, claim};
use super::report::Step;
use super::text::steps_words;
use super::view::{View, ViewState};
use super::walk::{Before, Commands};
use super::walks::Staying;
use crate::public::{Public, SettingCube};
use migration_table::Span;
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

/// The most pairs of one walk.
const PAIRS_MAX: usize = 1 << 18;

/// Something that a walk has found.
pub(super) struct Found {
    pair: usize,
    difference: Difference,
    evidence: Evidence,
    /// The rows of the new side that make it.
    rows: Vec<Span>,
}

/// A pair of states of the two views, and how it was reached.
struct Pair {
    new: usize,
    old: usize,
    /// Where the old side may be after the same statuses, whatever reasons they came with.
    loose: usize,
    from: Option<usize>,
    label: Option<usize>,
    is_assumed: bool,
    assumed: usize,
    /// How many steps lead here.
    length: usize,
    /// What came before the first step, if that was another walk.
    before: Option<Box<Before>>,
}

impl Pair {
    fn places(&self) -> (usize, usize, usize) {
        (self.new, self.old, self.loose)
    }
}

/// Both sides walked together by one kind of client.
pub(super) struct ReasonsWalk<'a> {
    known: &'a Public,
    names: &'a Names,
    class: ObserverClass,
    new: View<'a>,
    old: View<'a>,
    pairs: Vec<Pair>,
    index: BTreeMap<(usize, usize, usize), usize>,
    /// Pairs that are still to be looked at: those on whose way nothing is assumed, and those behind one such step.
    todo: [VecDeque<Pair>; 2],
    found: Vec<Found>,
    /// The pairs at which a client finds something that it cannot live with.
    breaking: Vec<usize>,
}

impl<'a> ReasonsWalk<'a> {
    /// Walks as long as the settings stay.
    ///
    /// # Errors
    ///
    /// When there are too many pairs.
    pub(super) fn begun(
        known: &'a Public,
        names: &'a Names,
        class: ObserverClass,
        new: View<'a>,
        old: View<'a>,
    ) -> Result<ReasonsWalk<'a>, TooLarge> {
        let first = Pair {
            new: 0,
            old: 0,
            loose: 0,
            from: None,
            label: None,
            is_assumed: false,
            assumed: 0,
            length: 0,
            before: None,
        };
        let todo = [VecDeque::from([first]), VecDeque::new()];
        let (pairs, index, found) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut walk = ReasonsWalk { known, names, class, new, old, pairs, index, todo, found, breaking: Vec::new() };
        walk.walk()?;
        Ok(walk)
    }

    /// Takes what was found from a pair on into the findings of the machine, without what is known already.
    pub(super) fn take(
        &self,
        first: usize,
        cases: &[SettingCube],
        compared: &mut Compared,
        is_known: impl Fn(&ReasonsWalk<'a>, &Found) -> bool,
    ) {
        let class = self.class;
        let breaks = self.breaking.iter().any(|pair| *pair >= first);
        compared.verdicts.entry(class).and_modify(|verdict| verdict.1 &= !breaks);
        for found in self.found.iter().filter(|it| it.pair >= first && !is_known(self, it)) {
            let Found { pair, difference, evidence, rows } = found;
            let evidence = evidence.clone();
            let way = (!self.was_found_on_the_way(found)).then(|| steps_words(&self.steps(*pair)));
            if let Some((rule, claim)) = claim(difference) {
                let (assumed, rows) = (self.pairs[*pair].assumed, rows.clone());
                compared.told(Told { rule, claim, evidence, rows, cases, class, way, assumed });
                continue;
            }
            let nearest = || Arriving { evidence: evidence.clone(), cases: Vec::new(), ways: BTreeSet::new() };
            let name = difference.reason.clone().unwrap_or_default();
            let known = compared.reasons.entry(name).or_insert_with(nearest);
            if class.channel == Channel::Events && known.evidence.steps.len() > evidence.steps.len() {
                known.evidence = evidence.clone();
            }
            known.cases.extend(cases);
            known.ways.extend(way);
        }
    }

    fn walk(&mut self) -> Result<(), TooLarge> {
        while let Some(pair) = self.todo.iter_mut().find_map(VecDeque::pop_front) {
            if self.index.contains_key(&pair.places()) {
                continue;
            }
            self.index.insert(pair.places(), self.pairs.len());
            self.pairs.push(pair);
            self.look(self.pairs.len() - 1)?;
            if self.pairs.len() > PAIRS_MAX {
                return Err(TooLarge);
            }
        }
        Ok(())
    }

    fn look(&mut self, at: usize) -> Result<(), TooLarge> {
        let Pair { new, old, loose, .. } = self.pairs[at];
        self.new.seen(new)?;
        self.old.seen(old)?;
        self.old.seen(loose)?;
        for (label, to) in self.new.known(new).outputs.clone() {
            let status = self.names.shown(label).expect("an output shows a status");
            // Statuses are compared without reasons, so that here is where the old side may be for any reason.
            let anyhow = self.old.alike(loose, status);
            let loose_to = if anyhow.is_empty() { None } else { Some(self.together(&anyhow, status)) };
            let alike = self.alike_before(at, status);
            if let Some((_, old_to)) = alike.iter().copied().find(|(known, _)| *known == label) {
                self.reach(at, label, (to, old_to, loose_to.unwrap_or(old_to)), false);
                continue;
            }
            if alike.is_empty() {
                continue;
            }
            let kind = self.kind(status, &alike);
            let breaks = match kind {
                Kind::Unknown => self.class.unknown == Unknown::Fail,
                Kind::Changed | Kind::Missing => true,
                Kind::Given | Kind::Lost => false,
            };
            if breaks && self.pairs[at].assumed == 0 {
                self.breaking.push(at);
            }
            self.find(at, label, kind);
            if kind == Kind::Unknown && breaks {
                // The client has failed.
                continue;
            }
            let old_to = self.together(&alike, status);
            self.reach(at, label, (to, old_to, loose_to.unwrap_or(old_to)), breaks);
        }
        self.look_at_lost(at);
        self.look_at_replies(at);
        Ok(())
    }

    fn together(&mut self, alike: &[(usize, usize)], status: usize) -> usize {
        self.old.together(alike.iter().map(|(_, to)| *to), status)
    }

    /// With which reasons a status comes at a pair on the old side, and where they lead: after the same stream, or, if it does
    /// not come then, after the same statuses.
    fn alike_before(&self, at: usize, status: usize) -> Vec<(usize, usize)> {
        let alike = self.old.alike(self.pairs[at].old, status);
        if alike.is_empty() { self.old.alike(self.pairs[at].loose, status) } else { alike }
    }

    fn kind(&self, status: usize, alike: &[(usize, usize)]) -> Kind {
        let had_reason = alike.iter().filter_map(|(label, _)| self.names.shown(*label));
        let had_reason = had_reason.into_iter().any(|shown| self.names.reason(shown).is_some());
        match self.names.reason(status) {
            None => Kind::Missing,
            Some(reason) if !self.known.reasons.contains_key(reason) => Kind::Unknown,
            Some(_) if had_reason => Kind::Changed,
            Some(_) => Kind::Given,
        }
    }

    /// What came on the old side, and on the new one comes with other reasons only.
    fn look_at_lost(&mut self, at: usize) {
        let Pair { new, old, assumed, .. } = self.pairs[at];
        if assumed > 0 {
            return;
        }
        for (label, _) in self.old.known(old).outputs.clone() {
            let Some(status) = self.names.shown(label).filter(|status| self.names.reason(*status).is_some()) else {
                continue;
            };
            if self.new.known(new).output(label).is_none() && !self.new.alike(new, status).is_empty() {
                self.find(at, label, Kind::Lost);
            }
        }
    }

    /// Goes on behind the replies to commands that can succeed on the old side.
    fn look_at_replies(&mut self, at: usize) {
        let Pair { new, old, loose, .. } = self.pairs[at];
        let old_replies = self.old.known(old).replies.clone();
        let answers = old_replies.iter().filter_map(|(label, _)| self.names.answer(*label));
        let driven: BTreeSet<usize> = answers
            .filter(|(command, is_success)| *is_success && self.old.may_give(old, *command))
            .map(|(command, _)| command)
            .collect();
        for (label, to) in self.new.known(new).replies.clone() {
            let Some((command, is_success)) = self.names.answer(label).filter(|(it, _)| driven.contains(it)) else {
                continue;
            };
            let mut behind = |state: usize| {
                let seen = self.old.known(state);
                let errors =
                    seen.replies.iter().filter(|(label, _)| self.names.answer(*label) == Some((command, false)));
                let errors: Vec<usize> = errors.filter(|_| !is_success).map(|(_, to)| *to).collect();
                seen.reply(label).or_else(|| self.old.any_of(&errors))
            };
            if let Some(old_to) = behind(old) {
                let loose_to = behind(loose).unwrap_or(old_to);
                self.reach(at, label, (to, old_to, loose_to), false);
            }
        }
    }

    fn reach(&mut self, from: usize, label: usize, to: (usize, usize, usize), is_assumed: bool) {
        let assumed = self.pairs[from].assumed + usize::from(is_assumed);
        let (new, old, loose) = to;
        if assumed < self.todo.len() && !self.index.contains_key(&to) {
            let length = self.pairs[from].length + 1;
            self.todo[assumed].push_back(Pair {
                new,
                old,
                loose,
                from: Some(from),
                label: Some(label),
                is_assumed,
                assumed,
                length,
                before: None,
            });
        }
    }

    fn find(&mut self, at: usize, label: usize, kind: Kind) {
        let Some(shown) = self.names.shown(label) else { return };
        let new = self.pairs[at].new;
        let step =
            |label: usize, assumed| Step { label: Some(self.names.label(label).clone()), assumed, ..Step::default() };
        let mut steps = self.steps(at);
        steps.push(step(label, false));
        let words = |labels: Vec<(usize, usize)>| -> Vec<String> {
            labels.iter().map(|(label, _)| self.names.label(*label)).map(words).collect()
        };
        let alike = self.alike_before(at, shown);
        let reason_of = |label: usize| self.names.reason(self.names.shown(label)?).map(str::to_owned);
        let before = alike.iter().map(|(label, _)| reason_of(*label)).collect();
        let rows = self.new.automaton.places(self.names, &self.new.known(new).members, label);
        let place = rows.iter().copied().min();
        let evidence =
            Evidence { steps, repeated: 0, before: words(alike), now: words(self.new.alike(new, shown)), place };
        let status = self.names.status(shown).to_owned();
        let reason = self.names.reason(shown).map(str::to_owned);
        let other = if kind == Kind::Lost { &self.new } else { &self.old };
        let is_everywhere = !other.automaton.everywhere.publishes(label);
        let ways = self.ways(label);
        let difference = Difference { status, reason, before, kind, is_everywhere, ways };
        self.found.push(Found { pair: at, difference, evidence, rows });
    }

    /// Whether a client finds the same on the way to it.
    fn was_found_on_the_way(&self, found: &Found) -> bool {
        let mut way = std::iter::successors(self.pairs[found.pair].from, |pair| self.pairs[*pair].from);
        way.any(|pair| self.found.iter().any(|other| other.pair == pair && other.difference.is_same(&found.difference)))
    }

    /// Whether the same steps show the same where settings did not change last, by no other rows.
    pub(super) fn is_found_before(&self, found: &Found, walks: &[ReasonsWalk<'_>]) -> bool {
        let first = self.back(found.pair).last().and_then(|pair| pair.before.as_ref());
        let Some((from, start)) = first.map(|before| before.from) else { return false };
        let mut labels: Vec<usize> = self.back(found.pair).filter_map(|pair| pair.label).collect();
        labels.reverse();
        let from = &walks[from];
        let Some(pair) = labels.into_iter().try_fold(start, |pair, label| from.behind(pair, label)) else {
            return false;
        };
        let is_same = |other: &&Found| other.pair == pair && other.difference.is_same(&found.difference);
        from.found.iter().find(is_same).is_some_and(|same| found.rows.iter().all(|row| same.rows.contains(row)))
    }

    /// The pair behind a step that both sides take.
    fn behind(&self, pair: usize, label: usize) -> Option<usize> {
        let Pair { new, old, .. } = self.pairs[pair];
        let to = (self.new.known(new).after(label)?, self.old.known(old).after(label)?);
        self.pairs.iter().position(|pair| (pair.new, pair.old) == to && pair.assumed == 0)
    }

    /// The pairs on the way to one, the last one first.
    fn back(&self, pair: usize) -> impl Iterator<Item = &Pair> {
        std::iter::successors(Some(&self.pairs[pair]), |pair| Some(&self.pairs[pair.from?]))
    }

    /// What a client did and saw on the way to a pair.
    fn steps(&self, pair: usize) -> Vec<Step> {
        let step = |pair: &Pair| {
            let label = Some(self.names.label(pair.label?).clone());
            Some(Step { label, assumed: pair.is_assumed, ..Step::default() })
        };
        let mut steps: Vec<Step> = self.back(pair).filter_map(step).collect();
        steps.reverse();
        let before = self.back(pair).find_map(|pair| pair.before.as_ref());
        before.map(|before| before.steps.clone()).unwrap_or_default().into_iter().chain(steps).collect()
    }

    /// The statuses after which the new side publishes this, and the old one does not, wherever that is.
    fn ways(&self, label: usize) -> Vec<String> {
        let of = |view: &View<'_>| -> BTreeSet<usize> {
            let states = view.automaton.states.iter();
            let publishing = states.filter(|state| state.events.iter().any(|(event, _)| *event == label));
            publishing.flat_map(|state| state.shows.iter().copied()).collect()
        };
        let (new, old) = (of(&self.new), of(&self.old));
        let names: BTreeSet<&str> = new.difference(&old).map(|status| self.names.status(*status)).collect();
        names.into_iter().map(str::to_owned).collect()
    }
}

impl Staying for ReasonsWalk<'_> {
    fn count(&self) -> usize {
        self.pairs.len()
    }

    fn way(&self, pair: usize) -> (usize, usize) {
        (self.pairs[pair].length, self.pairs[pair].assumed)
    }

    fn seen(&self, pair: usize) -> (&ViewState, &ViewState) {
        (self.new.known(self.pairs[pair].new), self.old.known(self.pairs[pair].old))
    }

    fn before(&self, pair: usize) -> (Vec<Step>, Option<usize>) {
        let seen = self.back(pair).find_map(|pair| self.names.shown(pair.label?));
        let before = || self.back(pair).find_map(|pair| pair.before.as_ref()?.seen);
        (self.steps(pair), seen.or_else(before))
    }

    fn forget_assumed(&mut self) {
        let pairs = &self.pairs;
        self.index.retain(|_, pair| pairs[*pair].assumed == 0);
    }

    fn enter(&mut self, new: FixedBitSet, old: FixedBitSet, last: Option<usize>, before: Before) {
        let (new, old) = (self.new.among(new, last), self.old.among(old, last));
        let (length, before) = (before.steps.len(), Some(Box::new(before)));
        let begun =
            Pair { new, old, loose: old, from: None, label: None, is_assumed: false, assumed: 0, length, before };
        self.todo[0].push_back(begun);
    }

    fn go(&mut self, _: &Commands) -> Result<(), TooLarge> {
        self.walk()
    }
}

/// What an output shows, in words.
fn words(label: &crate::public::Label) -> String {
    match label {
        crate::public::Label::Event(shown) => shown.to_string(),
        crate::public::Label::Reply(command, _) => command.clone(),
    }
}
