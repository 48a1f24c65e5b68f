//! The reasons of both sides compared: with which reason can a status come that comes on both sides?
//!
//! Statuses are compared without reasons, so that a reason which comes or goes is never a new status. Then both sides
//! are walked together once more, in breadth, by the same kinds of clients. This walk reports differences in reasons
//! only. It stops where one side shows a status that the other does not: the comparison of statuses has reported that.
//!
//! A client that meets a reason which it does not know does with it what it does with a status: it passes over the
//! reason, or it fails. Where the old side knows no reason at all, its clients look at none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::drafts::{Compared, Told};
use super::evidence::Evidence;
use super::indexed::Indexed;
use super::language;
use super::names::Names;
use super::observer::ObserverClass;
use super::report::Step;
use super::rules::definition::Claim;
use super::rules::reasons::{CHANGED, GIVEN, LOST, MISSING};
use super::view::View;
use crate::public::{Automaton, Public, PublicMachine, SettingCube};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

/// The most pairs of one walk.
const PAIRS_MAX: usize = 1 << 18;

/// Compares the reasons of one machine, and adds what differs.
///
/// # Errors
///
/// When there are too many cases.
pub(super) fn compare(
    new_machine: &PublicMachine,
    (old, old_machine): (&Public, &PublicMachine),
    classes: &BTreeSet<ObserverClass>,
    compared: &mut Compared,
) -> Result<(), TooLarge> {
    for new in &new_machine.behaviours {
        for behaviour in &old_machine.behaviours {
            let cases = compared.common.shared(&new.under, &behaviour.under);
            if !cases.is_empty() && new.automaton != behaviour.automaton {
                let sides = (&new.automaton, &behaviour.automaton);
                of_case(sides, old, &cases, classes, compared)?;
            }
        }
    }
    Ok(())
}

/// Two behaviours that the same settings give.
fn of_case(
    (new, old): (&Automaton, &Automaton),
    known: &Public,
    cases: &[SettingCube],
    classes: &BTreeSet<ObserverClass>,
    compared: &mut Compared,
) -> Result<(), TooLarge> {
    let statuses: BTreeSet<String> = known.statuses.keys().cloned().collect();
    let names = Names::new([new, old].into_iter(), &statuses);
    let (new, old) = (Indexed::new(new, &names), Indexed::new(old, &names));
    for class in classes {
        let (mut new_view, mut old_view) = (View::new(&new, &names, *class), View::new(&old, &names, *class));
        let (so_far, _) = compared.verdicts[class];
        let headline = language::relate(&mut new_view, &mut old_view, so_far)?;
        let (new_view, old_view) = (View::new(&new, &names, *class), View::new(&old, &names, *class));
        let mut walk = Walk::new(known, &names, *class, new_view, old_view);
        walk.go()?;
        compared.verdicts.entry(*class).and_modify(|verdict| {
            verdict.0 = headline;
            verdict.1 &= !walk.breaks;
        });
        for (told, evidence, assumed) in walk.found {
            let Some((rule, claim)) = claim(&told) else {
                let found = (evidence, cases.to_vec());
                match compared.reasons.get_mut(told.reason.as_deref().unwrap_or_default()) {
                    Some((known, all)) => {
                        all.extend(cases);
                        if class.channel == Channel::Events && known.steps.len() > found.0.steps.len() {
                            *known = found.0;
                        }
                    }
                    None => drop(compared.reasons.insert(told.reason.unwrap_or_default(), found)),
                }
                continue;
            };
            compared.told(Told { rule, claim, evidence, cases, class: *class, assumed });
        }
    }
    Ok(())
}

/// What differs: with a status, a reason or none comes on one side only.
struct Difference {
    status: String,
    reason: Option<String>,
    /// With which reasons the status comes there on the old side.
    before: Vec<Option<String>>,
    kind: Kind,
    /// Whether the other side never shows it anywhere.
    is_everywhere: bool,
    /// The statuses after which the new side shows it, and the old one does not.
    ways: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It comes for another reason.
    Changed,
    /// It comes without one, and never did.
    Missing,
    /// It comes with one, and never did.
    Given,
    /// The reason is one that the old side does not know.
    Unknown,
    /// It no longer comes for this reason.
    Lost,
}

/// What is said of a difference; `None` for a new reason, which is told by its name.
fn claim(told: &Difference) -> Option<(&'static super::rules::Rule, Claim)> {
    let Difference { status, reason, before, kind, is_everywhere, ways } = told;
    let reason = reason.as_deref().unwrap_or_default();
    let before: Vec<String> = before.iter().flatten().map(|reason| format!("`{reason}`")).collect();
    let before = before.join(" or ");
    let because = format!("{status} because {reason}");
    let ways = if ways.is_empty() { String::new() } else { format!(" after {}", ways.join(" or ")) };
    let (rule, subject, message) = match kind {
        Kind::Unknown => return None,
        Kind::Changed => (
            &CHANGED,
            because + &ways,
            format!("`{status}` can now come because of `{reason}`; before, it came there because of {before}"),
        ),
        Kind::Missing => (
            &MISSING,
            format!("{status}{ways}"),
            format!("`{status}` can now come without a reason; before, it came there because of {before}"),
        ),
        Kind::Given => (
            &GIVEN,
            because,
            format!("`{status}` can now come because of `{reason}`; before, it came there without a reason"),
        ),
        Kind::Lost => (&LOST, because, format!("`{status}` no longer comes because of `{reason}`")),
    };
    Some((rule, Claim { subject, message, is_everywhere: *is_everywhere }))
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
}

impl Pair {
    fn places(&self) -> (usize, usize, usize) {
        (self.new, self.old, self.loose)
    }
}

/// Both sides walked together by one kind of client.
struct Walk<'a> {
    known: &'a Public,
    names: &'a Names,
    class: ObserverClass,
    new: View<'a>,
    old: View<'a>,
    pairs: Vec<Pair>,
    index: BTreeMap<(usize, usize, usize), usize>,
    /// Pairs that are still to be looked at: those on whose way nothing is assumed, and those behind one such step.
    todo: [VecDeque<Pair>; 2],
    found: Vec<(Difference, Evidence, usize)>,
    breaks: bool,
}

impl<'a> Walk<'a> {
    fn new(known: &'a Public, names: &'a Names, class: ObserverClass, new: View<'a>, old: View<'a>) -> Walk<'a> {
        let first = Pair { new: 0, old: 0, loose: 0, from: None, label: None, is_assumed: false, assumed: 0 };
        let todo = [VecDeque::from([first]), VecDeque::new()];
        let (pairs, index, found) = (Vec::new(), BTreeMap::new(), Vec::new());
        Walk { known, names, class, new, old, pairs, index, todo, found, breaks: false }
    }

    fn go(&mut self) -> Result<(), TooLarge> {
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
            if let Some(old_to) = self.old.known(old).output(label) {
                self.reach(at, label, (to, old_to, loose_to.unwrap_or(old_to)), false);
                continue;
            }
            let alike = self.alike_before(at, status);
            if alike.is_empty() {
                continue;
            }
            let kind = self.kind(status, &alike);
            let breaks = match kind {
                Kind::Unknown => self.class.unknown == Unknown::Fail,
                Kind::Changed | Kind::Missing => true,
                Kind::Given | Kind::Lost => false,
            };
            self.breaks |= breaks && self.pairs[at].assumed == 0;
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
            self.todo[assumed].push_back(Pair {
                new,
                old,
                loose,
                from: Some(from),
                label: Some(label),
                is_assumed,
                assumed,
            });
        }
    }

    fn find(&mut self, at: usize, label: usize, kind: Kind) {
        let Some(shown) = self.names.shown(label) else { return };
        let Pair { new, assumed, .. } = self.pairs[at];
        let step =
            |label: usize, assumed| Step { label: Some(self.names.label(label).clone()), assumed, ..Step::default() };
        let way = std::iter::successors(Some(&self.pairs[at]), |pair| Some(&self.pairs[pair.from?]));
        let mut steps: Vec<Step> = way.filter_map(|pair| Some(step(pair.label?, pair.is_assumed))).collect();
        steps.reverse();
        steps.push(step(label, false));
        let words = |labels: Vec<(usize, usize)>| -> Vec<String> {
            labels.iter().map(|(label, _)| self.names.label(*label)).map(words).collect()
        };
        let alike = self.alike_before(at, shown);
        let reason_of = |label: usize| self.names.reason(self.names.shown(label)?).map(str::to_owned);
        let before = alike.iter().map(|(label, _)| reason_of(*label)).collect();
        let place = self.new.automaton.places(self.names, &self.new.known(new).members, label).into_iter().min();
        let evidence =
            Evidence { steps, repeated: 0, before: words(alike), now: words(self.new.alike(new, shown)), place };
        let status = self.names.status(shown).to_owned();
        let reason = self.names.reason(shown).map(str::to_owned);
        let other = if kind == Kind::Lost { &self.new } else { &self.old };
        let is_everywhere = !other.automaton.everywhere.publishes(label);
        let ways = self.ways(label);
        self.found.push((Difference { status, reason, before, kind, is_everywhere, ways }, evidence, assumed));
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

/// What an output shows, in words.
fn words(label: &crate::public::Label) -> String {
    match label {
        crate::public::Label::Event(shown) => shown.to_string(),
        crate::public::Label::Reply(command, _) => command.clone(),
    }
}
