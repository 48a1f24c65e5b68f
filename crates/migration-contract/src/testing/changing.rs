//! Clients that change settings, simulated: what each kind of client can see of two tables once it has.
//!
//! Written from the guide. A change is a command that always succeeds, at once where the machine takes commands, and the
//! machine stays where it is. A setting that a fixed guard of the old table takes is changed where, as far as the client has
//! seen, the old machine is in an idle state for certain; it counts for a new machine that is idle as well, since one that is
//! still at work takes it for its next attempt. One that other guards look at is changed wherever it takes
//! commands. A setting that means nothing to the old machine is changed between attempts.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use super::clients::{Client, Kind, PAIRS_MAX, Seen, Set, set_of};
use super::conditions::{holds, is_made, sees_all};
use super::evidence::{seen, showing, tells};
use super::plain::{Reads, Side, Word, Words};
use super::subject::Tables;
use crate::compare::{Change, Channel, ObserverClass, Step};
use crate::public::settings::impossible;
use crate::public::{AFTER_A_CHANGE, Public, setting};
use migration_table::model::{FactKind, FactSet, Machine};

/// Under which settings something differs, by their number, what that is, and how it was found.
type Differences = BTreeMap<(usize, (Kind, Seen)), Occurrences>;

/// Where a difference was found.
#[derive(Default)]
pub(super) struct Occurrences {
    /// After how many steps it was found first.
    length: usize,
    /// For each place where it was found, the other settings under which the same steps show the same: where the settings did
    /// not change last, or never.
    elsewhere: BTreeSet<BTreeSet<usize>>,
}

/// How many places of one difference are looked at.
const PLACES_MAX: usize = 8;

/// How many settings are played at most.
const NAMES_MAX: usize = 3;

/// What a client does or sees.
#[derive(Clone, Copy)]
enum Act {
    Sees(Seen),
    Changes(usize),
}

/// Where the sides may be, what was seen last, and the number of the settings.
type At = (Set, Set, Option<Word>, usize);

/// What differs to clients that have changed settings.
pub(super) struct Changing {
    /// The settings, by their numbers.
    all: Vec<BTreeSet<String>>,
    new: Rc<Side>,
    old: Rc<Side>,
    known: BTreeSet<Word>,
    /// By class.
    pub(super) differences: BTreeMap<&'static str, Differences>,
}

/// Whether a finding is about what follows a change of settings.
pub(super) fn is_changing(change: &Change) -> bool {
    change.condition.ends_with(AFTER_A_CHANGE)
}

impl Changing {
    /// `None` if there are no settings to change, or too much to play.
    pub(super) fn new(
        tables: Tables<'_>,
        (public, before): (&Public, &Public),
        known: &BTreeSet<Word>,
        commands: &BTreeSet<Word>,
    ) -> Option<Changing> {
        let [new_machine, old_machine] = tables.machines();
        let own: BTreeSet<String> = [new_machine, old_machine].into_iter().flat_map(settings).collect();
        let names: Vec<String> = own.into_iter().filter(|name| before.settings.contains(name)).collect();
        // Whether a value is any value is asked of the comparison elsewhere.
        let is_plain = names.iter().all(|name| public.settings.contains(name));
        if names.is_empty() || names.len() > NAMES_MAX || !is_plain || public.settings != before.settings {
            return None;
        }
        let all = possible(&names);
        let kinds = [Kinds::of(new_machine), Kinds::of(old_machine)];
        let [new, old] = tables.sides(Reads::Statuses, &all, before);
        let mut found = Changing { all, new, old, known: known.clone(), differences: BTreeMap::new() };
        for (name, class) in ObserverClass::ALL {
            let differences = found.play(class, &kinds, commands)?;
            found.differences.insert(name, differences);
        }
        Some(found)
    }

    fn play(&self, class: ObserverClass, kinds: &[Kinds; 2], commands: &BTreeSet<Word>) -> Option<Differences> {
        let client = Client { class, known: &self.known };
        let mut found = BTreeMap::new();
        let start = (client.initial(&self.new), client.initial(&self.old), None, 0, false);
        let (mut known, mut todo) = (HashSet::from([start.clone()]), VecDeque::from([(start, Vec::<Act>::new())]));
        // Before anything else a client may make any settings, and that is no change.
        let is_start = |length: usize, under: usize| length == 0 && under == 0;
        while let Some(((here, there, last, under, is_changed), way)) = todo.pop_front() {
            let length = way.len();
            let place = client.place(&self.new, &self.old, (&here, &there, last), commands);
            for difference in place.differs.into_iter().filter(|_| is_changed) {
                let length = length + 1;
                let occurrences = found
                    .entry((under, difference))
                    .or_insert_with(|| Occurrences { length, ..Occurrences::default() });
                if occurrences.elsewhere.len() < PLACES_MAX && !occurrences.elsewhere.contains(&BTreeSet::new()) {
                    occurrences.elsewhere.insert(self.elsewhere((client, kinds, commands), &way, difference));
                }
            }
            let mut next: Vec<_> = place
                .next
                .into_iter()
                .map(|(new, old, last, seen)| ((new, old, last, under, is_changed), Act::Sees(seen)))
                .collect();
            for (to, on) in self.all.iter().enumerate().filter(|(to, _)| *to != under) {
                let changed: Vec<&String> = self.all[under].symmetric_difference(on).collect();
                if !is_start(length, under) && !kinds[1].are_changed(&self.old, &there, &changed) {
                    continue;
                }
                let here = if kinds[0].are_steps(&changed) { here.clone() } else { idle(&self.new, &here) };
                let (new, old) = (moved(&self.new, &here, to), moved(&self.old, &there, to));
                if !new.is_empty() && !old.is_empty() {
                    // To one that asks, the same answer after the change is news.
                    let is_asked = class.channel == Channel::Poll;
                    for last in BTreeSet::from([last, last.filter(|_| !is_asked)]) {
                        let new = client.closed(&self.new, new.iter().copied(), last);
                        let old = client.closed(&self.old, old.iter().copied(), last);
                        next.push(((new, old, last, to, !is_start(length, under)), Act::Changes(to)));
                    }
                }
            }
            for (next, act) in next {
                if known.insert(next.clone()) {
                    todo.push_back((next, way.iter().copied().chain([act]).collect()));
                }
            }
            if known.len() > PAIRS_MAX {
                return None;
            }
        }
        Some(found)
    }

    /// The other settings under which the same steps show the same difference: where the settings did not change last, or never.
    fn elsewhere(
        &self,
        (client, kinds, commands): (Client<'_>, &[Kinds; 2], &BTreeSet<Word>),
        way: &[Act],
        difference: (Kind, Seen),
    ) -> BTreeSet<usize> {
        let is_change = |act: &Act| matches!(act, Act::Changes(_));
        let seen = || way.iter().copied().filter(|act| !is_change(act));
        let last = way.iter().rposition(is_change);
        let without = way.iter().copied().enumerate().filter(|(at, _)| Some(*at) != last).map(|(_, act)| act);
        let never = (0..self.all.len()).map(|to| [Act::Changes(to)].into_iter().chain(seen()).collect::<Vec<Act>>());
        let mut found = BTreeSet::new();
        for way in never.chain([without.collect()]) {
            let Some((here, there, last, under)) = self.follow(client, kinds, &way) else { continue };
            let place = client.place(&self.new, &self.old, (&here, &there, last), commands);
            found.extend(place.differs.contains(&difference).then_some(under));
        }
        found
    }

    /// Where the sides may be after these steps; `None` if they cannot both take them.
    fn follow(&self, client: Client<'_>, kinds: &[Kinds; 2], way: &[Act]) -> Option<At> {
        let mut at: At = (client.initial(&self.new), client.initial(&self.old), None, 0);
        for act in way {
            let (here, there, last, under) = &at;
            at = match *act {
                Act::Changes(to) if to == *under => continue,
                Act::Changes(to) => {
                    let changed: Vec<&String> = self.all[*under].symmetric_difference(&self.all[to]).collect();
                    let here = if kinds[0].are_steps(&changed) { here.clone() } else { idle(&self.new, here) };
                    let new = client.closed(&self.new, moved(&self.new, &here, to).iter().copied(), *last);
                    let old = client.closed(&self.old, moved(&self.old, there, to).iter().copied(), *last);
                    if new.is_empty() || old.is_empty() {
                        return None;
                    }
                    (new, old, *last, to)
                }
                Act::Sees(seen) => {
                    let (new, _) = client.one(&self.new, (here, *last), seen)?;
                    let (old, last) = client.one(&self.old, (there, *last), seen)?;
                    (new, old, last, *under)
                }
            };
        }
        Some(at)
    }

    /// Holds what differs to a class against the findings that it is told to break: those about settings that stay, and
    /// those about settings that change.
    pub(super) fn check(
        &self,
        (name, class): (&'static str, ObserverClass),
        (breaking, after): (&[&Change], &[&Change]),
        words: &Words,
        wrong: &mut Vec<String>,
    ) {
        let differences = &self.differences[name];
        let sees_all = sees_all(class);
        let places = differences.iter().flat_map(|(it, occurrences)| {
            occurrences.elsewhere.iter().map(move |elsewhere| (it, occurrences.length, elsewhere))
        });
        for ((under, difference), length, elsewhere) in places.filter(|_| sees_all) {
            let on = &self.all[*under];
            let under: Vec<&BTreeSet<String>> = [under].into_iter().chain(elsewhere).map(|it| &self.all[*it]).collect();
            // A new status is one finding, whatever shows it.
            let is_arrival = |change: &Change| change.rule == "status-added";
            let holds_there = |condition: &str| under.iter().any(|on| holds(condition, on));
            let here = breaking.iter().filter(|change| holds_there(&change.condition) || is_arrival(change));
            let later = after.iter().filter(|change| holds_there(stays(change)));
            let told: Vec<&&Change> = here.chain(later).collect();
            let is_refusal = |change: &&&&Change| change.rule == "command-rejected";
            if !told.iter().any(|change| tells(change, *difference, usize::MAX, words) || is_refusal(&change)) {
                let told: Vec<String> = told.iter().map(|change| change.key().to_string()).collect();
                let what = format!("{difference:?} after {length} steps is told by none of {told:?}");
                wrong.push(format!("{name}: once settings changed, {what} with {on:?}"));
            }
        }
        if differences.is_empty() && !after.is_empty() {
            let told: Vec<String> = after.iter().map(|change| change.key().to_string()).collect();
            wrong.push(format!("{name}: nothing differs once settings changed, but {told:?} is told"));
        }
        for change in after.iter().filter(|change| sees_all && change.evidence.iter().all(|step| !step.assumed)) {
            if !self.proves(change, words) {
                let (key, evidence) = (change.key(), &change.evidence);
                wrong.push(format!("{name}: `{key}` proves nothing: {evidence:?}"));
            }
        }
    }

    /// Whether a client that the finding breaks sees its evidence on one side and not on the other.
    fn proves(&self, change: &Change, words: &Words) -> bool {
        let is_broken = |(name, _): &&(&str, ObserverClass)| change.breaks.contains(*name);
        let classes: Vec<ObserverClass> =
            ObserverClass::ALL.iter().filter(is_broken).map(|(_, class)| *class).collect();
        classes.into_iter().any(|class| {
            let client = Client { class, known: &self.known };
            let shows = |side: &Side| self.shows(client, side, change, words);
            let shown = [shows(&self.new), shows(&self.old)];
            shown == showing(change)
        })
    }

    fn shows(&self, client: Client<'_>, side: &Side, change: &Change, words: &Words) -> bool {
        let (mut set, mut last, mut on) = (client.initial(side), None, BTreeSet::new());
        let is_endless = change.rule == "progress-lost";
        let counts = |step: &&Step| !is_endless || step.label.is_some() || !step.set.is_empty();
        for step in change.evidence.iter().filter(counts) {
            if step.set.is_empty() {
                let Some(next) = client.one(side, (&set, last), seen(step, words)) else { return false };
                (set, last) = next;
                continue;
            }
            for (name, is_on) in &step.set {
                on.remove(name);
                on.extend(is_on.then(|| name.clone()));
            }
            let Some(to) = self.all.iter().position(|all| *all == on) else { return false };
            set = client.closed(side, moved(side, &set, to).iter().copied(), last);
            if set.is_empty() {
                return false;
            }
        }
        !is_endless || client.may_not_end(side, &set, last)
    }
}

/// The settings in whose words a finding about a change speaks: those after it.
fn stays(change: &Change) -> &str {
    match change.condition.trim_end_matches(AFTER_A_CHANGE).trim_end() {
        "" => crate::public::ALWAYS,
        condition => condition,
    }
}

/// Where the machine is once it has other settings.
fn moved(side: &Side, set: &Set, to: usize) -> Set {
    let changes = |at: &u32| side.node(*at).changes.iter().filter(|(other, _)| *other == to).map(|(_, at)| *at);
    // Under the settings that it has, it stays; one that is about to publish something takes no command.
    set_of(set.iter().flat_map(changes))
}

/// Those of these places in which no attempt is under way.
fn idle(side: &Side, set: &Set) -> Set {
    set_of(set.iter().copied().filter(|at| side.node(*at).is_idle))
}

/// Which settings of a machine are taken for an attempt, and which are looked at again at every step.
struct Kinds {
    fixed: BTreeSet<String>,
    steps: BTreeSet<String>,
}

impl Kinds {
    fn of(machine: &Machine) -> Kinds {
        let mentioned = machine.rows.iter().map(|row| row.condition.mentions());
        let needed = machine.facts.iter().filter_map(|fact| match &fact.kind {
            FactKind::Trigger { admission, .. } => Some(&admission.needs),
            FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => None,
        });
        let needed = needed.flatten().filter_map(|name| machine.fact_id(name)).collect();
        let asked = mentioned.fold(needed, |all: FactSet, more| all | more);
        let named = |guards: FactSet| guards.iter().filter_map(|guard| setting(&machine.fact(guard).kind)).collect();
        let fixed: BTreeSet<String> = named(asked & machine.fixed_guards());
        let steps: BTreeSet<String> = named((asked & machine.guards()) - machine.fixed_guards());
        Kinds { steps: steps.difference(&fixed).cloned().collect(), fixed }
    }

    /// Whether a client changes these, where the old machine may be in any of these places.
    fn are_changed(&self, old: &Side, there: &Set, changed: &[&String]) -> bool {
        // A place that is left at once and unseen is none where a machine may be.
        let places = there.iter().map(|at| old.node(*at)).filter(|node| !node.is_due || !node.events.is_empty());
        let is_over = places.into_iter().all(|node| !node.is_due && node.is_idle);
        is_over || changed.iter().all(|name| self.steps.contains(*name))
    }

    /// Whether these mean something to the machine during an attempt, and none of them is taken for one.
    fn are_steps(&self, changed: &[&String]) -> bool {
        !self.steps.is_empty() && changed.iter().all(|name| !self.fixed.contains(*name))
    }
}

/// The settings that a machine depends on.
fn settings(machine: &Machine) -> impl Iterator<Item = String> {
    machine.facts.iter().filter_map(|fact| setting(&fact.kind))
}

/// Every setting that a client can make, the empty one first.
fn possible(names: &[String]) -> Vec<BTreeSet<String>> {
    let never = impossible(names);
    let on = |bits: usize| -> BTreeSet<String> {
        names.iter().enumerate().filter(|(at, _)| bits >> at & 1 != 0).map(|(_, name)| name.clone()).collect()
    };
    (0..1_usize << names.len()).map(on).filter(|on| is_made(on, names, &never)).collect()
}
