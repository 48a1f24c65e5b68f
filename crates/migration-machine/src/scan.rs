//! Finds the row that fires.

use crate::fact_set::FactSet;
use crate::role::{Case, Role, StateEntry, Transition};

/// The rows that leave a state, strongest first.
///
/// What usually comes is what the last row waits for; those before it are mostly commands and failures. So whether the
/// last row fires is one comparison, and whether any row can is another. What is compared is computed here, while the
/// table is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Rows<R: Role> {
    list: &'static [Transition<R>],
    last: Option<&'static Transition<R>>,
    /// Implies that the last row fires: it is enabled, and none that is stronger can be.
    usual: Case<R>,
    /// Implies that no row is enabled: none of the facts that they wait for holds.
    quiet: Case<R>,
}

/// The mask and the set of a case that never holds.
const NEVER: (u64, u64) = (0, u64::MAX);

impl<R: Role> Rows<R> {
    const NONE: Self = Self { list: &[], last: None, usual: case(NEVER), quiet: case((0, 0)) };

    /// Returns the rows of each state. Generated code calls this.
    #[must_use]
    pub const fn of<const STATES: usize>(states: &'static [StateEntry<R>; STATES]) -> [Self; STATES] {
        let (mut all, mut next) = ([Self::NONE; STATES], 0);
        while next < STATES {
            if let Some(last) = states[next].rows.last() {
                all[next] = Self::new(states[next].rows, last.when);
            }
            next += 1;
        }
        all
    }

    /// The numbers are not taken for sets: the compiler spends most of the time that it needs for this on calls.
    const fn new(list: &'static [Transition<R>], last: Case<R>) -> Self {
        let (guards, (last_mask, last_set)) = (R::GUARDS.bits, (last.mask.bits, last.set.bits));
        let (mut usual, mut quiet, mut next) = ((last_mask, last_set), (0, 0), 0);
        while next < list.len() {
            let (mask, set) = (list[next].when.mask.bits, list[next].when.set.bits);
            let awaits = set & !guards;
            quiet = if awaits == 0 || quiet.1 != 0 { NEVER } else { (quiet.0 | awaits, 0) };
            // The two cannot be enabled at once where one needs a fact that must not hold for the other.
            let is_excluded = (set & !last_set & last_mask) | (last_set & !set & mask) != 0;
            if next + 1 < list.len() && !is_excluded && usual.1 == last_set {
                let further = awaits & !last_set;
                usual = if further == 0 { NEVER } else { (usual.0 | further, last_set) };
            }
            next += 1;
        }
        Self { list, last: list.last(), usual: case(usual), quiet: case(quiet) }
    }

    /// Returns the first of the rows that is enabled while these facts hold.
    #[must_use]
    #[inline]
    pub const fn first(&self, facts: FactSet<R>) -> Option<&'static Transition<R>> {
        if self.usual.holds(facts) {
            self.last
        } else if self.quiet.holds(facts) {
            None
        } else {
            scan(self.list, facts)
        }
    }
}

const fn case<R>((mask, set): (u64, u64)) -> Case<R> {
    Case { mask: FactSet::new(mask), set: FactSet::new(set) }
}

const fn scan<R: Role>(rows: &'static [Transition<R>], facts: FactSet<R>) -> Option<&'static Transition<R>> {
    let mut next = 0;
    while next < rows.len() {
        if rows[next].when.holds(facts) {
            return Some(&rows[next]);
        }
        next += 1;
    }
    None
}
