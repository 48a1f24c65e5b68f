//! One machine compared: a walk for every kind of client and every two behaviours that the same settings give.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::cause;
use super::evidence::Evidence;
use super::indexed::Indexed;
use super::language;
use super::names::Names;
use super::observer::ObserverClass;
use super::report::{Headline, Level, Step};
use super::rules::definition::Claim;
use super::rules::{Rule, claim};
use super::view::View;
use super::walk::{Commands, Difference, Kind, Walk};
use super::when::Common;
use crate::public::{Automaton, Label, Public, PublicMachine, SettingCube, Shown};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

/// What the walks over one machine have found.
pub(super) struct Compared {
    /// For every class, how the languages relate and whether a client can live with the new side.
    pub(super) verdicts: BTreeMap<ObserverClass, (Headline, bool)>,
    /// The findings, by rule and subject.
    pub(super) drafts: BTreeMap<(&'static str, String), Draft>,
    /// The nearest way to each status that the old side does not know, and the settings under which there is one.
    pub(super) arrivals: BTreeMap<String, (Evidence, Vec<SettingCube>)>,
    /// The same for reasons.
    pub(super) reasons: BTreeMap<String, (Evidence, Vec<SettingCube>)>,
    pub(super) common: Common,
}

/// A difference in the reasons, as one client sees it.
pub(super) struct Told<'a> {
    pub(super) rule: &'static Rule,
    pub(super) claim: Claim,
    pub(super) evidence: Evidence,
    /// The settings that both sides are under.
    pub(super) cases: &'a [SettingCube],
    pub(super) class: ObserverClass,
    /// How many steps on the way are assumed.
    pub(super) assumed: usize,
}

impl Compared {
    /// Takes in a difference in the reasons.
    pub(super) fn told(&mut self, told: Told<'_>) {
        let Told { rule, claim, evidence, cases, class, assumed } = told;
        let Some(level) = rule.levels.to(class) else { return };
        let rank = (assumed, class.channel, evidence.steps.len(), class);
        let key = (rule.id, claim.subject);
        let draft = self.drafts.entry(key).or_insert_with(|| Draft {
            rule,
            cases: Vec::new(),
            levels: BTreeMap::new(),
            message: claim.message.clone(),
            is_everywhere: true,
            evidence: evidence.clone(),
            rank,
        });
        draft.cases.extend(cases);
        draft.is_everywhere &= claim.is_everywhere;
        draft.levels.insert(class, level);
        if rank < draft.rank {
            (draft.rank, draft.message, draft.evidence) = (rank, claim.message, evidence);
        }
    }
}

/// A finding that grows while walks go on.
pub(super) struct Draft {
    pub(super) rule: &'static Rule,
    pub(super) cases: Vec<SettingCube>,
    /// How much it matters to each class that sees it.
    pub(super) levels: BTreeMap<ObserverClass, Level>,
    message: String,
    /// Whether the message is true wherever the status is shown that it names, under all of the cases.
    is_everywhere: bool,
    pub(super) evidence: Evidence,
    rank: Rank,
}

impl Draft {
    /// Returns the message, which says so if it is about the way that the evidence shows and not about every one.
    pub(super) fn headline(&self) -> String {
        if self.is_everywhere { self.message.clone() } else { format!("on the way shown, {}", self.message) }
    }
}

/// How good a piece of evidence is, best first: without assumed steps, in the eyes of a client that is sent events,
/// short.
type Rank = (usize, Channel, usize, ObserverClass);

/// Compares one machine in the eyes of these classes.
///
/// # Errors
///
/// When there are too many cases.
pub(super) fn compare(
    (new, new_machine): (&Public, &PublicMachine),
    (old, old_machine): (&Public, &PublicMachine),
    classes: &BTreeSet<ObserverClass>,
) -> Result<Compared, TooLarge> {
    let common = Common::new((new, new_machine), (old, old_machine));
    let verdicts = classes.iter().map(|class| (*class, (Headline::Identical, true))).collect();
    let mut compared =
        Compared { verdicts, drafts: BTreeMap::new(), arrivals: BTreeMap::new(), reasons: BTreeMap::new(), common };
    let known: BTreeSet<String> = old.statuses.keys().cloned().collect();
    let commands: Commands =
        old.commands.keys().filter(|command| new.commands.contains_key(*command)).cloned().collect();
    let gone: Commands = old.commands.keys().filter(|command| !new.commands.contains_key(*command)).cloned().collect();
    for new in &new_machine.behaviours {
        for old in &old_machine.behaviours {
            let cases = compared.common.shared(&new.under, &old.under);
            if cases.is_empty() || new.automaton == old.automaton {
                continue;
            }
            let pair = Case {
                new: &new.automaton,
                old: &old.automaton,
                cases,
                known: &known,
                commands: &commands,
                gone: &gone,
            };
            pair.compare(classes, &mut compared)?;
        }
    }
    Ok(compared)
}

/// The walks, and the classes that each is for. Without an unknown status, what a client would do with one makes no
/// difference. One that asks and fails at it sees what one sees that passes over it, up to where it fails.
fn groups(classes: &BTreeSet<ObserverClass>, has_unknown: bool) -> BTreeMap<ObserverClass, Vec<ObserverClass>> {
    let mut groups: BTreeMap<ObserverClass, Vec<ObserverClass>> = BTreeMap::new();
    for class in classes {
        let is_same = !has_unknown || class.channel == Channel::Poll;
        let unknown = if is_same { Unknown::Skip } else { class.unknown };
        groups.entry(ObserverClass { unknown, ..*class }).or_default().push(*class);
    }
    groups
}

/// Two behaviours that the same settings give.
struct Case<'a> {
    new: &'a Automaton,
    old: &'a Automaton,
    /// The settings.
    cases: Vec<SettingCube>,
    known: &'a BTreeSet<String>,
    /// The commands that both sides know.
    commands: &'a Commands,
    /// The commands that only the old side knows.
    gone: &'a Commands,
}

impl Case<'_> {
    fn compare(&self, classes: &BTreeSet<ObserverClass>, compared: &mut Compared) -> Result<(), TooLarge> {
        let names = Names::new([self.new, self.old].into_iter(), self.known);
        let (new, old) = (Indexed::new(self.new, &names), Indexed::new(self.old, &names));
        for class in classes {
            let (so_far, _) = compared.verdicts[class];
            let (mut new_view, mut old_view) = (View::new(&new, &names, *class), View::new(&old, &names, *class));
            let headline = language::relate(&mut new_view, &mut old_view, so_far)?;
            compared.verdicts.entry(*class).and_modify(|verdict| verdict.0 = headline);
        }
        let has_unknown = (0..names.statuses()).any(|status| !names.is_known(status));
        let mut sent: BTreeMap<Unknown, Walk<'_>> = BTreeMap::new();
        for (class, members) in groups(classes, has_unknown) {
            let knows_where = class.knows_where();
            let (new_view, old_view) = (View::new(&new, &names, class), View::new(&old, &names, class));
            let walk = Walk::new(new_view, old_view, &names, class, self.commands)?;
            let mut collector = Collector { case: self, walk: &walk, classes: &members, has_unknown, compared };
            let breaks = collector.differences(sent.get_mut(&class.unknown))?;
            collector.verdict(breaks || self.loses_a_command(&walk));
            collector.arrivals();
            if class.channel == Channel::Poll {
                collector.silent_arrivals();
            }
            if knows_where {
                sent.insert(class.unknown, walk);
            }
        }
        Ok(())
    }

    /// Whether an old client can drive a command that is gone.
    fn loses_a_command(&self, walk: &Walk<'_>) -> bool {
        let reached = (0..walk.pairs.len()).filter(|pair| walk.pairs[*pair].assumed == 0);
        let mut replies = reached.flat_map(|pair| &walk.old_seen(pair).replies);
        replies.any(|(label, _)| {
            walk.names.reply(*label).is_some_and(|(name, success)| success && self.gone.contains(name))
        })
    }
}

/// Takes what a walk has found into the findings of the machine.
struct Collector<'c, 'w, 'a> {
    case: &'c Case<'c>,
    walk: &'w Walk<'a>,
    /// The classes in whose eyes it went.
    classes: &'c [ObserverClass],
    has_unknown: bool,
    compared: &'c mut Compared,
}

impl Collector<'_, '_, '_> {
    fn verdict(&mut self, breaks: bool) {
        for class in self.classes {
            let is_asked = class.channel == Channel::Poll;
            let shown = is_asked && class.unknown == Unknown::Fail && self.walk.is_shown_unknown();
            let (_, compatible) = self.compared.verdicts.entry(*class).or_insert((Headline::Identical, true));
            *compatible &= !breaks && !shown;
        }
    }

    /// Statuses that the old side does not know, where they are first seen.
    fn arrivals(&mut self) {
        for difference in &self.walk.differences {
            let Kind::Output(label) = difference.kind else { continue };
            let Some(status) = self.walk.names.shown(label).filter(|status| !self.walk.names.is_known(*status)) else {
                continue;
            };
            let evidence = Evidence::new(self.walk, difference);
            let is_asked = self.walk.class.channel == Channel::Poll;
            let is_nearer = |known: &Evidence| !is_asked && known.steps.len() > evidence.steps.len();
            match self.compared.arrivals.get_mut(self.walk.names.status(status)) {
                Some((known, cases)) => {
                    cases.extend(&self.case.cases);
                    if is_nearer(known) {
                        *known = evidence;
                    }
                }
                None => {
                    let found = (evidence, self.case.cases.clone());
                    self.compared.arrivals.insert(self.walk.names.status(status).to_string(), found);
                }
            }
        }
    }

    /// Statuses that the old side does not know and that are shown although no event says so: at the beginning.
    fn silent_arrivals(&mut self) {
        for pair in 0..self.walk.pairs.len() {
            for status in self.walk.unknown_at(pair) {
                let name = self.walk.names.status(status).to_string();
                let sample = Step { label: Some(Label::Event(Shown::status(&name))), assumed: false };
                let steps = || self.walk.steps(pair).into_iter().chain([sample]).collect();
                let evidence = || Evidence { steps: steps(), ..Evidence::default() };
                let cases = || self.case.cases.clone();
                let known = self.compared.arrivals.entry(name).or_insert_with(|| (evidence(), cases()));
                known.1.extend(cases());
            }
        }
    }

    /// Takes in what differs; whether a client cannot live with some of it.
    fn differences(&mut self, mut sent: Option<&mut Walk<'_>>) -> Result<bool, TooLarge> {
        let mut breaks = false;
        for difference in &self.walk.differences {
            let is_asked = self.walk.class.channel == Channel::Poll;
            let is_unsure = !self.walk.class.knows_where();
            let behind = match &mut sent {
                Some(sent) if is_asked || is_unsure && difference.kind.is_rejection() => {
                    cause(self.walk, difference, sent)?.map(|difference| (difference, &**sent))
                }
                Some(_) | None => None,
            };
            let is_exact = self.walk.pairs[difference.pair].assumed == 0;
            if is_unsure && difference.kind.is_rejection() && behind.is_none() && (is_asked || is_exact) {
                // The command succeeded in a place that the new machine does not come to; that is told by itself.
                continue;
            }
            breaks |= difference.kind.breaks() && is_exact;
            if self.is_told_elsewhere(difference) || self.walk.is_told_by_a_refusal(difference) {
                continue;
            }
            let is_credited = behind.is_some_and(|(behind, sent)| self.credit(sent, &behind));
            if !is_credited {
                self.add(difference);
            }
        }
        Ok(breaks)
    }

    /// Whether a difference only repeats what another finding says.
    fn is_told_elsewhere(&self, difference: &Difference) -> bool {
        let walk = self.walk;
        let exact = walk.pairs[difference.pair].assumed == 0;
        match &difference.kind {
            // A status that the old side does not know is a finding about the vocabulary.
            Kind::Output(label) => walk.is_unknown(difference) || walk.came_first(difference.pair, *label),
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
            Kind::OutcomeLost(_) => !exact || !walk.class.knows_where(),
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
        let pair = &self.walk.pairs[difference.pair];
        let rank = (pair.assumed, self.walk.class.channel, pair.length, self.walk.class);
        let draft = self.compared.drafts.entry(key.clone()).or_insert_with(|| Draft {
            rule,
            cases: Vec::new(),
            levels: BTreeMap::new(),
            message: claim.message.clone(),
            is_everywhere: true,
            evidence: Evidence::new(self.walk, difference),
            rank,
        });
        draft.cases.extend(&self.case.cases);
        draft.is_everywhere &= claim.is_everywhere;
        if rank < draft.rank {
            (draft.rank, draft.message, draft.evidence) = (rank, claim.message, Evidence::new(self.walk, difference));
        }
        self.raise(&key, rule, &difference.kind);
    }

    /// Notes that a difference which other clients see matters to these as well; whether there is such a finding. One that
    /// they cannot see, by its rule, is none to them: they have a finding of their own.
    fn credit(&mut self, sent: &Walk<'_>, difference: &Difference) -> bool {
        let Some((rule, claim)) = claim(sent, difference) else { return false };
        if self.classes.iter().any(|class| rule.levels.to(*class).is_none()) {
            return false;
        }
        let key = (rule.id, claim.subject);
        self.raise(&key, rule, &difference.kind);
        // Under other settings there may be such a finding although under these it only repeats another one.
        let is_told = |draft: &Draft| self.case.cases.iter().all(|case| draft.cases.contains(case));
        difference.kind.breaks() && self.compared.drafts.get(&key).is_some_and(is_told)
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
