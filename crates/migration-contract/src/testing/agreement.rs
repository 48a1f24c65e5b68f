//! What the comparison says of two tables, held against what simulated clients see.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::changing::{Changing, is_changing};
use super::clients::{Client, Differences, Kind, SUCCESS, Seen};
use super::conditions::{holds, is_made, named_settings, sees_all, settings, settings_near};
use super::evidence::{has_lists, is_shown, seen, tells};
use super::headlines::falsehood;
use super::lists;
use super::plain::{Reads, Side, Word, Words};
use super::reasons::Reading;
use super::subject::{Subject, Tables};
use crate::compare::{Change, ObserverClass, Report, Step, compare, rule};
use crate::public::settings::impossible;
use crate::public::{Label, Public, Reply, setting};

/// What came of holding a comparison against simulated clients.
#[derive(Debug, Default)]
pub struct Agreement {
    /// Whether some client sees a difference that breaks it.
    pub differs: bool,
    /// What the two do not agree about; empty if all is well.
    pub wrong: Vec<String>,
}

/// Compares two tables, and plays every kind of client against both, under some of the settings: none, all, and as many
/// more.
///
/// Every difference to a client that sees the whole stream has to be told, with evidence that is no longer than the way on
/// which the client finds it. A client that is told to break has to see a difference, under every setting that the finding
/// names; it has to be able to replay the evidence on one side and not on the other, and what the finding lists as possible
/// at its end has to be possible there, and nothing else. What a headline says has to be true.
///
/// # Errors
///
/// When there is too much of one of the tables.
pub fn agreement(new: &Subject<'_>, old: &Subject<'_>, settings: usize) -> Result<Agreement, String> {
    let (public, before) = (new.public.as_ref()?, old.public.as_ref()?);
    let report = compare(public, before).map_err(|error| error.to_string())?;
    let mut found = Agreement::default();
    for machine in old.machines().iter().map(|machine| machine.name.as_str()) {
        let (Some(new_at), Some(old_at)) = (new.position(machine), old.position(machine)) else { continue };
        let tables = Tables { new: (new, new_at), old: (old, old_at) };
        let case = Case::new(tables, (public, before), machine, &report, settings)?;
        case.check(&mut found);
    }
    Ok(found)
}

/// One machine of both tables, and what clients see of it.
struct Case<'r> {
    machine: &'r str,
    tables: Tables<'r>,
    before: &'r Public,
    report: &'r Report,
    words: &'r Words,
    known: BTreeSet<Word>,
    /// The settings that either machine depends on.
    names: Vec<String>,
    played: Vec<Played<'r>>,
    /// What differs to clients that change settings; `None` if they know none, or there is too much.
    changing: Option<Changing>,
}

/// Both sides under one setting, and what differs to each class.
struct Played<'r> {
    on: BTreeSet<String>,
    new: Rc<Side>,
    old: Rc<Side>,
    /// The same with reasons, if the old side has any.
    reading: Option<Reading<'r>>,
    /// By class.
    differences: BTreeMap<&'static str, Differences>,
}

impl<'r> Case<'r> {
    fn new(
        tables: Tables<'r>,
        (public, before): (&Public, &'r Public),
        machine: &'r str,
        report: &'r Report,
        most: usize,
    ) -> Result<Case<'r>, String> {
        let words = tables.old.0.words(Reads::Statuses);
        let known = before.statuses.keys().map(|status| words.number(status)).collect();
        let commands = before.commands.keys().filter(|command| public.commands.contains_key(*command));
        let commands: BTreeSet<Word> = commands.map(|command| words.number(command)).collect();
        let facts = tables.machines().into_iter().flat_map(|machine| &machine.facts);
        let names: BTreeSet<String> = facts.filter_map(|fact| setting(&fact.kind)).collect();
        let names: Vec<String> = names.into_iter().collect();
        let mut played = Vec::new();
        let mut chosen = settings(&names, most);
        // What is told under a condition has to differ where it holds.
        let told = report.changes.iter().filter(|change| change.machine.as_deref() == Some(machine));
        chosen.extend(told.flat_map(|change| named_settings(&change.condition)));
        let impossible = impossible(&names);
        for on in chosen.into_iter().filter(|on| is_made(on, &names, &impossible)) {
            let [new, old] = tables.sides(Reads::Statuses, std::slice::from_ref(&on), before);
            let reading = (!before.reasons.is_empty()).then(|| Reading::new(tables, before, &on));
            let mut differences = BTreeMap::new();
            for (name, class) in ObserverClass::ALL {
                let client = Client { class, known: &known };
                let too_many = || "there are too many pairs".to_owned();
                let mut found = client.differences(&new, &old, &commands).ok_or_else(too_many)?;
                if let Some(reading) = &reading {
                    found.extend(reading.differences(class).ok_or_else(too_many)?);
                }
                differences.insert(name, found);
            }
            played.push(Played { on, new, old, reading, differences });
        }
        let changing = Changing::new(tables, (public, before), &known, &commands);
        Ok(Case { machine, tables, before, report, words, known, names, played, changing })
    }

    fn check(self, found: &mut Agreement) {
        let report = self.report;
        // A new name is one finding, and the rest is compared as if it were the old one.
        if report.changes.iter().any(|change| change.rule == "status-renamed") {
            found.differs = true;
            return;
        }
        let (after, changes): (Vec<&Change>, Vec<&Change>) =
            report.changes.iter().filter(|change| self.is_of_machine(change)).partition(|change| is_changing(change));
        for (name, class) in ObserverClass::ALL {
            let breaking: Vec<&Change> =
                changes.iter().copied().filter(|change| change.breaks.contains(name)).collect();
            let verdict = report.verdicts.iter().find(|it| it.machine == self.machine && it.observer == name);
            let compatible = verdict.is_none_or(|verdict| verdict.compatible);
            // To a client that knows less, the command may have succeeded where the new machine never comes.
            let is_sure = |(kind, _): &(Kind, Seen)| sees_all(class) || *kind != Kind::Rejected;
            let (mut sure, mut any, mut nearest) = (false, false, usize::MAX);
            for played in &self.played {
                let differences = &played.differences[name];
                let is_sure = differences.keys().any(is_sure);
                (sure, any) = (sure || is_sure, any || !differences.is_empty());
                // That an attempt may never end takes a way and a round to show.
                let shown =
                    differences.iter().filter(|((kind, _), _)| *kind != Kind::Endless).map(|(_, length)| *length);
                nearest = shown.min().map_or(nearest, |length| nearest.min(length));
                let told = breaking.iter().filter(|change| holds(&change.condition, &played.on)).count();
                for (difference, length) in differences.iter().filter(|_| sees_all(class)) {
                    let here = || breaking.iter().filter(|change| holds(&change.condition, &played.on));
                    // A command that is always refused is told once, and not again by what its refusal told.
                    let is_refusal =
                        |change: &&&Change| change.rule == "command-rejected" && change.evidence.len() < *length;
                    if !here().any(|change| tells(change, *difference, *length, self.words) || is_refusal(&change)) {
                        let told: Vec<String> = here().map(|change| change.key().to_string()).collect();
                        let what = format!("{difference:?} after {length} steps is told by none of {told:?}");
                        found.wrong.push(format!("{name}: {what} with {:?}", played.on));
                    }
                }
                if is_sure && told == 0 {
                    found.wrong.push(format!("{name}: nothing is told with {:?}: {differences:?}", played.on));
                }
            }
            let later = self.changing.as_ref().map(|changing| &changing.differences[name]);
            let breaking_later = after.iter().copied().filter(|change| change.breaks.contains(name));
            let breaking_later: Vec<&Change> = breaking_later.collect();
            // Reasons are played with settings that stay.
            let (told_later, breaking_later): (Vec<&Change>, Vec<&Change>) =
                breaking_later.into_iter().partition(|change| change.rule.starts_with("reason-"));
            any |= !told_later.is_empty();
            if let Some(changing) = &self.changing {
                changing.check((name, class), (&breaking, &breaking_later), self.words, &mut found.wrong);
            }
            let later_is_sure = later.is_some_and(|later| later.keys().any(|(_, difference)| is_sure(difference)));
            any |= later.map_or(!breaking_later.is_empty(), |later| !later.is_empty());
            found.differs |= any;
            if (sure || later_is_sure) && compatible || !any && !compatible {
                found.wrong.push(format!("{name}: compatible is {compatible}, differs is {any}"));
            }
            found.wrong.extend(self.too_long((name, class), &breaking, sure.then_some(nearest)));
        }
        for change in changes {
            for played in self.played.iter().filter(|played| holds(&change.condition, &played.on)) {
                let differs = |(name, _): &(&str, ObserverClass)| !played.differences[name].is_empty();
                let mut broken = ObserverClass::ALL.iter().filter(|(name, _)| change.breaks.contains(*name)).peekable();
                if broken.peek().is_some() && !broken.any(differs) {
                    found.wrong.push(format!("nothing differs with {:?}, but `{}` is told", played.on, change.key()));
                }
            }
            let has_cell = |class: ObserverClass| rule(change.rule).is_none_or(|rule| rule.levels.to(class).is_some());
            let unseen =
                ObserverClass::ALL.iter().filter(|(name, class)| change.breaks.contains(*name) && !has_cell(*class));
            for (name, _) in unseen {
                found.wrong.push(format!("{name}: `{}` breaks it, and by its rule it cannot see it", change.key()));
            }
            let is_named = |played: &&Played| holds(&change.condition, &played.on);
            let sides: Vec<(&Side, &Side)> =
                self.played.iter().filter(is_named).map(|it| (it.new.as_ref(), it.old.as_ref())).collect();
            if let Some(phrase) = falsehood(change, &sides, self.words) {
                let Change { message, before, now, .. } = change;
                found.wrong.push(format!("`{message}` is false where it says `{phrase}`: {before:?}, {now:?}"));
            }
            if let Some(flaw) = self.flaw(change) {
                let Change { evidence, breaks, before, now, .. } = change;
                let key = change.key();
                found.wrong.push(format!("`{key}` {flaw} to {breaks:?}: {evidence:?}, {before:?}, {now:?}"));
            }
        }
    }

    /// Says that the shortest evidence of the findings that break a class is longer than the way to the nearest difference.
    fn too_long(
        &self,
        (name, class): (&str, ObserverClass),
        breaking: &[&Change],
        nearest: Option<usize>,
    ) -> Option<String> {
        let exact = breaking.iter().filter(|change| !change.is_assumed());
        let shortest = exact.map(|change| change.evidence.len()).min();
        let nearest = nearest.filter(|nearest| sees_all(class) && shortest.is_none_or(|length| length > *nearest))?;
        let all: Vec<&Differences> = self.played.iter().filter_map(|it| it.differences.get(name)).collect();
        Some(format!("{name}: shortest evidence is {shortest:?}, nearest {nearest} of {all:?}"))
    }

    /// Whether a finding is about the behaviour of this machine, and can be replayed.
    fn is_of_machine(&self, change: &Change) -> bool {
        let is_of = change.machine.as_deref() == Some(self.machine);
        let is_arrival = ["status-added", "reason-added"].contains(&change.rule)
            && change.message.contains(&format!("`{}`", self.machine));
        (is_of || is_arrival) && !change.evidence.is_empty()
    }

    /// What is wrong with the evidence of a finding, if anything is. One side must show it and the other must not, in the eyes
    /// of a client that it breaks and under a setting that it names: one of those that were played, or one with just what a
    /// case of the condition names, or with one setting more. There, what it lists as possible must be so.
    fn flaw(&self, change: &Change) -> Option<&'static str> {
        if change.breaks.is_empty() {
            return None;
        }
        if change.rule.starts_with("reason-") {
            return (!change.is_assumed() && !self.replays_with_reasons(change)).then_some("proves nothing");
        }
        let steps: Vec<Seen> = change.evidence.iter().map(|step| seen(step, self.words)).collect();
        if change.is_assumed() {
            let old_comes_there = |client: Client<'_>, sides: (&Side, &Side), _: &Words| {
                client.after(sides.1, &steps[..steps.len() - 1]).is_some()
            };
            let is_false = lists::say_where(change) && !self.somewhere(change, old_comes_there);
            return is_false.then_some("says where the old side was");
        }
        let is_shown = |client: Client<'_>, sides: (&Side, &Side), _: &Words| is_shown(change, client, sides, &steps);
        if !self.somewhere(change, is_shown) {
            return Some("proves nothing");
        }
        let are_true = |client: Client<'_>, sides: (&Side, &Side), words: &Words| {
            is_shown(client, sides, words) && lists::are_true(change, client, sides, &steps, words)
        };
        (has_lists(change) && !self.somewhere(change, are_true)).then_some("lists what is not so")
    }

    /// Whether something is so in the eyes of a client that a finding breaks, under a setting that it names.
    fn somewhere(&self, change: &Change, is_so: impl Fn(Client<'_>, (&Side, &Side), &Words) -> bool) -> bool {
        let broken = ObserverClass::ALL.iter().filter(|(name, _)| change.breaks.contains(*name));
        let classes: Vec<ObserverClass> = broken.map(|(_, class)| *class).collect();
        let (known, words) = (&self.known, self.words);
        let mut tried = 0;
        for class in &classes {
            for played in self.played.iter().filter(|played| holds(&change.condition, &played.on)) {
                tried += 1;
                if is_so(Client { class: *class, known }, (&played.new, &played.old), words) {
                    return true;
                }
            }
        }
        let is_so_where_named = |on: &BTreeSet<String>| {
            let [new, old] = self.tables.sides(Reads::Statuses, std::slice::from_ref(on), self.before);
            classes.iter().any(|class| is_so(Client { class: *class, known }, (&new, &old), words))
        };
        tried == 0 || settings_near(&change.condition, self.names.iter()).iter().any(is_so_where_named)
    }
}

impl Case<'_> {
    /// The same for clients that read reasons.
    fn replays_with_reasons(&self, change: &Change) -> bool {
        let classes = ObserverClass::ALL.iter().filter(|(name, _)| change.breaks.contains(*name));
        let classes: Vec<(&str, ObserverClass)> = classes.copied().collect();
        let mut tried = 0;
        for played in self.played.iter().filter(|played| holds(&change.condition, &played.on)) {
            let Some(reading) = &played.reading else { continue };
            let steps: Vec<Seen> = change.evidence.iter().map(|step| seen_with_reason(step, reading)).collect();
            for (_, class) in &classes {
                tried += 1;
                let client = Client { class: *class, known: &reading.known };
                let (new, old) = (&reading.new, &reading.old);
                if client.after(new, &steps).is_some() && client.after(old, &steps).is_none() {
                    return true;
                }
            }
        }
        tried == 0
    }
}

fn seen_with_reason(step: &Step, reading: &Reading<'_>) -> Seen {
    match &step.label {
        None => Seen::Nothing,
        Some(Label::Event(shown)) => Seen::Status(reading.number(shown)),
        Some(Label::Reply(command, Reply::Success)) => Seen::Reply(reading.name(command), SUCCESS),
        Some(Label::Reply(command, Reply::Error(class))) => Seen::Reply(reading.name(command), reading.name(class)),
    }
}
