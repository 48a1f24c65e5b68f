//! One slip can have many findings: where a state is of the wrong kind, almost every check has something to say about it.
//!
//! Single changes are tried: another kind for a state, one more transition. Each changed table is judged by all checks. What a
//! change takes away, where it brings nothing new, follows from what it mends, so it becomes one finding that says how. Nothing
//! is held back on a guess: what the change would not mend stays as it is.

mod change;
mod offers;
mod trial;

pub(crate) use offers::settle;

use crate::declare::TableDecl;
use crate::finding::{Finding, Findings, Severity};
use crate::span::Span;

use change::Change;
use trial::{Judge, is_same};

/// With more findings than this, or more places in them, a table has more than a slip, and every change would be tried for
/// nothing.
const FINDINGS_MAX: usize = 32;
const PLACES_MAX: usize = 80;

/// The rule that something is silenced that is not found.
const SILENCES_NOTHING: &str = "T0603";

/// How many slips are looked for in one table.
const SLIPS_MAX: usize = 3;

/// How many changes are tried in all, for a table of up to [`ROWS_SMALL`] rows; for larger ones as many fewer as they are larger.
const TRIALS_MAX: usize = 64;
const ROWS_SMALL: usize = 50;

/// How many places of findings that follow are shown.
const SHOWN_MAX: usize = 12;

/// How many offers are tried in all, as [`TRIALS_MAX`].
const OFFERS_MAX: usize = 16;

/// Joins findings that a single change would take away together, and lets the others propose what was tried.
pub(crate) fn apply(table: &TableDecl, judge: &Judge<'_>, findings: &mut Findings) {
    if findings.iter().map(|finding| 1 + finding.notes.len()).sum::<usize>() > PLACES_MAX {
        return;
    }
    let rows: usize = change::machines(table).map(|(_, machine)| machine.transitions.iter().flatten().count()).sum();
    let at_most = |trials: usize| trials * ROWS_SMALL / rows.max(ROWS_SMALL);
    join(table, judge, at_most(TRIALS_MAX), findings);
    offers::apply(table, judge, at_most(OFFERS_MAX), findings);
}

fn join(table: &TableDecl, judge: &Judge<'_>, mut left: usize, findings: &mut Findings) {
    let mut joined: Vec<Finding> = Vec::new();
    for _ in 0..SLIPS_MAX {
        let open: Vec<Finding> =
            findings.iter().filter(|it| !joined.iter().any(|one| is_same(one, it))).cloned().collect();
        if open.len() < 2 || findings.len() > FINDINGS_MAX {
            return;
        }
        let Some(slip) = find(table, judge, (&open, findings), &mut left) else { return };
        let Some(one) = slip.told() else { return };
        findings.remove(|finding| slip.findings.iter().any(|gone| is_same(gone, finding)));
        findings.push(one.clone());
        joined.push(one);
    }
}

/// Findings that go together, and the changes of which each would mend all of them.
struct Slip<'t> {
    findings: Vec<Finding>,
    changes: Vec<Change<'t>>,
}

/// Finds the change that takes away the most of the findings that are open.
fn find<'t>(
    table: &'t TableDecl,
    judge: &Judge<'_>,
    (open, all): (&[Finding], &Findings),
    left: &mut usize,
) -> Option<Slip<'t>> {
    let mut best: Option<Slip<'t>> = None;
    for change in change::likely(table, open) {
        // Where one mends everything, only others of its kind are of interest.
        if let Some(slip) = best.as_ref().filter(|slip| slip.findings.len() == open.len())
            && !slip.changes[0].is_like(&change)
        {
            continue;
        }
        let Some(fewer) = left.checked_sub(1) else { break };
        *left = fewer;
        let (made, after) = judge(&change.made(table));
        // What a finding that is gone was silenced for is silenced for nothing now.
        let is_idle = |finding: &Finding| !change.is_of_kind() && finding.code.0 == SILENCES_NOTHING;
        if after.iter().any(|finding| all.iter().all(|known| !is_same(known, finding)) && !is_idle(finding)) {
            continue;
        }
        // Of a state that has another kind and is still complained of, the kind was not the slip.
        if after.iter().any(|finding| change.leaves(finding.span)) {
            continue;
        }
        let gone = |finding: &&Finding| after.iter().all(|known| !is_same(known, finding));
        let gone: Vec<Finding> = open.iter().filter(gone).cloned().collect();
        // Two doubts about different things are no sign that one transition is missing: any would take both away.
        if !change.is_certain() && gone.len() < 3 && gone.iter().all(|finding| finding.severity != Severity::Error) {
            continue;
        }
        // What is only doubtful in a state is no sign that its kind is wrong.
        if change.is_of_kind() && gone.iter().all(|finding| finding.severity != Severity::Error) {
            continue;
        }
        if gone.len() > 1 && !made.is_some_and(|made| change.can_happen(&made)) {
            continue;
        }
        match &mut best {
            Some(slip) if slip.findings == gone && slip.changes[0].is_like(&change) => slip.changes.push(change),
            Some(slip) if slip.findings.len() >= gone.len() => {}
            Some(_) | None if gone.len() > 1 => best = Some(Slip { findings: gone, changes: vec![change] }),
            Some(_) | None => {}
        }
    }
    best
}

impl Slip<'_> {
    /// The findings as one: the gravest of those at the place of the change, with the places of the others.
    fn told(&self) -> Option<Finding> {
        let place = self.changes.first().map(Change::place);
        let is_there = |span: Span| place.is_some_and(|place| place.start <= span.start && span.start < place.end);
        let order = |finding: &&Finding| (finding.severity, !is_there(finding.span), finding.code);
        let head = self.findings.iter().min_by_key(order)?;
        let mut one = Finding { offers: Vec::new(), ..head.clone() };
        let others = self.findings.iter().filter(|finding| !is_same(finding, head));
        for other in others.clone().take(SHOWN_MAX) {
            one = one.with_place(other.span, format!("{}: {}", other.code, other.message));
        }
        let more = others.count().saturating_sub(SHOWN_MAX);
        if more > 0 {
            one = one.with_note(format!("and {more} more that follow from it"));
        }
        let help = change::in_words(&self.changes);
        let all = if self.findings.len() == 2 { "both" } else { "all of this" };
        Some(one.with_help(format!("{help}: that mends {all}")))
    }
}
