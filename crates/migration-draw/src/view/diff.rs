//! Two tables in one: what only the new one has, what only the old one has, and what differs.
//!
//! The machines become one machine with the states and rows of both. Rows are compared state by state, so that a row
//! that was split or joined, without any change of what happens, is not shown as changed. A run of one of the two can be
//! numbered in it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::super::figure::Mark;
use super::super::label;
use super::super::subject::{Line, Marking, Subject};
use super::run::{Side, Trace};
use super::undrawable::Undrawable;

use migration_table::model::{
    Cube, Fact, FactSet, Group, Machine, MessageId, ReasonId, ResourceId, Row, State, StateId, StatusId, Table,
};

/// Facts that one machine can have.
const FACTS_MAX: usize = 64;

/// For each machine of the new table that is asked for, both its forms in one; then those that only the old one has.
pub(super) fn subjects<'t>(
    old: &'t Table,
    new: &'t Table,
    machines: &[&'t Machine],
    run: Option<(Side, &Trace<'_>)>,
) -> Result<Vec<Subject<'t>>, Undrawable> {
    let union = Union { table: both(old, new), old, new, run };
    let is_gone = |machine: &&Machine| new.machine(&machine.name).is_none();
    let gone: Vec<&Machine> = match machines.len() == new.machines.len() {
        true => old.machines.iter().filter(is_gone).collect(),
        false => Vec::new(),
    };
    let kept = machines.iter().map(|machine| (old.machine(&machine.name), Some(*machine)));
    kept.chain(gone.into_iter().map(|machine| (Some(machine), None))).map(|(a, b)| union.subject(a, b)).collect()
}

/// The vocabulary of both tables; what is in both is described as in the new one.
fn both(old: &Table, new: &Table) -> Table {
    let mut table = new.clone();
    let add = |known: &[String], name: &str| !known.iter().any(|other| other == name);
    let known: Vec<String> = new.statuses.iter().map(|status| status.name.clone()).collect();
    table.statuses.extend(old.statuses.iter().filter(|status| add(&known, &status.name)).cloned());
    let known: Vec<String> = new.reasons.iter().map(|reason| reason.name.clone()).collect();
    table.reasons.extend(old.reasons.iter().filter(|reason| add(&known, &reason.name)).cloned());
    let known: Vec<String> = new.messages.iter().map(|message| message.name.clone()).collect();
    table.messages.extend(old.messages.iter().filter(|message| add(&known, &message.name)).cloned());
    let known: Vec<String> = new.resources.iter().map(|resource| resource.name.clone()).collect();
    table.resources.extend(old.resources.iter().filter(|resource| add(&known, &resource.name)).cloned());
    table
}

/// Both tables, and the one in which their vocabularies are joined.
struct Union<'t, 'r> {
    table: Table,
    old: &'t Table,
    new: &'t Table,
    run: Option<(Side, &'r Trace<'r>)>,
}

/// What happens in a state: the way out of it, without the row that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    from: StateId,
    to: StateId,
    cubes: Vec<Cube>,
    sends: Vec<MessageId>,
    drops: FactSet,
    public: bool,
    reason: Option<ReasonId>,
}

impl Way {
    fn does(&self) -> Does {
        (self.sends.clone(), self.drops, self.reason)
    }
}

/// A row to be: what is said of it, and its ways but for the state that they leave. What is unchanged stays in the rows
/// of the new table, by their lines, so that it looks there as it does in the whole picture.
type Key = (Mark, StateId, Vec<Cube>, Does, bool, Option<String>, Option<usize>);

/// What a row sends and gives up, and the reason that it gives.
type Does = (Vec<MessageId>, FactSet, Option<ReasonId>);

/// Two machines in one.
struct Compared<'m> {
    /// The rows to be, each with one that it comes from and the states that it leaves.
    rows: BTreeMap<Key, (&'m Row, BTreeSet<StateId>)>,
    /// To which of them the ways of both machines went.
    ways: BTreeMap<Way, Key>,
}

impl<'t> Union<'t, '_> {
    fn subject(&self, old: Option<&Machine>, new: Option<&Machine>) -> Result<Subject<'t>, Undrawable> {
        let base = new.or(old).expect("a machine is in one of the tables");
        let facts = facts(old, new);
        if facts.len() > FACTS_MAX {
            let many = facts.len();
            let name = &base.name;
            return Err(Undrawable::because(format!(
                "the two machines `{name}` have {many} facts together: too many to compare"
            )));
        }
        let mut machine = Machine {
            facts,
            states: self.states(old, new),
            groups: Vec::new(),
            rows: Vec::new(),
            answers: Vec::new(),
            precedence: Vec::new(),
            happy_path: Vec::new(),
            ..base.clone()
        };
        let id = |machine: &Machine, owner: &Machine, state: StateId| {
            machine.state_id(&owner.state(state).name).unwrap_or(StateId(0))
        };
        machine.initial = id(&machine, base, base.initial);
        machine.happy_path = base.happy_path.iter().map(|state| id(&machine, base, *state)).collect();
        for owner in [new, old].into_iter().flatten() {
            for group in &owner.groups {
                let mut states: Vec<StateId> = group.states.iter().map(|state| id(&machine, owner, *state)).collect();
                states.sort_unstable();
                machine.groups.push(Group { states, ..group.clone() });
            }
        }
        let before = old.map(|old| self.ways(&machine, self.old, old)).unwrap_or_default();
        let after = new.map(|new| self.ways(&machine, self.new, new)).unwrap_or_default();
        let Compared { rows, ways } = self.compare(&machine, before, after);
        let lines: Vec<Line> =
            rows.keys().map(|key| Line { mark: key.0, was: key.5.clone(), ..Line::default() }).collect();
        let places: BTreeMap<Way, usize> = ways
            .into_iter()
            .filter_map(|(way, key)| Some((way, rows.keys().position(|known| *known == key)?)))
            .collect();
        machine.rows = rows.into_iter().map(|(key, (model, from))| row(&machine, key, model, from)).collect();
        let marks: Vec<_> = machine.states.iter().map(|state| self.mark(state, old, new)).collect();
        let mut subject = Subject::new(Cow::Owned(self.table.clone()), Cow::Owned(machine));
        subject.rows = lines;
        subject.marking = Marking::Apart;
        for (shade, (mark, note)) in subject.states.iter_mut().zip(marks) {
            shade.mark = mark;
            shade.notes.extend(note);
        }
        if let Some((side, trace)) = self.run {
            let side = match side {
                Side::Old => old.map(|machine| (self.old, machine)),
                Side::New => new.map(|machine| (self.new, machine)),
            };
            if let Some((table, owner)) = side {
                self.number(&mut subject, &places, table, owner, trace);
            }
        }
        mark_unchanged(&mut subject);
        Ok(subject)
    }

    /// Numbers the steps of a run that `owner` takes, a machine of `table`.
    fn number(
        &self,
        subject: &mut Subject<'_>,
        places: &BTreeMap<Way, usize>,
        table: &Table,
        owner: &Machine,
        trace: &Trace<'_>,
    ) {
        let of_owner = |name: &str| name == owner.name;
        for (at, step) in trace.steps.iter().enumerate().filter(|(_, step)| of_owner(step.machine)) {
            let way = self.way(&subject.machine, table, owner, &owner.rows[step.row], step.from);
            let number = step.number(at);
            if let Some(row) = places.get(&way) {
                subject.rows[*row].taken.push((way.from, number));
            }
            subject.states[way.to.index()].steps.push(number);
        }
        for (_, end) in trace.ends.iter().filter(|(name, _)| of_owner(name)) {
            let end = subject.machine.state_id(&owner.state(*end).name);
            subject.states[end.unwrap_or(StateId(0)).index()].end_here();
        }
    }

    /// The states of the new machine, then those that only the old one has, in the vocabulary of both.
    fn states(&self, old: Option<&Machine>, new: Option<&Machine>) -> Vec<State> {
        let mut found: Vec<State> = Vec::new();
        for (table, machine) in [(self.new, new), (self.old, old)] {
            for state in machine.iter().flat_map(|machine| &machine.states) {
                if found.iter().all(|known| known.name != state.name) {
                    found.push(State {
                        shows: self.status(table, state.shows),
                        holds: state.holds.iter().map(|id| self.resource(table, *id)).collect(),
                        timeout: None,
                        timer: None,
                        ..state.clone()
                    });
                }
            }
        }
        found
    }

    fn status(&self, table: &Table, id: StatusId) -> StatusId {
        let name = &table.statuses[id.index()].name;
        StatusId(place(self.table.statuses.iter().position(|status| status.name == *name)))
    }

    fn resource(&self, table: &Table, id: ResourceId) -> ResourceId {
        let name = &table.resources[id.index()].name;
        ResourceId(place(self.table.resources.iter().position(|resource| resource.name == *name)))
    }

    fn reason(&self, table: &Table, id: ReasonId) -> ReasonId {
        let name = &table.reasons[id.index()].name;
        ReasonId(place(self.table.reasons.iter().position(|reason| reason.name == *name)))
    }

    fn message(&self, table: &Table, id: MessageId) -> MessageId {
        let name = &table.messages[id.index()].name;
        MessageId(place(self.table.messages.iter().position(|message| message.name == *name)))
    }

    /// Every way out of every state, with the row that says so, in the ids of the machine that is both.
    fn ways<'m>(&self, both: &Machine, table: &Table, machine: &'m Machine) -> BTreeMap<Way, &'m Row> {
        let rows = machine.rows_by_state().into_iter().flatten();
        rows.flat_map(|row| row.from.iter().map(move |from| (self.way(both, table, machine, row, *from), row)))
            .collect()
    }

    /// What a row says of a state that it leaves, in the ids of the machine that is both.
    fn way(&self, both: &Machine, table: &Table, machine: &Machine, row: &Row, from: StateId) -> Way {
        let state = |id: StateId| both.state_id(&machine.state(id).name).unwrap_or(StateId(0));
        let facts = |facts: FactSet| -> FactSet {
            facts.iter().filter_map(|id| both.fact_id(&machine.fact(id).name)).collect()
        };
        let cubes = row.cubes.iter().map(|cube| Cube { set: facts(cube.set), clear: facts(cube.clear) });
        let mut cubes: Vec<Cube> = cubes.collect();
        cubes.sort_unstable();
        let sends = row.sends.iter().map(|id| self.message(table, *id)).collect();
        let reason = row.reason.map(|id| self.reason(table, id));
        Way { from: state(from), to: state(row.to), cubes, sends, drops: facts(row.drops), public: row.public, reason }
    }

    /// The rows that are both machines. Where between two states one way went and one came, it changed.
    fn compare<'m>(
        &self,
        machine: &Machine,
        before: BTreeMap<Way, &'m Row>,
        after: BTreeMap<Way, &'m Row>,
    ) -> Compared<'m> {
        let mut compared = Compared { rows: BTreeMap::new(), ways: BTreeMap::new() };
        let mut add = |mark: Mark, way: &Way, was: Option<(&Way, String)>, model: &'m Row| {
            let line = (mark == Mark::Plain).then_some(model.span.line);
            let (before, was) = was.unzip();
            let key = (mark, way.to, way.cubes.clone(), way.does(), way.public, was, line);
            for way in before.into_iter().chain([way]) {
                compared.ways.insert(way.clone(), key.clone());
            }
            compared.rows.entry(key).or_insert_with(|| (model, BTreeSet::new())).1.insert(way.from);
        };
        let mut gone: BTreeMap<(StateId, StateId), Vec<(&Way, &'m Row)>> = BTreeMap::new();
        let mut come = gone.clone();
        for (way, row) in &before {
            if !after.contains_key(way) {
                gone.entry((way.from, way.to)).or_default().push((way, row));
            }
        }
        for (way, row) in &after {
            if before.contains_key(way) {
                add(Mark::Plain, way, None, row);
            } else {
                come.entry((way.from, way.to)).or_default().push((way, row));
            }
        }
        for (ends, ways) in &come {
            match (ways.as_slice(), gone.get(ends).map(Vec::as_slice)) {
                ([(way, row)], Some([(was, model)])) => {
                    let words = self.words(machine, was, model);
                    add(Mark::Changed, way, Some((was, words)), row);
                    gone.remove(ends);
                }
                (ways, _) => ways.iter().for_each(|(way, row)| add(Mark::Added, way, None, row)),
            }
        }
        gone.values().flatten().for_each(|(way, row)| add(Mark::Removed, way, None, row));
        compared
    }

    fn words(&self, machine: &Machine, way: &Way, model: &Row) -> String {
        let (sends, drops, reason) = way.does();
        let row = Row { cubes: way.cubes.clone(), sends, drops, reason, ..model.clone() };
        let condition = label::condition(machine, &row);
        let silent = if way.public { "" } else { ", not public" };
        format!("{condition}{}{silent}", label::actions(&self.table, machine, &row))
    }

    /// What is said of a state, and what it was.
    fn mark(&self, state: &State, old: Option<&Machine>, new: Option<&Machine>) -> (Mark, Option<String>) {
        let find = |machine: Option<&Machine>| {
            let machine = machine?;
            machine.state_id(&state.name).map(|id| machine.state(id).clone())
        };
        match (find(old), find(new)) {
            (None, _) => (Mark::Added, None),
            (_, None) => (Mark::Removed, None),
            (Some(before), Some(after)) => {
                let (was, is) = (describe(self.old, &before), describe(self.new, &after));
                if was == is { (Mark::Plain, None) } else { (Mark::Changed, Some(format!("was: {was}"))) }
            }
        }
    }
}

/// Says what is unchanged, but for the run, which is to be seen.
fn mark_unchanged(subject: &mut Subject<'_>) {
    let unchanged = |mark: &Mark| *mark == Mark::Plain;
    let left: BTreeSet<StateId> = subject.rows.iter().flat_map(|line| &line.taken).map(|(state, _)| *state).collect();
    for (shade, node) in subject.states.iter_mut().zip(&subject.nodes) {
        if shade.steps.is_empty() && !left.contains(&node.state) && unchanged(&shade.mark) {
            shade.mark = Mark::Unchanged;
        }
    }
    for line in subject.rows.iter_mut().filter(|line| line.taken.is_empty() && unchanged(&line.mark)) {
        line.mark = Mark::Unchanged;
    }
}

/// What is compared of a state, in words.
fn describe(table: &Table, state: &State) -> String {
    let mut held: Vec<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
    held.sort_unstable();
    let holds = if held.is_empty() { String::new() } else { format!(", holds {}", held.join(", ")) };
    let wait = state.timeout.map_or(String::new(), |timeout| format!(", waits {} ms", timeout.after_ms));
    let wait = wait + &state.timer.map_or(String::new(), |timer| format!(", lasts {} ms", timer.after_ms));
    format!("{}, shows {}{holds}{wait}", state.kind.name(), table.statuses[state.shows.index()].name)
}

/// The facts of both machines by name, triggers first; those of the new one come first within a kind.
fn facts(old: Option<&Machine>, new: Option<&Machine>) -> Vec<Fact> {
    let mut found: Vec<Fact> = new.map(|machine| machine.facts.clone()).unwrap_or_default();
    for fact in old.iter().flat_map(|machine| &machine.facts) {
        if found.iter().all(|known| known.name != fact.name) {
            found.push(fact.clone());
        }
    }
    found
}

fn row(machine: &Machine, key: Key, model: &Row, from: BTreeSet<StateId>) -> Row {
    let (_, to, cubes, (sends, drops, reason), public, _, _) = key;
    let mentions = FactSet::union(cubes.iter().map(|cube| cube.asks()));
    let from: Vec<StateId> = from.into_iter().collect();
    let from_names = from.iter().map(|state| machine.state(*state).name.clone()).collect();
    Row {
        from,
        from_names,
        except_names: Vec::new(),
        cubes,
        mentions,
        to,
        public,
        reason,
        drops,
        sends,
        ..model.clone()
    }
}

fn place(at: Option<usize>) -> u16 {
    at.and_then(|at| u16::try_from(at).ok()).unwrap_or(0)
}
