//! T0431 `row-twice`: two lines say the same about one state.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Cube, FactSet, Machine, MessageId, ReasonId, Row, StateId, Table};
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0431"),
    name: "row-twice",
    severity: Severity::Warning,
    explain: "Two transitions leave one state by the same formula and do the same: one of them is written twice, or a \
              state has a row of its own beside that of a group that contains it. One day only one of the two will be \
              changed, and then they contradict each other. Silence it in rows that a program has written.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    // What every line says, one case in one state at a time. The parts of a line are rows with one place.
    let mut lines: BTreeMap<Span, BTreeSet<Said<'_>>> = BTreeMap::new();
    for row in machine.rows.iter().filter(|row| !row.cubes.is_empty()) {
        let said = row.from.iter().map(|state| Said::of(row, *state));
        lines.entry(row.span).or_default().extend(said);
    }
    let mut sayers: BTreeMap<&Said<'_>, BTreeSet<Span>> = BTreeMap::new();
    for (span, said) in &lines {
        for one in said {
            sayers.entry(one).or_default().insert(*span);
        }
    }
    sayers.retain(|_, lines| lines.len() > 1);
    // The line that adds nothing is the one to remove, wherever it stands: the one that says least, and then the last.
    let mut order: Vec<(&Span, &BTreeSet<Said<'_>>)> = lines.iter().collect();
    order.sort_by_key(|(span, said)| (said.len(), *said, Reverse(*span)));
    for (span, said) in order {
        if !said.iter().all(|one| sayers.get(one).is_some_and(|lines| lines.len() > 1)) {
            continue;
        }
        let mut others = BTreeSet::new();
        for one in said {
            let known = sayers.entry(one).or_default();
            known.remove(span);
            others.extend(known.iter().copied());
        }
        let alike = others.iter().filter(|other| lines.get(*other) == Some(said)).chain([span]);
        let when = alike.flat_map(|line| parts(machine, *line)).map(|row| row.when.as_str()).min();
        let states: BTreeSet<StateId> = said.iter().map(|one| one.state).collect();
        let to = said.first().map(|one| one.did.0);
        let finding = twice(machine, (when.unwrap_or_default(), to), &Vec::from_iter(states), (*span, &others));
        out.push(finding.with_help("remove this line"));
    }
    let mut cases: BTreeMap<(BTreeSet<Span>, Did<'_>), Vec<StateId>> = BTreeMap::new();
    for (one, lines) in sayers.into_iter().filter(|(_, lines)| lines.len() > 1) {
        cases.entry((lines, one.did)).or_default().push(one.state);
    }
    for ((lines, did), states) in cases {
        case_twice(machine, lines, did, &states).into_iter().for_each(|finding| out.push(finding));
    }
}

/// The case of a row and what it does but for publishing, which the states say.
type Did<'m> = (StateId, &'m [Cube], FactSet, &'m [MessageId], Option<ReasonId>);

/// What one case of a line says in one state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Said<'m> {
    state: StateId,
    did: Did<'m>,
    public: bool,
}

impl<'m> Said<'m> {
    fn of(row: &'m Row, state: StateId) -> Said<'m> {
        Said { state, did: (row.to, &row.cubes, row.drops, &row.sends, row.reason), public: row.public }
    }
}

/// The rows of one place.
fn parts(machine: &Machine, span: Span) -> impl Iterator<Item = &Row> {
    machine.rows.iter().filter(move |row| row.span == span)
}

/// The finding that a line says what the others say.
fn twice(
    machine: &Machine,
    (what, to): (&str, Option<StateId>),
    states: &[StateId],
    (line, others): (Span, &BTreeSet<Span>),
) -> Finding {
    let to = to.map(|to| machine.state(to).name.as_str()).unwrap_or_default();
    let message =
        format!("transition `{what}` to `{to}` is given more than once in {}", wording::states(machine, states));
    let finding = Finding::warning(CHECK.code, line, message, "once more");
    others.iter().fold(finding, |finding, other| finding.with_place(*other, "the same"))
}

/// The finding that some lines say the same of one case in some states.
fn case_twice(machine: &Machine, mut lines: BTreeSet<Span>, did: Did<'_>, states: &[StateId]) -> Option<Finding> {
    let rows: Vec<&Row> =
        lines.iter().flat_map(|line| parts(machine, *line)).filter(|row| row.cubes == did.1).collect();
    let is_covered = |line: &Span| {
        let mut own = rows.iter().filter(|row| row.span == *line);
        own.all(|row| row.from.iter().all(|state| states.contains(state)))
    };
    let case = rows.iter().map(|row| row.case.as_str()).min()?;
    let help = match lines.iter().any(is_covered) {
        true => format!("leave the case `{case}` out of all formulas but one"),
        false => format!("leave {} out of all `from:` but one", wording::states(machine, states)),
    };
    let last = lines.pop_last()?;
    Some(twice(machine, (case, Some(did.0)), states, (last, &lines)).with_help(help))
}
