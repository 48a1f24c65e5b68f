//! Small changes of a table, one at a time, as maintainers make them: a command is taken away, a status comes later, a
//! time limit is dropped. None of them is checked; a mutant may be a table that nobody would keep.

use std::collections::BTreeSet;

use crate::public::setting;
use migration_table::cases::cubes;
use migration_table::model::{
    Answer, AnswerRow, Condition, FactId, FactKind, FactSet, Kind, Machine, Reason, ReasonId, Row, State, StateId,
    StatusId, Table, Timeout,
};
use migration_table::step;

/// Returns every mutant of a table, each with what was changed.
pub fn mutants(table: &Table) -> Vec<(String, Table)> {
    chosen(table, |_| true)
}

/// Returns how many mutants a table has.
pub fn count(table: &Table) -> usize {
    let mut count = 0;
    chosen(table, |_| {
        count += 1;
        false
    });
    count
}

/// Returns the mutants whose number is chosen, each with what was changed. A large table has thousands of mutants, each
/// a table of its own.
pub fn chosen(table: &Table, mut is_chosen: impl FnMut(usize) -> bool) -> Vec<(String, Table)> {
    let (mut all, mut number) = (Vec::new(), 0);
    for index in 0..table.machines.len() {
        let machine = normal(&table.machines[index]);
        let mut add = |name: String, changed: Machine, fresh: bool| {
            number += 1;
            if !is_chosen(number - 1) {
                return;
            }
            let mut mutant = table.clone();
            if fresh {
                let like = mutant.statuses[0].clone();
                let (name, since, doc) = ("fresh".to_owned(), like.since.clone(), like.doc.clone());
                let (key, deprecated, span) = (name.clone(), None, like.span);
                mutant.reasons.push(Reason { name: name.clone(), key, since, deprecated, doc, span });
                mutant.statuses.push(migration_table::model::Status { name, ..like });
            }
            mutant.machines[index] = published(changed);
            all.push((format!("{}: {name}", machine.name), mutant));
        };
        commands(&machine, &mut add);
        rows(&machine, &mut add);
        states(table, &machine, &mut add);
        events(&machine, &mut add);
        windows(&machine, &mut add);
        reasons(table, &machine, &mut add);
    }
    all
}

type Add<'a> = dyn FnMut(String, Machine, bool) + 'a;

/// The same table, in which the rows that change what is shown publish, and no others.
pub fn tidy(mut table: Table) -> Table {
    table.machines = table.machines.iter().map(|machine| published(normal(machine))).collect();
    table
}

/// The same machine with a row for each state.
fn normal(machine: &Machine) -> Machine {
    let each = |row: &Row| {
        let row = row.clone();
        row.from.clone().into_iter().map(move |from| Row { from: vec![from], ..row.clone() })
    };
    let answers = machine.answers.iter().flat_map(|answer| {
        let answer = answer.clone();
        answer.states.clone().into_iter().map(move |state| AnswerRow { states: vec![state], ..answer.clone() })
    });
    Machine { rows: machine.rows.iter().flat_map(each).collect(), answers: answers.collect(), ..machine.clone() }
}

/// The same machine, in which the rows that change what is shown publish, and no others.
fn published(mut machine: Machine) -> Machine {
    let shows: Vec<StatusId> = machine.states.iter().map(|state| state.shows).collect();
    for row in &mut machine.rows {
        row.public = shows[row.from[0].index()] != shows[row.to.index()];
    }
    machine
}

fn triggers(machine: &Machine) -> Vec<FactId> {
    machine.fact_ids().filter(|fact| machine.fact(*fact).is_trigger()).collect()
}

/// Refuses a trigger in a state, whatever was said to it.
fn refuse(machine: &mut Machine, trigger: FactId, state: StateId) {
    machine.rows.retain(|row| row.from[0] != state || !step::needs(row, trigger));
    machine.answers.retain(|answer| answer.states[0] != state || answer.trigger != trigger);
}

fn commands(machine: &Machine, add: &mut Add<'_>) {
    for trigger in triggers(machine) {
        let name = &machine.fact(trigger).name;
        for state in machine.state_ids() {
            let mut changed = machine.clone();
            refuse(&mut changed, trigger, state);
            add(format!("`{name}` is refused in `{}`", machine.state(state).name), changed, false);
        }
        for kind in Kind::ALL {
            let mut changed = machine.clone();
            let of_kind = machine.state_ids().filter(|state| machine.state(*state).kind == kind);
            of_kind.for_each(|state| refuse(&mut changed, trigger, state));
            add(format!("`{name}` is refused in {}", kind.name()), changed, false);
        }
    }
    for index in 0..machine.answers.len() {
        let state = machine.state(machine.answers[index].states[0]).name.clone();
        let name = &machine.fact(machine.answers[index].trigger).name;
        let mut changed = machine.clone();
        changed.answers[index].answer = match changed.answers[index].answer {
            Answer::Ignore | Answer::Handle => Answer::Refuse("no".to_owned()),
            Answer::Accept | Answer::Refuse(_) => Answer::Ignore,
        };
        add(format!("the answer to `{name}` in `{state}` is another"), changed, false);
        let mut changed = machine.clone();
        changed.answers[index].class = Some("DeviceNotFound".to_owned());
        add(format!("the class of `{name}` in `{state}` is another"), changed, false);
    }
}

fn rows(machine: &Machine, add: &mut Add<'_>) {
    let guards: Vec<FactId> = machine.fact_ids().filter(|fact| setting(&machine.fact(*fact).kind).is_some()).collect();
    for index in 0..machine.rows.len() {
        let row = &machine.rows[index];
        let what = format!("`{}` in `{}`", row.when, machine.state(row.from[0]).name);
        let mut changed = machine.clone();
        changed.rows.remove(index);
        add(format!("{what} is gone"), changed, false);
        let mut elsewhere: BTreeSet<StateId> =
            machine.rows.iter().filter(|it| it.from[0] == row.to).map(|it| it.to).collect();
        elsewhere.extend(machine.state_ids().filter(|state| machine.state(*state).kind == Kind::Idle).take(2));
        for to in elsewhere.into_iter().filter(|to| *to != row.to) {
            let mut changed = machine.clone();
            changed.rows[index].to = to;
            add(format!("{what} leads to `{}`", machine.state(to).name), changed, false);
        }
        for guard in guards.iter().take(2) {
            for is_on in [true, false] {
                let literal = Condition::Fact(*guard);
                let literal = if is_on { literal } else { Condition::Not(Box::new(literal)) };
                let condition = Condition::And(vec![row.condition.clone(), literal]);
                let mut changed = machine.clone();
                let row = &mut changed.rows[index];
                (row.cubes, row.mentions) = (cubes(&condition).unwrap(), condition.mentions());
                row.condition = condition;
                let name = &machine.fact(*guard).name;
                add(format!("{what} only when `{name}` is {}", if is_on { "on" } else { "off" }), changed, false);
            }
        }
    }
}

/// Another reason, none, or one that nobody knows.
fn reasons(table: &Table, machine: &Machine, add: &mut Add<'_>) {
    let fresh = table.reasons.len();
    for index in 0..machine.rows.len() {
        let row = &machine.rows[index];
        let what = format!("`{}` in `{}`", row.when, machine.state(row.from[0]).name);
        let other = row.reason.map_or(0, |reason| reason.index() + 1) % fresh.max(1);
        let reasons = BTreeSet::from([other, fresh]).into_iter().map(|at| Some(ReasonId(u16::try_from(at).unwrap())));
        for reason in reasons.chain([None]).filter(|reason| *reason != row.reason) {
            let name = reason.map_or("no reason", |id| table.reasons.get(id.index()).map_or("fresh", |it| &it.key));
            let mut changed = machine.clone();
            changed.rows[index].reason = reason;
            add(format!("{what} gives {name}"), changed, reason.is_some_and(|id| id.index() == fresh));
        }
    }
}

fn states(table: &Table, machine: &Machine, add: &mut Add<'_>) {
    let timed = machine.states.iter().find_map(|state| state.timeout);
    for id in machine.state_ids() {
        let state = machine.state(id);
        let mut change = |what: &str, fresh: bool, edit: &dyn Fn(&mut State)| {
            let mut changed = machine.clone();
            edit(&mut changed.states[id.index()]);
            add(format!("`{}` {what}", state.name), changed, fresh);
        };
        match (&state.timeout, &timed) {
            (Some(_), _) => change("has no timeout", false, &|state| state.timeout = None),
            (None, Some(timeout)) => change("has a timeout", false, &|state| {
                state.timeout = Some(Timeout { event: timeout.event, after_ms: 1 });
            }),
            (None, None) => {}
        }
        match state.kind {
            Kind::Work => change("waits", false, &|state| state.kind = Kind::Wait),
            Kind::Wait => change("works", false, &|state| state.kind = Kind::Work),
            Kind::Idle | Kind::Cleanup => {}
        }
        let fresh = StatusId(u16::try_from(table.statuses.len()).unwrap());
        change("shows a new status", true, &|state| state.shows = fresh);
        let near = machine.rows.iter().filter(|row| row.to == id).map(|row| row.from[0]);
        let near = near.chain(machine.rows.iter().filter(|row| row.from[0] == id).map(|row| row.to));
        let near: BTreeSet<StatusId> = near.map(|state| machine.state(state).shows).collect();
        for shows in near.into_iter().filter(|shows| *shows != state.shows) {
            let name = &table.statuses[shows.index()].name;
            change(&format!("shows `{name}`"), false, &|state| state.shows = shows);
        }
    }
    for row in &machine.rows {
        let (from, to) = (row.from[0], row.to);
        let shown = [from, to].map(|state| machine.state(state).shows);
        if shown[0] != shown[1] {
            let mut changed = machine.clone();
            (changed.states[from.index()].shows, changed.states[to.index()].shows) = (shown[1], shown[0]);
            let [from, to] = [from, to].map(|state| &machine.state(state).name);
            add(format!("`{from}` and `{to}` show each other's status"), changed, false);
        }
    }
}

/// An event that comes from outside the work, or no longer does.
fn events(machine: &Machine, add: &mut Add<'_>) {
    let is_event = |fact: &FactId| matches!(machine.fact(*fact).kind, FactKind::Event);
    for fact in machine.fact_ids().filter(is_event) {
        let mut changed = machine.clone();
        let event = &mut changed.facts[fact.index()];
        event.is_outside = !event.is_outside;
        let whose = if event.is_outside { "comes from outside" } else { "is the work's own" };
        add(format!("`{}` {whose}", machine.fact(fact).name), changed, false);
    }
}

/// A state between two others: what follows comes later, and commands are refused or taken meanwhile.
fn windows(machine: &Machine, add: &mut Add<'_>) {
    let events = machine.fact_ids().filter(|fact| matches!(machine.fact(*fact).kind, FactKind::Event));
    let Some(event) = events.into_iter().find(|fact| !machine.fact(*fact).carries_cause) else { return };
    let between = StateId(u16::try_from(machine.states.len()).unwrap());
    for index in 0..machine.rows.len() {
        let row = &machine.rows[index];
        let (from, to) = (row.from[0], row.to);
        for (like, what) in [(from, "late"), (to, "early")] {
            for takes in [false, true] {
                let mut changed = machine.clone();
                let shows = machine.state(like).shows;
                let state = machine.state(from).clone();
                let name = "between".to_owned();
                changed.states.push(State { name, kind: Kind::Work, shows, timeout: None, ..state });
                changed.rows[index].to = between;
                let condition = Condition::Fact(event);
                let cubes = cubes(&condition).unwrap();
                let rank =
                    machine.precedence.iter().position(|fact| *fact == event).unwrap_or(machine.precedence.len());
                let mentions = FactSet::from(event);
                changed.rows.push(Row { from: vec![between], condition, cubes, mentions, rank, to, ..row.clone() });
                if takes {
                    let behind = machine.rows.iter().filter(|it| {
                        it.from[0] == to && triggers(machine).iter().any(|trigger| step::needs(it, *trigger))
                    });
                    let behind: Vec<Row> = behind.map(|row| Row { from: vec![between], ..row.clone() }).collect();
                    changed.rows.extend(behind);
                }
                let commands = if takes { "taken" } else { "refused" };
                let state = &machine.state(from).name;
                // Sometimes it acts at once, and a query tells which it is.
                let mut sometimes = changed.clone();
                sometimes.rows.push(row.clone());
                let text = format!("`{}` in `{state}` acts {what}, and commands are {commands}", row.when);
                add(format!("sometimes {text}"), sometimes, false);
                add(text, changed, false);
            }
        }
    }
}
