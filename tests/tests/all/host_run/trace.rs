//! A host's trace, explained step by step by the reference meaning of the table.

use migration_table::interpret::{Evidence, Run};
use migration_table::model::{Answer, FactId, FactSet, Kind, Machine, StateId, Table};
use migration_table::step;
use serde_json::Value;

/// What a trace comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// The state at its end.
    pub(super) state: String,
    /// The statuses that clients were told.
    pub(super) published: Vec<String>,
    /// How many triggers were accepted, ignored and refused.
    pub(super) answers: [usize; 3],
    /// How many rows fired.
    pub(super) fired: usize,
}

/// Explains every step of `machine` in `trace`, or says at which step, counted from 1, the table says otherwise.
pub(super) fn explain(table: &Table, machine: &Machine, trace: &[Value]) -> Result<Course, String> {
    let own = |line: &&Value| line["machine"] == machine.name.as_str();
    let lines: Vec<&Value> = trace.iter().filter(own).collect();
    let mut follower = Follower { table, machine, run: Run::new(machine), answers: [0; 3] };
    let mut at = 0;
    while at < lines.len() {
        let fired = lines[at + 1..].iter().take_while(|line| line["step"] == "fired").count();
        let (cause, effects) = (lines[at], &lines[at + 1..=at + fired]);
        follower.take(cause, effects).map_err(|error| format!("step {}: {error}: {cause} {effects:?}", at + 1))?;
        at += 1 + fired;
    }
    Ok(follower.course())
}

struct Follower<'t> {
    table: &'t Table,
    machine: &'t Machine,
    run: Run<'t>,
    answers: [usize; 3],
}

impl Follower<'_> {
    /// Takes one trigger or piece of evidence, and the transitions that came of it.
    fn take(&mut self, cause: &Value, effects: &[&Value]) -> Result<(), String> {
        let (before, so_far) = (self.run.state(), self.run.fired().len());
        let asked = FactSet::union(effects.iter().map(|line| guards(line)));
        match text(cause, "step")? {
            "raised" => self.raise(cause, asked)?,
            "reported" => self.report(cause, asked)?,
            other => return Err(format!("nothing leads to `{other}`")),
        }
        self.effects(before, so_far, effects)
    }

    fn raise(&mut self, line: &Value, asked: FactSet) -> Result<(), String> {
        let trigger = self.fact(line, "trigger")?;
        let fixed = guards(line);
        if !self.is_idle() {
            same("fixed guards", &(self.run.facts() & self.machine.fixed_guards()), &fixed)?;
        }
        let accepted = self.accepted(fixed);
        let state = self.run.state();
        self.run.set_guards(fixed | asked);
        let (index, answer, because) = match self.run.raise(trigger) {
            Answer::Accept => (0, "accept", None),
            Answer::Ignore => (1, "ignore", None),
            Answer::Handle => (1, "handle", None),
            Answer::Refuse(reason) => (2, "refuse", Some(self.refusal(&reason, trigger, state, &accepted))),
        };
        self.answers[index] += 1;
        same("answer", &answer, &text(line, "answer")?)?;
        same("reason", &because.as_deref(), &line["because"].as_str())
    }

    fn report(&mut self, line: &Value, asked: FactSet) -> Result<(), String> {
        let event = self.fact(line, "event")?;
        let visit = line["visit"].as_u64().ok_or("evidence has no visit")?;
        self.run.set_guards(asked);
        let evidence = self.run.report(visit, event);
        // Whether evidence that is not stale fired or is pending shows in the transitions that follow.
        same("staleness", &(evidence == Evidence::Stale), &(line["stale"] == true))
    }

    /// Compares the rows that fired with the lines that say so.
    fn effects(&self, before: StateId, so_far: usize, lines: &[&Value]) -> Result<(), String> {
        let rows = &self.run.fired()[so_far..];
        same("number of transitions", &rows.len(), &lines.len())?;
        let mut from = before;
        for (row, line) in rows.iter().map(|index| &self.machine.rows[*index]).zip(lines) {
            let to = self.machine.state(row.to);
            let publishes = row.public.then(|| self.table.statuses[to.shows.index()].name.as_str());
            same("state left", &self.machine.state(from).name.as_str(), &text(line, "from")?)?;
            same("state entered", &to.name.as_str(), &text(line, "to")?)?;
            same("line of the table", &Some(row.span.line as u64), &line["line"].as_u64())?;
            same("publication", &publishes, &line["publishes"].as_str())?;
            same("attempt", &Some(self.run.attempt()), &line["attempt"].as_u64())?;
            from = row.to;
        }
        if let Some(line) = lines.last() {
            let reason = self.run.reason().map(|id| self.table.reasons[id.index()].name.as_str());
            same("reason", &reason, &line["reason"].as_str())?;
        }
        Ok(())
    }

    /// What a user is told whose trigger is refused.
    fn refusal(&self, reason: &str, trigger: FactId, state: StateId, accepted: &str) -> String {
        let (trigger, state) = (&self.machine.facts[trigger.index()].name, &self.machine.state(state).name);
        let rule = format!("trigger `{trigger}` is refused in state `{state}` (accepted: {accepted})");
        if reason.is_empty() { rule } else { format!("{reason}: {rule}") }
    }

    /// The triggers that would be accepted now, for people.
    fn accepted(&self, fixed: FactSet) -> String {
        let ids = (0..self.machine.facts.len()).map(|index| FactId(index as u16));
        let triggers = ids.filter(|id| self.machine.facts[id.index()].is_trigger());
        let taken = triggers
            .filter(|id| step::answer(self.machine, self.run.state(), *id, fixed) == Answer::Accept)
            .map(|id| format!("`{}`", self.machine.facts[id.index()].name));
        let taken: Vec<String> = taken.collect();
        if taken.is_empty() { "nothing".to_owned() } else { taken.join(", ") }
    }

    fn is_idle(&self) -> bool {
        self.machine.state(self.run.state()).kind == Kind::Idle
    }

    fn fact(&self, line: &Value, key: &str) -> Result<FactId, String> {
        let name = text(line, key)?;
        self.machine.fact_id(name).ok_or_else(|| format!("the table has no fact `{name}`"))
    }

    fn course(self) -> Course {
        let name = |status: migration_table::model::StatusId| self.table.statuses[status.index()].name.clone();
        Course {
            state: self.machine.state(self.run.state()).name.clone(),
            published: self.run.published().map(name).collect(),
            answers: self.answers,
            fired: self.run.fired().len(),
        }
    }
}

fn text<'v>(line: &'v Value, key: &str) -> Result<&'v str, String> {
    line[key].as_str().ok_or_else(|| format!("the step has no `{key}`"))
}

fn guards(line: &Value) -> FactSet {
    let bits = line["guards"].as_u64().unwrap_or_default();
    (0..64).filter(|bit| bits >> bit & 1 != 0).map(FactId).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, table: &T, host: &T) -> Result<(), String> {
    if table == host { Ok(()) } else { Err(format!("{what}: {table:?} by the table, {host:?} by the host")) }
}
