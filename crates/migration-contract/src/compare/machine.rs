//! One machine compared: a walk for every kind of client and every two behaviours that the same settings give.

use std::collections::{BTreeMap, BTreeSet};

use super::collector::{Collector, groups};
use super::drafts::Compared;
use super::indexed::Indexed;
use super::language;
use super::names::Names;
use super::observer::ObserverClass;
use super::view::View;
use super::walk::{Commands, Walk};
use super::when::Common;
use crate::public::{Automaton, Public, PublicMachine, SettingCube, answered};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Unknown};

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
    let all = settings(new_machine, old_machine);
    let common = Common::new((new, &new_machine.settings), (old, &old_machine.settings), &all);
    let mut compared = Compared::new(classes, common);
    let known: BTreeSet<String> = old.statuses.keys().cloned().collect();
    let commands = shared_commands(new, old);
    let gone: Commands = old.commands.keys().filter(|command| !commands.contains(*command)).cloned().collect();
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

/// Two behaviours that the same settings give.
struct Case<'a> {
    new: &'a Automaton,
    old: &'a Automaton,
    /// The settings.
    cases: Vec<SettingCube>,
    known: &'a BTreeSet<String>,
    /// The commands that the old side knows, and the new one answers.
    commands: &'a Commands,
    /// The commands that only the old side answers.
    gone: &'a Commands,
}

impl Case<'_> {
    fn compare(&self, classes: &BTreeSet<ObserverClass>, compared: &mut Compared) -> Result<(), TooLarge> {
        let names = Names::new([self.new, self.old].into_iter(), self.known);
        let (new, old) = (Indexed::new(self.new, &names), Indexed::new(self.old, &names));
        let has_unknown = (0..names.statuses()).any(|status| !names.is_known(status));
        let mut sent: BTreeMap<Unknown, Walk<'_>> = BTreeMap::new();
        for (class, members) in groups(classes, has_unknown) {
            let knows_where = class.knows_where();
            let views = |class: ObserverClass| (View::new(&new, &names, class), View::new(&old, &names, class));
            let (mut new_view, mut old_view) = views(class);
            for member in &members {
                let (so_far, _) = compared.verdicts[member];
                let headline = if *member == class || !has_unknown {
                    language::relate(&mut new_view, &mut old_view, so_far)?
                } else {
                    let (mut new_view, mut old_view) = views(*member);
                    language::relate(&mut new_view, &mut old_view, so_far)?
                };
                compared.verdicts.entry(*member).and_modify(|verdict| verdict.0 = headline);
            }
            let walk = Walk::new(new_view, old_view, &names, class, self.commands)?;
            let cases = &self.cases;
            let found = BTreeMap::new();
            let mut collector =
                Collector { cases, walk: &walk, first: 0, classes: &members, has_unknown, compared, found };
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

/// The commands that clients of the old side give, and the new one answers.
pub(super) fn shared_commands(new: &Public, old: &Public) -> Commands {
    let answered = answered(new);
    old.commands.keys().filter(|command| answered.contains(command)).cloned().collect()
}

/// The settings that either machine depends on, as long as they stay or once they change.
pub(super) fn settings(new: &PublicMachine, old: &PublicMachine) -> BTreeSet<String> {
    let changing = [new, old].into_iter().filter_map(|machine| machine.changes.0.as_deref());
    let changing = changing.flat_map(|changing| changing.asked().map(|setting| changing.settings[setting].clone()));
    new.settings.iter().chain(&old.settings).cloned().chain(changing).collect()
}
