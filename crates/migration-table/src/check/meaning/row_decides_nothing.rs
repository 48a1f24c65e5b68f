//! T0432 `row-decides-nothing`: whenever the row fires, another one would do the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Cube, Machine, Row};
use crate::span::Span;
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0432"),
    name: "row-decides-nothing",
    severity: Severity::Warning,
    explain: "Whenever the formula of this transition holds, that of a wider one from the same states holds too, and it \
              does the same; no third row comes between them. The machine behaves as if the line were not there, and \
              a reader looks for a difference. Most often the target was meant to be another one. Silence it where \
              the line is there to be read, as the usual one of several cases.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    let by_state = machine.rows_by_state();
    let mut found: BTreeMap<Span, Vec<(&Row, &Row)>> = BTreeMap::new();
    // A row that never fires is reported as that.
    for row in firing(subject)?.into_iter().map(|row| &machine.rows[row]) {
        let Some(first) = row.from.first() else { continue };
        let decides = |other: &Row| {
            let mut thirds = row.from.iter().flat_map(|state| &by_state[state.index()]);
            thirds.any(|third| comes_between(machine, row, other, third))
        };
        let wider = by_state[first.index()].iter().copied().filter(|other| is_wider(machine, row, other));
        let Some(other) = wider.filter(|other| !decides(other)).min_by_key(|other| other.span) else { continue };
        found.entry(row.span).or_default().push((row, other));
    }
    for (span, cases) in found {
        let parts = machine.rows.iter().filter(|row| row.span == span).count();
        let is_whole_line = cases.len() == parts;
        // A line of which no case decides anything is one finding.
        let shown = if is_whole_line { &cases[..1] } else { &cases };
        shown.iter().for_each(|(row, other)| out.push(finding(machine, row, other, is_whole_line)));
    }
    Ok(())
}

fn finding(machine: &Machine, row: &Row, other: &Row, is_whole_line: bool) -> Finding {
    let to = &machine.state(row.to).name;
    let what = if is_whole_line { &row.when } else { &row.case };
    let message = format!("transition `{what}` to `{to}` decides nothing");
    let finding = Finding::warning(CHECK.code, row.when_span, message, "would go there without this row");
    let finding = match other.span == row.span {
        true => finding.with_note(format!("the case `{}` holds whenever that one does", other.case)),
        false => finding.with_place(other.when_span, "holds whenever that one does, and does the same"),
    };
    finding.with_help(match is_whole_line {
        true => "remove this line, or lead it elsewhere".to_owned(),
        false => format!("leave the case `{}` out of the formula", row.case),
    })
}

/// The rows that fire in some run.
fn firing(subject: &mut Subject<'_>) -> Result<BTreeSet<usize>, TooLarge> {
    let mut rows = BTreeSet::new();
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            if !rows.contains(&step.row) && !subject.firing(state, &step)?.is_never() {
                rows.insert(step.row);
            }
        }
    }
    Ok(rows)
}

/// Whether another row holds whenever the row does, in each of its states, and has the same effect.
fn is_wider(machine: &Machine, row: &Row, other: &Row) -> bool {
    other.cubes != row.cubes
        && !row.cubes.is_empty()
        && same_effect(machine, row, other)
        && row.cubes.iter().all(|cube| other.cubes.iter().any(|wide| implies(*cube, *wide)))
        && row.mentions & machine.triggers() == other.mentions & machine.triggers()
        && row.from.iter().all(|state| other.from.binary_search(state).is_ok())
}

/// Whether all of one case is in the other.
fn implies(cube: Cube, wide: Cube) -> bool {
    (wide.set - cube.set).is_empty() && (wide.clear - cube.clear).is_empty()
}

fn same_effect(machine: &Machine, row: &Row, other: &Row) -> bool {
    row.to == other.to
        && row.public == other.public
        && row.sends == other.sends
        && row.reason == other.reason
        && step::gone(machine, row) == step::gone(machine, other)
}

/// Whether a third row could fire in the place of the row if it were not there, and would do something else.
fn comes_between(machine: &Machine, row: &Row, other: &Row, third: &Row) -> bool {
    let meets =
        |cube: &Cube, of_third: &Cube| (cube.set & of_third.clear).is_empty() && (cube.clear & of_third.set).is_empty();
    (row.rank..=other.rank).contains(&third.rank)
        && !same_effect(machine, row, third)
        && row.cubes.iter().any(|cube| third.cubes.iter().any(|of_third| meets(cube, of_third)))
}
