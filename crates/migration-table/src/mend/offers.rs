//! What a finding proposes only once it has been tried.

use super::trial::{Judge, is_same};
use crate::declare::{Declared, Name, Names, RowDecl, StateDecl, TableDecl};
use crate::finding::{Edit, Finding, Findings, Offer, Part, Severity};
use crate::model::Table;
use crate::syntax::Text;

/// For how many names that are not declared offers are tried.
const NAMES_MAX: usize = 4;

/// Lets each finding propose the first of its offers that mends it and brings nothing new. At most `left` changes are tried.
pub(super) fn apply(table: &TableDecl, judge: &Judge<'_>, mut left: usize, findings: &mut Findings) {
    let offering: Vec<Finding> = findings.iter().filter(|finding| !finding.offers.is_empty()).cloned().collect();
    for finding in offering {
        let mends = |change: &[Edit]| {
            let (_, after) = judge(&made(table, change));
            after.iter().all(|new| !is_same(new, &finding) && findings.iter().any(|known| is_same(known, new)))
        };
        let mut tried: Vec<(&Vec<Edit>, bool)> = Vec::new();
        let mut does = |change| {
            if let Some((_, mends)) = tried.iter().find(|(known, _)| *known == change) {
                return *mends;
            }
            let Some(fewer) = left.checked_sub(1) else { return false };
            left = fewer;
            tried.push((change, mends(change)));
            tried.last().is_some_and(|(_, mends)| *mends)
        };
        let Some(offer) = finding.offers.iter().find(|offer| offer.changes.iter().all(&mut does)) else { continue };
        let better = finding.clone().with_help(&offer.help);
        findings.remove(|known| is_same(known, &better));
        findings.push(better);
    }
}

/// Lets a finding about a name that is not declared propose, of its offers, the one after which the least is found.
pub(crate) fn settle(table: &TableDecl, judge: &Judge<'_>, findings: &mut Findings) {
    let is_open = |finding: &&Finding| finding.offers.len() > 1;
    let offering: Vec<Finding> = findings.iter().filter(is_open).take(NAMES_MAX).cloned().collect();
    for finding in offering {
        let errors = |all: &Findings| all.iter().filter(|it| it.severity == Severity::Error).count();
        let count = |offer: &&Offer| {
            let tables = offer.changes.iter().map(|change| judge(&made(table, change)));
            let count = |table: Option<Table>, after: Findings| match table {
                Some(_) => (errors(&after), after.len()),
                None => (usize::MAX, usize::MAX),
            };
            tables.map(|(table, after)| count(table, after)).max()
        };
        let Some(offer) = finding.offers.iter().min_by_key(count) else { continue };
        let better = finding.clone().with_help(&offer.help);
        findings.remove(|known| is_same(known, &better));
        findings.push(better);
    }
}

/// The table with the change.
fn made(table: &TableDecl, change: &[Edit]) -> TableDecl {
    let mut table = table.clone();
    for edit in change {
        if let (Part::Declares(status), Some(statuses)) = (&edit.part, &mut table.statuses)
            && let Some(like) = statuses.entries.first().cloned()
        {
            statuses.entries.push(Declared { name: Text::lacking(status, edit.row), ..like });
        }
    }
    let machines = table.machines.iter_mut().flat_map(|machines| &mut machines.entries);
    for machine in machines.filter_map(|machine| machine.value.as_mut()) {
        for state in machine.states.iter_mut().flat_map(|states| &mut states.entries) {
            state.value.iter_mut().for_each(|state| show(state, change));
        }
        let Some(rows) = machine.transitions.as_mut() else { continue };
        let mut more = Vec::new();
        for row in rows.iter_mut() {
            let place = row.span.start..row.span.end;
            let is_meant = |edit: &&Edit| place.contains(&edit.row.start);
            more.extend(change.iter().filter(is_meant).filter_map(|edit| make(row, &edit.part)));
        }
        rows.extend(more);
    }
    table
}

/// Changes what a state shows.
fn show(state: &mut StateDecl, change: &[Edit]) {
    for edit in change.iter().filter(|edit| (state.span.start..state.span.end).contains(&edit.row.start)) {
        if let Part::Shows(status) = &edit.part {
            state.shows = Some(Name(Text::lacking(status, edit.row)));
        }
    }
}

/// Changes a row. Returns the one that there is more then, if there is one.
fn make(row: &mut RowDecl, part: &Part) -> Option<RowDecl> {
    let span = row.span;
    let named = |states: &[String]| states.iter().map(|state| Name(Text::lacking(state, span))).collect::<Vec<_>>();
    match part {
        Part::More(states) => row.from.iter_mut().for_each(|from| from.names.extend(named(states))),
        Part::Fewer(states) => {
            row.except.get_or_insert(Names { names: Vec::new(), span }).names.extend(named(states));
        }
        Part::Leaves { from, except } => {
            row.from = Some(Names { names: named(from), span });
            row.except = (!except.is_empty()).then(|| Names { names: named(except), span });
        }
        Part::When(formula) => row.when = Some(Text::lacking(formula, span)),
        Part::Shows(_) | Part::Declares(_) => {}
        Part::Apart { states, when } => {
            let mut apart = row.clone();
            make(&mut apart, &Part::Leaves { from: states.clone(), except: Vec::new() });
            make(&mut apart, &Part::When(when.clone()));
            make(row, &Part::Fewer(states.clone()));
            return Some(apart);
        }
    }
    None
}
