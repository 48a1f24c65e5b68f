//! Statuses, commands, reasons and settings that have a new name: those of which the table says so, and those that look
//! as if it had been forgotten, so that one change of a name is one finding.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Change, Step};
use crate::public::{Label, Public, PublicName, Reply, Shown};
use migration_table::model::Was;

/// A new name.
#[derive(Clone, Debug)]
pub(super) struct Rename {
    /// The old name.
    pub(super) before: String,
    /// Whether the table does not say so, but the new name behaves as the old one did.
    pub(super) is_guessed: bool,
}

/// What has a new name, by the new name.
#[derive(Clone, Debug, Default)]
pub(super) struct Renames {
    pub(super) statuses: BTreeMap<String, Rename>,
    /// Commands of which nobody says so.
    pub(super) commands: BTreeMap<String, Rename>,
    /// The same of reasons, and of settings.
    pub(super) reasons: BTreeMap<String, Rename>,
    pub(super) settings: BTreeMap<String, Rename>,
}

impl Renames {
    /// Compares the names of two sides without reasons. `full` is the same two with them.
    pub(super) fn new((new, old): (&Public, &Public), full: (&Public, &Public)) -> Renames {
        let mut statuses = BTreeMap::new();
        for (status, name) in &new.statuses {
            let Some(before) = &name.renamed_from else { continue };
            let is_renamed = old.statuses.contains_key(before)
                && !new.statuses.contains_key(before)
                && !old.statuses.contains_key(status);
            if is_renamed {
                statuses.insert(status.clone(), Rename { before: before.clone(), is_guessed: false });
            }
        }
        let names = |side: &Public| {
            let spoken = side.statuses.keys().chain(side.commands.keys()).chain(side.reasons.keys());
            spoken.chain(&side.settings).cloned().collect::<BTreeSet<_>>()
        };
        if names(old).is_subset(&names(new)) {
            return Renames { statuses, ..Renames::default() };
        }
        let is_told = |before: &str| statuses.values().any(|rename: &Rename| rename.before == before);
        let guessed = guessed(
            (&new.statuses, Traces::of_statuses(new, old)),
            (&old.statuses, Traces::of_statuses(old, new)),
            |before| is_told(before) || new.reserved.contains_key(&(Was::Status, before.to_owned())),
        );
        statuses.extend(guessed);
        let is_told = |before: &str| {
            let name = before.split(' ').next().unwrap_or(before).to_owned();
            new.reserved.contains_key(&(Was::Command, name))
                || new.commands.values().any(|name| name.renamed_from.as_deref() == Some(before))
        };
        let traces = (Traces::of_commands(new), Traces::of_commands(old));
        let commands = self::guessed((&new.commands, traces.0), (&old.commands, traces.1), is_told);
        let is_reserved = |was: Was| move |before: &str| new.reserved.contains_key(&(was, before.to_owned()));
        let traces = (Traces::of_reasons(full.0, full.1), Traces::of_reasons(full.1, full.0));
        let reasons = self::guessed((&new.reasons, traces.0), (&old.reasons, traces.1), is_reserved(Was::Reason));
        let named = |side: &Public| side.settings.iter().map(|name| (name.clone(), PublicName::default())).collect();
        let [now, before]: [BTreeMap<String, PublicName>; 2] = [named(new), named(old)];
        let traces = (Traces::of_settings(new, old), Traces::of_settings(old, new));
        let settings = self::guessed((&now, traces.0), (&before, traces.1), is_reserved(Was::Capability));
        Renames { statuses, commands, reasons, settings }
    }

    /// The new name of a command, whatever arguments tell it from others, if the old name is gone and the table says so or it
    /// looks so.
    pub(super) fn command(&self, before: &str, new: &Public) -> Option<String> {
        let name = |command: &str| command.split(' ').next().unwrap_or(command).to_owned();
        let told = new.commands.iter().filter_map(|(now, name)| Some((now, name.renamed_from.as_ref()?)));
        let guessed = self.commands.iter().map(|(now, rename)| (now, &rename.before));
        let mut renamed = told.chain(guessed).filter(|(_, known)| name(known) == before);
        let is_gone = new.commands.keys().all(|command| name(command) != before);
        renamed.next().filter(|_| is_gone).map(|(now, _)| name(now))
    }

    /// Gives what a finding says of the new side the new names.
    pub(super) fn tell(&self, change: &mut Change) {
        // These show what the old side did.
        let succeeds =
            matches!(change.evidence.last(), Some(Step { label: Some(Label::Reply(_, Reply::Success)), .. }));
        let is_of_old = ["event-lost-successor", "outcome-lost"].contains(&change.rule)
            || change.rule == "command-rejected" && succeeds;
        if change.evidence.is_empty() || is_of_old {
            return;
        }
        for (now, Rename { before, .. }) in &self.statuses {
            for step in &mut change.evidence {
                if let Some(Label::Event(shown)) = step.label.as_mut().filter(|label| label.text() == before) {
                    shown.status.clone_from(now);
                }
            }
            change.now.iter_mut().filter(|status| *status == before).for_each(|status| status.clone_from(now));
            if change.message.contains(&format!("`{before}`")) {
                change.message += &format!("; `{before}` is now called `{now}`");
            }
        }
    }

    /// The new name that behaves as an old one did of which the table does not say what became of it.
    pub(super) fn guess<'n>(names: &'n BTreeMap<String, Rename>, before: &str) -> Option<&'n String> {
        names.iter().find(|(_, rename)| rename.is_guessed && rename.before == before).map(|(now, _)| now)
    }

    /// Whether it is asked of an old name whether it was renamed.
    pub(super) fn is_guessed(&self, was: Was, before: &str) -> bool {
        let renames = match was {
            Was::Status => &self.statuses,
            Was::Command => &self.commands,
            // A table cannot say so of these, and reserves the old name.
            Was::Reason | Was::Capability => return false,
        };
        renames.values().any(|rename| rename.is_guessed && rename.before == before)
    }
}

/// The one name that is new and behaves as one that is gone, for each that is gone.
fn guessed(
    (new, now): (&BTreeMap<String, PublicName>, Traces),
    (old, before): (&BTreeMap<String, PublicName>, Traces),
    is_told: impl Fn(&str) -> bool,
) -> BTreeMap<String, Rename> {
    let added = || new.keys().filter(|name| !old.contains_key(*name));
    let gone = || old.keys().filter(|name| !new.contains_key(*name) && !is_told(name));
    let like = |one: &String, other: &String| match (now.0.get(one), before.0.get(other)) {
        (Some(now), Some(before)) => now == before,
        (None, _) | (_, None) => false,
    };
    let mut found = BTreeMap::new();
    for before in gone() {
        let mut fitting = added().filter(|name| like(name, before));
        let (Some(name), None) = (fitting.next(), fitting.next()) else { continue };
        if gone().filter(|other| like(name, other)).count() == 1 {
            found.insert(name.clone(), Rename { before: before.clone(), is_guessed: true });
        }
    }
    found
}

/// By name, where it comes up: machine, what is shown there, and what it is there.
struct Traces(BTreeMap<String, BTreeSet<(String, String, String)>>);

impl Traces {
    fn add(&mut self, name: &str, machine: &str, near: &str, what: String) {
        self.0.entry(name.to_owned()).or_default().insert((machine.to_owned(), near.to_owned(), what));
    }

    /// What comes before and behind each status, and how commands are answered in it. A status that the other side does not
    /// have may have a new name itself, so it is any.
    fn of_statuses(side: &Public, other: &Public) -> Traces {
        let mut traces = Traces(BTreeMap::new());
        let known = |status: &str| if other.statuses.contains_key(status) { status.to_owned() } else { "?".to_owned() };
        for machine in &side.machines {
            for state in machine.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states) {
                for shown in state.shows.iter().map(|shown| &shown.status) {
                    traces.add(shown, &machine.name, "", format!("rests {} ends {}", state.rests, state.ends));
                    for label in state.edges.keys() {
                        match label {
                            Label::Event(next) => {
                                traces.add(shown, &machine.name, &known(&next.status), "before".to_owned());
                                traces.add(&next.status, &machine.name, &known(shown), "behind".to_owned());
                            }
                            Label::Reply(command, reply) => {
                                traces.add(shown, &machine.name, command, format!("{reply:?}"));
                            }
                        }
                    }
                }
            }
        }
        traces
    }

    /// How each command is answered while a status is shown.
    fn of_commands(side: &Public) -> Traces {
        let mut traces = Traces(BTreeMap::new());
        for machine in &side.machines {
            for state in machine.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states) {
                for (label, edge) in &state.edges {
                    let Label::Reply(command, reply) = label else { continue };
                    for shown in state.shows.iter().map(|shown| &shown.status) {
                        let behind = &machine.behaviours[0].automaton.states.get(edge.to).map(|to| to.ends);
                        traces.add(command, &machine.name, shown, format!("{reply:?} {behind:?}"));
                    }
                }
            }
        }
        traces
    }

    /// What is shown where each reason is given.
    fn of_reasons(side: &Public, other: &Public) -> Traces {
        let mut traces = Traces(BTreeMap::new());
        let known = |status: &str| if other.statuses.contains_key(status) { status.to_owned() } else { "?".to_owned() };
        for machine in &side.machines {
            for state in machine.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states) {
                for label in state.edges.keys() {
                    let Label::Event(Shown { status, reason: Some(reason) }) = label else { continue };
                    for shown in &state.shows {
                        traces.add(reason, &machine.name, &known(&shown.status), known(status));
                    }
                }
            }
        }
        traces
    }

    /// Under which other settings each setting counts, and what is shown with it and without.
    fn of_settings(side: &Public, other: &Public) -> Traces {
        let mut traces = Traces(BTreeMap::new());
        for machine in &side.machines {
            for behaviour in &machine.behaviours {
                let size = behaviour.automaton.states.iter().map(|state| state.edges.len()).collect::<Vec<_>>();
                for case in &behaviour.under.0 {
                    let literals = |of: &String| -> BTreeSet<(String, bool)> {
                        let named = case.asks().iter().map(|id| (&machine.settings[id.index()], case.set.contains(id)));
                        let word = |name: &String| match other.settings.contains(name) {
                            _ if name == of => "this".to_owned(),
                            true => name.clone(),
                            false => "?".to_owned(),
                        };
                        named.map(|(name, is_on)| (word(name), is_on)).collect()
                    };
                    for setting in case.asks().iter().map(|id| &machine.settings[id.index()]) {
                        traces.add(setting, &machine.name, "", format!("{:?} {size:?}", literals(setting)));
                    }
                }
            }
        }
        traces
    }
}
