//! Changes of status: which status leads to which, and in which cases, each of them once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use migration_contract::public::Taken;
use migration_table::cases::{can_hold, cubes};
use migration_table::model::{Condition, Cube, FactId, FactSet, Machine, Row, StateId, StatusId};
use migration_table::step::needs;

/// A row to be, between statuses.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The row of the machine that says it; the most telling one of several.
    row: usize,
    from: BTreeSet<StatusId>,
    to: StatusId,
    cubes: Vec<Cube>,
    /// The statuses in which it is up to the state behind the status whether it follows.
    pub(super) at_times: BTreeMap<StatusId, AtTimes>,
}

/// Commands that some states of a status take and others do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AtTimes {
    pub(super) triggers: BTreeSet<FactId>,
    /// The states in which the machine can wait and that take all of them.
    pub(super) with: BTreeSet<StateId>,
    /// The states in which the machine can wait and that do not take them.
    pub(super) without: BTreeSet<StateId>,
}

/// What leads from one status to another: rows with the numbers of their cases, and the states in which they count.
type Ways = BTreeMap<(StatusId, StatusId), BTreeMap<(usize, usize), BTreeSet<StateId>>>;

/// An order of rows that does not depend on the table's; the last of it is the row.
type Key<'m> = (usize, Reverse<usize>, &'m [Cube], &'m str, usize, usize);

/// A row to be but for its cases: who says it, from which statuses, to which, and when not always.
type Known<'m> = (Key<'m>, BTreeSet<StatusId>, StatusId, BTreeMap<StatusId, AtTimes>);

/// What changes of status a machine publishes.
pub(super) struct Changes<'m> {
    machine: &'m Machine,
    taken: &'m Taken,
    ways: Ways,
}

impl<'m> Changes<'m> {
    pub(super) fn new(machine: &'m Machine, taken: &'m Taken) -> Changes<'m> {
        let mut ways = Ways::new();
        for (state, row, case) in taken.cases.iter().filter(|(_, row, _)| machine.rows[*row].public) {
            let (from, to) = (machine.state(*state).shows, machine.state(machine.rows[*row].to).shows);
            ways.entry((from, to)).or_default().entry((*row, *case)).or_default().insert(*state);
        }
        Changes { machine, taken, ways }
    }

    /// The changes: for any two statuses, none says what another says.
    pub(super) fn all(&self) -> Vec<Change> {
        // By what follows from which case, so that what holds in several statuses is one row, whoever says it in each.
        let mut cases: BTreeMap<(StatusId, Cube), BTreeSet<StatusId>> = BTreeMap::new();
        for ((from, to), ways) in &self.ways {
            for cube in self.shortest(ways.keys()) {
                cases.entry((*to, cube)).or_default().insert(*from);
            }
        }
        let mut rows: BTreeMap<Known<'m>, Vec<Cube>> = BTreeMap::new();
        for ((to, cube), all) in cases {
            let row = self.owner(&all, to, cube);
            // From a status to itself no arrow leads but its own.
            let (again, from): (BTreeSet<StatusId>, _) = all.into_iter().partition(|from| *from == to);
            for from in [from, again].into_iter().filter(|from| !from.is_empty()) {
                let at_times = from.iter().filter_map(|from| Some((*from, self.at_times(*from, to, cube)?)));
                let at_times: BTreeMap<StatusId, AtTimes> = at_times.collect();
                rows.entry((self.key(row), from, to, at_times)).or_default().push(cube);
            }
        }
        let change =
            |(((.., row), from, to, at_times), cubes): (Known<'m>, _)| Change { row, from, to, cubes, at_times };
        rows.into_iter().map(change).collect()
    }

    /// Some cases of rows as few short ones that say the same.
    fn shortest<'a>(&self, ways: impl Iterator<Item = &'a (usize, usize)>) -> BTreeSet<Cube> {
        let all: BTreeSet<Cube> = ways.map(|(row, case)| self.machine.rows[*row].cubes[*case]).collect();
        let condition = Condition::Or(all.iter().map(|cube| Condition::of(*cube)).collect());
        // What cannot be said shorter is said as it is.
        cubes(&condition).map_or(all, |cubes| cubes.into_iter().collect())
    }

    /// The row that says best what leads from these statuses to that one in a case.
    fn owner(&self, from: &BTreeSet<StatusId>, to: StatusId, cube: Cube) -> usize {
        let ways = from.iter().filter_map(|from| self.ways.get(&(*from, to))).flat_map(BTreeMap::keys);
        let said = |(row, case): &(usize, usize)| {
            let own = self.machine.rows[*row].cubes[*case];
            // It is the case, or a part of it, or only helps to make it up.
            let (is_same, is_part) = (own == cube, implies(own, cube));
            (!is_same, !is_part, self.key(*row))
        };
        ways.map(said).min().map_or(0, |(.., (.., row))| row)
    }

    /// The strongest row first, then what holds in most states.
    fn key(&self, index: usize) -> Key<'m> {
        let row = &self.machine.rows[index];
        (row.rank, Reverse(row.from.len()), &row.cubes, &row.when, row.span.start, index)
    }

    /// What is to be said if the commands in a case are taken only in some of the states of a status.
    fn at_times(&self, from: StatusId, to: StatusId, cube: Cube) -> Option<AtTimes> {
        let mut found = AtTimes::default();
        let waits = self.taken.waits.iter().copied().filter(|state| self.machine.state(*state).shows == from);
        found.with.extend(waits);
        for trigger in cube.set & self.machine.triggers() {
            let waits = found.with.union(&found.without).copied();
            let without: Vec<StateId> = waits.filter(|state| !self.takes(*state, trigger, to, cube)).collect();
            if !without.is_empty() {
                found.triggers.insert(trigger);
                found.with.retain(|state| !without.contains(state));
                found.without.extend(without);
            }
        }
        (!found.without.is_empty()).then_some(found)
    }

    /// Whether a trigger is taken in a state whenever the guards say what they say in a case, and leads to that status or
    /// on within the present one.
    fn takes(&self, state: StateId, trigger: FactId, to: StatusId, cube: Cube) -> bool {
        let leads = |row: &Row| [to, self.machine.state(state).shows].contains(&self.machine.state(row.to).shows);
        let here = self.taken.cases.range((state, 0, 0)..).take_while(|(at, ..)| *at == state);
        let here = here.map(|(_, row, case)| (&self.machine.rows[*row], *case));
        let taking = here.filter(|(row, _)| needs(row, trigger) && leads(row));
        let guards = self.machine.guards();
        let guarded = |cube: Cube| Condition::of(cube.among(guards));
        let open = Condition::Or(taking.map(|(row, case)| guarded(row.cubes[case])).collect());
        let missed = Condition::And(vec![guarded(cube), Condition::Not(Box::new(open))]);
        // Where that cannot be decided, nothing is promised.
        can_hold(&missed).is_ok_and(|is_missed| !is_missed)
    }
}

impl Change {
    /// The change as a row of a machine of statuses, which have these places there.
    pub(super) fn row(&self, machine: &Machine, place: &dyn Fn(&StatusId) -> StateId) -> Row {
        let row = &machine.rows[self.row];
        let mut from: Vec<StateId> = self.from.iter().map(place).collect();
        from.sort_unstable();
        let (to, cubes) = (place(&self.to), self.cubes.clone());
        let row = Row { from, to, sends: Vec::new(), drops: FactSet::EMPTY, ..row.clone() };
        if row.cubes == cubes {
            return row;
        }
        let condition = Condition::Or(cubes.iter().map(|cube| Condition::of(*cube)).collect());
        let when = super::super::super::label::cases(machine, &cubes);
        Row { when, mentions: condition.mentions(), condition, cubes, ..row }
    }
}

/// Whether the one holds only where the other does.
fn implies(one: Cube, other: Cube) -> bool {
    one.set.includes(other.set) && one.clear.includes(other.clear)
}
