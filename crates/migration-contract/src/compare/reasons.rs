//! The reasons of both sides compared: with which reason can a status come that comes on both sides?
//!
//! Statuses are compared without reasons, so that a reason which comes or goes is never a new status. Then both sides
//! are walked together once more, in breadth, by the same kinds of clients. This walk reports differences in reasons
//! only. It stops where one side shows a status that the other does not: the comparison of statuses has reported that.
//!
//! A client that meets a reason which it does not know does with it what it does with a status: it passes over the
//! reason, or it fails. Where the old side knows no reason at all, its clients look at none.

use std::collections::BTreeSet;

use super::drafts::Compared;
use super::indexed::Indexed;
use super::language;
use super::names::Names;
use super::observer::ObserverClass;
use super::reasons_walk::ReasonsWalk;
use super::view::View;
use crate::public::{Automaton, Public, PublicMachine, SettingCube};
use migration_table::bdd::TooLarge;

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
        compared.verdicts.entry(*class).and_modify(|verdict| verdict.0 = headline);
        let walk = ReasonsWalk::begun(known, &names, *class, new_view, old_view)?;
        walk.take(0, cases, compared, |_, _| false);
    }
    Ok(())
}
