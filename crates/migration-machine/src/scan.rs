//! Finds the row that fires.

use crate::fact_set::FactSet;
use crate::role::{Role, Transition};

/// Returns the first of the rows that is enabled while these facts hold. Rows are listed strongest first.
///
/// What usually comes is what the last row waits for; those before it are mostly commands and failures. So one
/// comparison with all that those wait for tells whether the scan can begin behind them. The compiler computes what is
/// compared, since the rows are constants where generated code calls this.
#[must_use]
#[inline]
pub const fn first<R: Role>(rows: &'static [Transition<R>], facts: FactSet<R>) -> Option<&'static Transition<R>> {
    let mut usual = rows.len();
    while usual > 0 && rows[usual - 1].awaits().is(rows[rows.len() - 1].awaits()) {
        usual -= 1;
    }
    let (mut awaited, mut can_be_skipped, mut next) = (FactSet::EMPTY, true, 0);
    while next < usual {
        awaited = awaited.union(rows[next].awaits());
        can_be_skipped &= !rows[next].awaits().is(FactSet::EMPTY);
        next += 1;
    }
    if can_be_skipped && !facts.intersects(awaited) { scan(rows, usual, facts) } else { scan(rows, 0, facts) }
}

#[inline]
const fn scan<R: Role>(
    rows: &'static [Transition<R>],
    from: usize,
    facts: FactSet<R>,
) -> Option<&'static Transition<R>> {
    let mut next = from;
    while next < rows.len() {
        if rows[next].when.holds(facts) {
            return Some(&rows[next]);
        }
        next += 1;
    }
    None
}
