//! Two public sides compared: can a client that was written against the old one live with the new one, and if not, what
//! exactly will it see?
//!
//! A client is an [`ObserverClass`]: what it looks at and what it does with what it does not know. For each of them the
//! old and the new automaton are walked together, in breadth, so that the first place where they differ is the nearest.
//! Outputs may only become fewer, commands may only be accepted more often, rests may not be added, and what was
//! inevitable stays so: Tretmans' ioco with the replies to commands as outputs, and a clause on progress. A rule is a
//! file: it looks at the places that the walk has found and says which of them are what. All of that is about the status
//! alone; the reasons that come with it are compared after that, by a walk of their own.

mod cause;
mod changing;
mod collector;
mod drafts;
mod everywhere;
mod evidence;
mod first_ways;
mod indexed;
mod indexed_state;
mod key;
mod language;
mod levels;
mod machine;
mod names;
mod observer;
mod queries;
mod reason_claim;
mod reasons;
mod reasons_walk;
mod renames;
mod replies;
mod report;
pub mod rules;
mod sides;
mod text;
mod view;
mod walk;
mod walks;
mod way;
mod when;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::public::{ALWAYS, Public, PublicMachine, PublicObserver, Settings, given, without_reasons};

pub use key::{Key, KeyError};
pub use migration_table::model::{Channel, Repeat, Unknown};
pub use observer::ObserverClass;
pub use report::{Change, CompareError, Headline, Level, Report, Step, Verdict};
pub use rules::{Levels, Rule, rule, rules};
pub use text::{Source, accept, evidence_words, render_one};

use drafts::{Arriving, Draft};
use rules::definition::Run;
use sides::{Listed, Sides};

/// A client in whose eyes the sides are compared.
struct Observer {
    name: String,
    class: ObserverClass,
    /// Whether it is promised compatibility.
    counts: bool,
}

/// Compares two public sides: can a client that was written against the old one live with the new one?
///
/// # Errors
///
/// When the behaviours of a machine have too many cases to compare.
pub fn compare(new: &Public, old: &Public) -> Result<Report, CompareError> {
    let observers = observers(new, old);
    let classes: BTreeSet<ObserverClass> = observers.iter().map(|observer| observer.class).collect();
    // Clients of a side without reasons look at none; that some are told now is an extension.
    let told = (!old.reasons.is_empty()).then_some((new, old));
    let given = [new, old].map(|side| given(side).into_iter().cloned().collect());
    let introduces = |machine: &str| old.reasons.is_empty() && of(new, machine).is_some_and(gives_reasons);
    let full = (new, old);
    let (new, old) = (&*without_reasons(new), &*without_reasons(old));
    let renames = renames::Renames::new((new, old), full);
    let walked = sides::with_old_names(new, &renames);
    let told = told.map(|(new, old)| (sides::with_old_names(new, &renames), old));
    let (mut verdicts, mut changes) = (Vec::new(), Vec::new());
    let (arrivals, reasons) = (BTreeMap::new(), BTreeMap::new());
    let mut sides = Sides { new, old, given, walked: &walked, renames, arrivals, sent: BTreeSet::new(), reasons };
    for machine in names(new, old) {
        let [new_machine, old_machine] = [&walked, old].map(|side| of(side, &machine));
        let more = Headline::of(introduces(&machine), false);
        let verdict = |observer: &Observer, (headline, compatible): (Headline, bool)| {
            let headline = headline.and(more);
            let (machine, observer) = (machine.clone(), observer.name.clone());
            Verdict { machine, observer, headline, compatible }
        };
        let (Some(new_machine), Some(old_machine)) = (new_machine, old_machine) else {
            let is_new = new_machine.is_some();
            let both = (Headline::of(is_new, !is_new), is_new);
            verdicts.extend(observers.iter().map(|observer| verdict(observer, both)));
            continue;
        };
        let too_large = |_| CompareError { machine: machine.clone() };
        let mut compared = machine::compare((&walked, new_machine), (old, old_machine), &classes).map_err(too_large)?;
        if let Some((new, old)) = &told
            && let (Some(new_machine), Some(old_machine)) = (of(new, &machine), of(old, &machine))
        {
            reasons::compare(new_machine, (old, old_machine), &classes, &mut compared).map_err(too_large)?;
        }
        let mut changed = changing::compare((&walked, new_machine), (old, old_machine), &classes).map_err(too_large)?;
        if let Some((new, old)) = &told
            && let (Some(new_machine), Some(old_machine)) = (of(new, &machine), of(old, &machine))
        {
            let sides = ((new, new_machine), (*old, old_machine));
            changed = changing::compare_reasons(sides.0, sides.1, &classes, changed).map_err(too_large)?;
        }
        let both = |class: ObserverClass| {
            let (headline, lives) = compared.verdicts[&class];
            let changed = changed.as_ref().map_or((headline, true), |changed| changed.verdicts[&class]);
            (headline.and(changed.0), lives && changed.1)
        };
        verdicts.extend(observers.iter().map(|observer| verdict(observer, both(observer.class))));
        let changed = changed.map(|changed| changed.without(&compared)).transpose().map_err(too_large)?;
        for compared in [compared].into_iter().chain(changed) {
            sides.sent.extend(compared.sent.iter().cloned());
            for (found, known) in [(&compared.arrivals, &mut sides.arrivals), (&compared.reasons, &mut sides.reasons)] {
                for (name, Arriving { evidence, cases, ways }) in found {
                    let (machine, evidence, ways) = (machine.clone(), evidence.clone(), ways.clone());
                    let when = compared.when(cases).map_err(too_large)?;
                    known.entry(name.clone()).or_default().push(sides::Arrival { machine, evidence, when, ways });
                }
            }
            for ((_, subject), draft) in &compared.drafts {
                let when = compared.when(&draft.cases).map_err(too_large)?;
                changes.push(change(&machine, subject, draft, when, &observers));
            }
        }
    }
    for rule in rules() {
        if let Run::Lists(list) = rule.run {
            let about = |listed: Listed| {
                let levels = listed.levels.unwrap_or(rule.levels);
                finding(rule, listed, |class| levels.to(class), &observers)
            };
            changes.extend(list(&sides).into_iter().map(about));
        }
    }
    break_by_names(&sides, &mut verdicts);
    changes.iter_mut().for_each(|change| sides.renames.tell(change));
    changes.sort_by(|one, other| {
        (one.rule, &one.machine, &one.subject).cmp(&(other.rule, &other.machine, &other.subject))
    });
    Ok(Report { headline: headline(&sides, &verdicts), verdicts, changes })
}

/// The machine of that name.
fn of<'p>(side: &'p Public, machine: &str) -> Option<&'p PublicMachine> {
    side.machines.iter().find(|known| known.name == machine)
}

/// Whether clients of a machine can be told a reason.
fn gives_reasons(machine: &PublicMachine) -> bool {
    let states = machine.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states);
    states.flat_map(|state| &state.shows).any(|shown| shown.reason.is_some())
}

/// The names of the machines of both sides.
fn names(new: &Public, old: &Public) -> BTreeSet<String> {
    new.machines.iter().chain(&old.machines).map(|machine| machine.name.clone()).collect()
}

/// The five classes, and those that either side declares. Where the old side declares some that are promised compatibility,
/// nobody else was promised it; else every class was. A declaration of the old side is taken before that of the new one;
/// where the new side alone gates an observer, it counts from now on.
fn observers(new: &Public, old: &Public) -> Vec<Observer> {
    let mut declared: BTreeMap<&String, PublicObserver> = BTreeMap::new();
    for (name, observer) in old.observers.iter().chain(&new.observers) {
        declared.entry(name).and_modify(|known| known.gate |= observer.gate).or_insert(*observer);
    }
    let is_gated = old.observers.values().any(|observer| observer.gate);
    let classes = ObserverClass::ALL.iter();
    let classes = classes.map(|(name, class)| Observer { name: (*name).to_string(), class: *class, counts: !is_gated });
    let declared = declared.into_iter().map(|(name, observer)| {
        let class = ObserverClass::new(observer.channel, observer.unknown, observer.repeat);
        Observer { name: name.clone(), class, counts: observer.gate }
    });
    classes.chain(declared).collect()
}

/// The finding that a draft has become.
fn change(machine: &str, subject: &str, draft: &Draft, when: (Settings, String), observers: &[Observer]) -> Change {
    let levels = |class: ObserverClass| draft.levels.get(&class).copied();
    let (machine, when, evidence) = (Some(machine.to_string()), Some(when), draft.evidence.clone());
    let machines = machine.iter().cloned().collect();
    let listed = Listed {
        subject: subject.to_owned(),
        message: draft.headline(),
        machine,
        machines,
        evidence,
        when,
        ways: draft.ways_to_it(),
        levels: None,
    };
    finding(draft.rule, listed, levels, observers)
}

/// A finding.
fn finding(
    rule: &'static Rule,
    listed: Listed,
    level: impl Fn(ObserverClass) -> Option<Level>,
    observers: &[Observer],
) -> Change {
    let Weight { level, breaks, broken, seen_by } = weigh(observers, level);
    let Listed { subject, message, machine, machines, evidence, when, ways, .. } = listed;
    let evidence::Evidence { steps: evidence, repeated, before, now, place } = evidence;
    let (when, condition) = when.unwrap_or_else(|| (Settings::always(), ALWAYS.to_string()));
    Change {
        rule: rule.id,
        machine,
        machines,
        subject,
        when,
        condition,
        level,
        breaks,
        broken,
        seen_by,
        message,
        evidence,
        repeated,
        ways,
        before,
        now,
        place,
    }
}

/// How much a change matters, as [`Change`] has it.
struct Weight {
    level: Level,
    breaks: BTreeSet<String>,
    broken: BTreeMap<String, Level>,
    seen_by: BTreeSet<String>,
}

fn weigh(observers: &[Observer], level: impl Fn(ObserverClass) -> Option<Level>) -> Weight {
    let (mut breaks, mut broken, mut seen_by) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
    let mut most = Level::Note;
    for observer in observers {
        let Some(seen) = level(observer.class) else { continue };
        let level = if observer.counts { seen } else { seen.min(Level::Warn) };
        most = most.max(level);
        seen_by.insert(observer.name.clone());
        if seen == Level::Break {
            breaks.insert(observer.name.clone());
            let known = broken.entry(observer.class.name().to_owned()).or_insert(level);
            *known = level.max(*known);
        }
    }
    Weight { level: most, breaks, broken, seen_by }
}

/// A new name for a status breaks everybody who is shown it, although the walks went on with the old one.
fn break_by_names(sides: &Sides<'_>, verdicts: &mut [Verdict]) {
    for machine in &sides.new.machines {
        let shown =
            machine.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states).flat_map(|state| &state.shows);
        if shown.into_iter().any(|shown| sides.renamed(&shown.status).is_some()) {
            for verdict in verdicts.iter_mut().filter(|verdict| verdict.machine == machine.name) {
                (verdict.headline, verdict.compatible) = (Headline::Incomparable, false);
            }
        }
    }
}

/// The headline of the whole: what can be seen, and the names and settings that there are.
fn headline(sides: &Sides<'_>, verdicts: &[Verdict]) -> Headline {
    let Sides { new, old, .. } = sides;
    let more = |one: &Public, other: &Public| {
        one.statuses.keys().any(|status| !other.statuses.contains_key(status))
            || one.reasons.keys().any(|reason| !other.reasons.contains_key(reason))
            || one.commands.keys().any(|command| !other.commands.contains_key(command))
            || !one.settings.is_subset(&other.settings)
    };
    let by_names = Headline::of(more(new, old), more(old, new));
    verdicts.iter().fold(by_names, |headline, verdict| headline.and(verdict.headline))
}
