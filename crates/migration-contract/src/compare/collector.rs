//! From differences to findings: what a walk has found is taken into the findings of the machine.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::causes;
use super::drafts::{Arriving, Compared, Draft};
use super::evidence::{Evidence, rows};
use super::observer::ObserverClass;
use super::report::{Headline, Level, Step};
use super::rules::{Rule, claim};
use super::walk::{Difference, Kind, Walk};
use crate::public::{Label, SettingCube, Shown};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

/// The walks, and the classes that each is for. Without an unknown status, what a client would do with one makes no
/// difference. One that asks and fails at it sees what one sees that passes over it, up to where it fails.
pub(super) fn groups(
    classes: &BTreeSet<ObserverClass>,
    has_unknown: bool,
) -> BTreeMap<ObserverClass, Vec<ObserverClass>> {
    let mut groups: BTreeMap<ObserverClass, Vec<ObserverClass>> = BTreeMap::new();
    for class in classes {
        let is_same = !has_unknown || class.channel == Channel::Poll;
        let unknown = if is_same { Unknown::Skip } else { class.unknown };
        groups.entry(ObserverClass { unknown, ..*class }).or_default().push(*class);
    }
    groups
}

/// Takes what a walk has found into the findings of the machine.
pub(super) struct Collector<'c, 'w, 'a> {
    /// The settings that both sides are under.
    pub(super) cases: &'c [SettingCube],
    pub(super) walk: &'w Walk<'a>,
    /// The first pair that counts.
    pub(super) first: usize,
    /// The classes in whose eyes it went.
    pub(super) classes: &'c [ObserverClass],
    pub(super) has_unknown: bool,
    pub(super) compared: &'c mut Compared,
    /// The pairs of every finding, by rule and subject.
    pub(super) found: BTreeMap<(&'static str, String), BTreeSet<usize>>,
}

impl<'w, 'a> Collector<'_, 'w, 'a> {
    /// The differences that count.
    fn counted(&self) -> impl Iterator<Item = &'w Difference> + use<'w, 'a> {
        let (walk, first) = (self.walk, self.first);
        walk.differences.iter().filter(move |difference| difference.pair >= first)
    }

    pub(super) fn verdict(&mut self, breaks: bool) {
        for class in self.classes {
            let is_asked = class.channel == Channel::Poll;
            let shown = is_asked && class.unknown == Unknown::Fail && self.walk.is_shown_unknown(self.first);
            let (_, compatible) = self.compared.verdicts.entry(*class).or_insert((Headline::Identical, true));
            *compatible &= !breaks && !shown;
        }
    }

    /// Statuses that the old side does not know, where they are first seen.
    pub(super) fn arrivals(&mut self) {
        let mut pairs: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for difference in self.counted() {
            let Kind::Output(label) = difference.kind else { continue };
            let Some(status) = self.walk.names.shown(label).filter(|status| !self.walk.names.is_known(*status)) else {
                continue;
            };
            let (name, evidence) = (self.walk.names.status(status), Evidence::new(self.walk, difference));
            let is_asked = self.walk.class.channel == Channel::Poll;
            self.compared.sent.extend((!is_asked).then(|| name.to_owned()));
            pairs.entry(name).or_default().insert(difference.pair);
            self.arrive(name, evidence, !is_asked);
        }
        self.note_arrivals(pairs);
    }

    /// Statuses that the old side does not know and that are shown although no event says so: at the beginning.
    pub(super) fn silent_arrivals(&mut self) {
        let mut pairs: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for pair in self.first..self.walk.pairs.len() {
            for status in self.walk.unknown_at(pair) {
                let name = self.walk.names.status(status);
                let sample = Step { label: Some(Label::Event(Shown::status(name))), ..Step::default() };
                let steps = self.walk.steps(pair).into_iter().chain([sample]).collect();
                pairs.entry(name).or_default().insert(pair);
                self.arrive(name, Evidence { steps, ..Evidence::default() }, false);
            }
        }
        self.note_arrivals(pairs);
    }

    /// Notes a way to a status; whether it may take the place of a longer one.
    fn arrive(&mut self, name: &str, evidence: Evidence, may_replace: bool) {
        let Some(known) = self.compared.arrivals.get_mut(name) else {
            let arriving = Arriving { evidence, cases: self.cases.to_vec(), ways: BTreeSet::new() };
            self.compared.arrivals.insert(name.to_owned(), arriving);
            return;
        };
        known.cases.extend(self.cases);
        if may_replace && known.evidence.steps.len() > evidence.steps.len() {
            known.evidence = evidence;
        }
    }

    /// Notes on which ways a client first comes to each status.
    fn note_arrivals(&mut self, pairs: BTreeMap<&str, BTreeSet<usize>>) {
        for (name, pairs) in pairs {
            let Some(known) = self.compared.arrivals.get_mut(name) else { continue };
            known.ways.extend(self.walk.first_ways(self.first, &pairs));
        }
    }

    /// Takes in what differs. Returns whether a client cannot live with some of it.
    pub(super) fn differences(&mut self, mut sent: Option<&mut Walk<'_>>) -> Result<bool, TooLarge> {
        let mut breaks = false;
        for difference in self.counted() {
            let is_asked = self.walk.class.channel == Channel::Poll;
            let is_unsure = !self.walk.class.knows_where();
            breaks |= match &mut sent {
                Some(sent) if is_asked || is_unsure && difference.kind.is_rejection() => {
                    let causes = causes(self.walk, difference, sent)?;
                    self.take(difference, &causes, Some(sent))
                }
                Some(_) | None => self.take(difference, &[], None),
            };
        }
        self.note_ways();
        Ok(breaks)
    }

    /// Notes on which ways a client first comes to each finding.
    fn note_ways(&mut self) {
        for (key, pairs) in &self.found {
            let Some(draft) = self.compared.drafts.get_mut(key) else { continue };
            let is_assumed = pairs.iter().all(|pair| self.walk.pairs[*pair].assumed > 0);
            draft.ways[usize::from(is_assumed)].extend(self.walk.first_ways(self.first, pairs));
        }
    }

    /// The same for what differs once settings have changed. `sent` is the walk of a client that is sent every event, with
    /// the first of its pairs that counts: what such a client finds too is its finding. What `is_known` says is found
    /// without the last change as well, and is told there.
    pub(super) fn changed(
        &mut self,
        sent: Option<(&Walk<'_>, usize)>,
        mut is_known: impl FnMut(&Difference) -> bool,
    ) -> bool {
        let mut breaks = false;
        for difference in self.counted() {
            if is_known(difference) {
                breaks |= difference.kind.breaks() && self.walk.pairs[difference.pair].assumed == 0;
                continue;
            }
            let is_asked = self.walk.class.channel == Channel::Poll;
            let is_unsure = !self.walk.class.knows_where();
            let sent = sent.filter(|_| is_asked || is_unsure && difference.kind.is_rejection());
            let behind = sent.and_then(|(sent, first)| same_behind(difference, sent, first));
            let behind: Vec<Difference> = behind.into_iter().collect();
            breaks |= self.take(difference, &behind, sent.map(|(sent, _)| sent));
        }
        self.note_ways();
        breaks
    }

    /// Takes in a difference, with those behind it which a client finds that is sent every event, by its walk. Returns whether
    /// a client cannot live with it.
    fn take(&mut self, difference: &Difference, behind: &[Difference], sent: Option<&Walk<'_>>) -> bool {
        let is_asked = self.walk.class.channel == Channel::Poll;
        let is_unsure = !self.walk.class.knows_where();
        let is_exact = self.walk.pairs[difference.pair].assumed == 0;
        if is_unsure && difference.kind.is_rejection() && behind.is_empty() && (is_asked || is_exact) {
            // The command succeeded where the new machine does not come to any more, which is a finding of its own.
            return false;
        }
        if !self.is_told_elsewhere(difference) && !self.walk.is_told_by_a_refusal(difference) {
            let is_credited = |it: &mut Self| behind.iter().any(|behind| it.credit(sent, difference, behind));
            if !is_credited(self) {
                self.add(difference);
            }
        }
        difference.kind.breaks() && is_exact
    }

    /// Whether a difference only repeats what another finding says.
    fn is_told_elsewhere(&self, difference: &Difference) -> bool {
        let walk = self.walk;
        let exact = walk.pairs[difference.pair].assumed == 0;
        match &difference.kind {
            // A status that the old side does not know is a finding about the vocabulary.
            Kind::Output(label) => {
                walk.is_unknown(difference)
                    || walk.came_first(difference.pair, *label)
                    || walk.was_found_before(difference)
                    || walk.comes_behind_another(difference.pair, *label)
            }
            // It may go on for ever because it stays there, or because it was trapped before.
            Kind::Trapped => {
                walk.has(&Difference { pair: difference.pair, kind: Kind::Rest })
                    || walk.was_trapped_before(difference.pair)
            }
            // With a new status in between, a client that passes over it sees whether something is lost.
            Kind::Lost(label) => {
                let is_strict = self.has_unknown && walk.class.unknown == Unknown::Fail;
                is_strict || walk.has_moved(difference.pair, *label) || !walk.class.knows_where()
            }
            // What a client that knows where the machine is finds lost is lost to all.
            Kind::OutcomeLost(_) => !exact || !walk.class.knows_where() || walk.was_over(difference.pair),
            Kind::Accepted(_) | Kind::OtherError(_) => !walk.class.knows_where(),
            Kind::Rest | Kind::Rejected(_) | Kind::MayBeRejected(_) | Kind::Early(_) => false,
        }
    }

    /// Adds a finding, or what this walk knows of it. Behind a status that it does not know, a strict client has failed
    /// already, and what it would see there is told by those who pass over the status.
    fn add(&mut self, difference: &Difference) {
        let Some((rule, claim)) = claim(self.walk, difference) else { return };
        let key = (rule.id, claim.subject.clone());
        if self.walk.is_beyond_unknown(difference.pair) && !matches!(difference.kind, Kind::Rest | Kind::Trapped) {
            self.raise(&key, rule, &difference.kind);
            return;
        }
        self.found.entry(key.clone()).or_default().insert(difference.pair);
        let pair = &self.walk.pairs[difference.pair];
        let rank = (pair.assumed, self.walk.class.channel, pair.length, self.walk.class);
        let draft = self.compared.drafts.entry(key.clone()).or_insert_with(|| Draft {
            rule,
            cases: Vec::new(),
            levels: BTreeMap::new(),
            message: claim.message.clone(),
            is_everywhere: true,
            evidence: Evidence::new(self.walk, difference),
            rows: BTreeSet::new(),
            ways: Default::default(),
            shown: BTreeSet::new(),
            rank,
        });
        draft.cases.extend(self.cases);
        draft.rows.extend(rows(self.walk, difference));
        draft.is_everywhere &= claim.is_everywhere;
        if rank < draft.rank {
            (draft.rank, draft.message, draft.evidence) = (rank, claim.message, Evidence::new(self.walk, difference));
        }
        self.raise(&key, rule, &difference.kind);
    }

    /// Notes that a difference which other clients see matters to these as well; whether there is such a finding. One that
    /// they cannot see, by its rule, is none to them: they have a finding of their own.
    fn credit(&mut self, sent: Option<&Walk<'_>>, asked: &Difference, difference: &Difference) -> bool {
        let Some((rule, claim)) = sent.and_then(|sent| claim(sent, difference)) else { return false };
        if self.classes.iter().any(|class| rule.levels.to(*class).is_none()) {
            return false;
        }
        let key = (rule.id, claim.subject);
        self.raise(&key, rule, &difference.kind);
        // Under other settings there may be such a finding although under these it only repeats another one.
        let is_told = |draft: &Draft| self.cases.iter().all(|case| draft.cases.contains(case));
        let is_credited = difference.kind.breaks() && self.compared.drafts.get(&key).is_some_and(is_told);
        if let (true, Some(status)) = (is_credited, self.walk.shown_behind_a_refusal(asked, difference)) {
            let status = status.to_owned();
            if let Some(draft) = self.compared.drafts.get_mut(&key) {
                draft.shown.insert(status);
            }
        }
        is_credited
    }

    fn raise(&mut self, key: &(&'static str, String), rule: &Rule, kind: &Kind) {
        let Some(draft) = self.compared.drafts.get_mut(key) else { return };
        let everybody: Vec<ObserverClass> = self.compared.verdicts.keys().copied().collect();
        let classes = if matches!(kind, Kind::OutcomeLost(_)) { &everybody } else { self.classes };
        for class in classes {
            let least = kind.breaks().then_some(Level::Break);
            let Some(level) = rule.levels.to(*class).max(least) else { continue };
            let known = draft.levels.entry(*class).or_insert(level);
            *known = (*known).max(level);
        }
    }
}

/// The nearest difference of this kind that a walk has found from a pair on. How a command is refused makes no other kind.
fn same_behind(difference: &Difference, sent: &Walk<'_>, first: usize) -> Option<Difference> {
    let refused = |kind: &Kind| match kind {
        Kind::Rejected(command) | Kind::MayBeRejected(command) => Some(command.clone()),
        Kind::Output(_)
        | Kind::Rest
        | Kind::Trapped
        | Kind::Early(_)
        | Kind::OtherError(_)
        | Kind::Accepted(_)
        | Kind::Lost(_)
        | Kind::OutcomeLost(_) => None,
    };
    let is_same = |other: &&Difference| {
        let command = refused(&difference.kind);
        let is_refusal = command.is_some() && command == refused(&other.kind);
        other.pair >= first && (other.kind == difference.kind || is_refusal)
    };
    sent.differences.iter().find(is_same).cloned()
}
