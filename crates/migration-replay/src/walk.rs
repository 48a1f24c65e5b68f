//! A walk over one machine: what is done to it, step by step, and what comes of each step.
//!
//! A person takes a walk to see what a machine does; saved, it is a test case that says what the machine must do. All
//! of it is the interpreter's doing: nothing is decided here.

pub mod text;

use migration_table::interpret::{Evidence, Run};
use migration_table::model::{Answer, Fact, FactId, FactSet, Machine, Table};
use migration_table::step;

/// A walk as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// The file of the table, as a path from the root of the workspace.
    pub table: String,
    /// The name of the machine.
    pub machine: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A step, and what must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// What comes of it; none where a guard is turned, since nothing looks at it before something comes in.
    pub outcome: Option<Outcome>,
}

/// Something that is done to a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What is done.
    pub verb: Verb,
    /// The name of the fact it is done with.
    pub name: String,
}

/// What can be done to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A trigger is raised.
    Raise,
    /// An event of the present visit is reported.
    Report,
    /// An event of a visit that is over is reported.
    ReportLate,
    /// A guard holds from now on.
    Set,
    /// A guard holds no longer.
    Clear,
}

/// What comes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was said.
    pub said: Said,
    /// The name of the state in which the machine is then.
    pub state: String,
    /// Names of the statuses that clients were told, in order.
    pub publishes: Vec<String>,
    /// Names of the messages that were sent, in order.
    pub sends: Vec<String>,
    /// The name of the reason that the attempt was given in this step, if it is the one that is kept.
    pub reason: Option<String>,
}

/// What is said to a trigger or to evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The answer to a trigger.
    Answer(Answer),
    /// What became of evidence.
    Evidence(Evidence),
}

/// A step that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// The table has no machine of that name.
    #[error("the table has no machine `{0}`")]
    NoMachine(String),
    /// The machine has no such fact, or it is of another kind.
    #[error("the machine has no {} `{}`", .0.verb.noun(), .0.name)]
    NoFact(Action),
    /// No visit is over yet.
    #[error("no evidence can be late: no visit is over yet")]
    NothingIsLate,
}

impl Verb {
    /// Every verb.
    pub const ALL: [Verb; 5] = [Verb::Raise, Verb::Report, Verb::ReportLate, Verb::Set, Verb::Clear];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verb::Raise => "raise",
            Verb::Report => "report",
            Verb::ReportLate => "late",
            Verb::Set => "set",
            Verb::Clear => "clear",
        }
    }

    /// Whether it is done with such a fact.
    #[must_use]
    pub fn takes(self, fact: &Fact) -> bool {
        match self {
            Verb::Raise => fact.is_trigger(),
            Verb::Report | Verb::ReportLate => fact.is_event(),
            Verb::Set | Verb::Clear => fact.is_guard(),
        }
    }

    /// The kind of fact it is done with, for people.
    fn noun(self) -> &'static str {
        match self {
            Verb::Raise => "trigger",
            Verb::Report | Verb::ReportLate => "event",
            Verb::Set | Verb::Clear => "guard",
        }
    }
}

impl Walk {
    /// The same steps over a table as it is now, with what comes of them now. Where this walk gives no reason at all,
    /// neither does that one: walks that were saved before reasons were written down are not judged by them.
    ///
    /// # Errors
    ///
    /// When a name is not known any more.
    pub fn again(&self, table: &Table) -> Result<Walk, Impossible> {
        let machine = table.machine(&self.machine).ok_or_else(|| Impossible::NoMachine(self.machine.clone()))?;
        let mut walker = Walker::new(table, machine);
        for step in &self.steps {
            walker.take(&step.action)?;
        }
        let mut again = walker.walk(&self.table);
        if !self.gives_reasons() {
            again.steps.iter_mut().filter_map(|step| step.outcome.as_mut()).for_each(|outcome| outcome.reason = None);
        }
        Ok(again)
    }

    /// Whether some step says which reason it gives.
    #[must_use]
    pub fn gives_reasons(&self) -> bool {
        self.steps.iter().filter_map(|step| step.outcome.as_ref()).any(|outcome| outcome.reason.is_some())
    }
}

/// Someone who takes a walk.
#[derive(Clone, Debug)]
pub struct Walker<'t> {
    table: &'t Table,
    machine: &'t Machine,
    now: Moment<'t>,
    // Invariant: for each step the moment before it.
    past: Vec<(Moment<'t>, Step)>,
}

/// A machine, and what its guards say.
#[derive(Clone, Debug)]
struct Moment<'t> {
    run: Run<'t>,
    guards: FactSet,
}

impl<'t> Walker<'t> {
    /// At the initial state of a machine, all guards false. Advancing must end: a table of which that is not known is
    /// not for walking.
    #[must_use]
    pub fn new(table: &'t Table, machine: &'t Machine) -> Walker<'t> {
        Walker { table, machine, now: Moment { run: Run::new(machine), guards: FactSet::EMPTY }, past: Vec::new() }
    }

    /// The machine over which the walk goes.
    #[must_use]
    pub fn machine(&self) -> &'t Machine {
        self.machine
    }

    /// The machine as it is now.
    #[must_use]
    pub fn run(&self) -> &Run<'t> {
        &self.now.run
    }

    /// The guards that hold now.
    #[must_use]
    pub fn guards(&self) -> FactSet {
        self.now.guards
    }

    /// How many steps have been taken.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.past.len()
    }

    /// Takes a step and says what came of it; nothing comes of turning a guard.
    ///
    /// # Errors
    ///
    /// When it cannot be taken; then nothing has happened.
    pub fn take(&mut self, action: &Action) -> Result<Option<Outcome>, Impossible> {
        let (next, outcome) = self.after(action)?;
        let before = std::mem::replace(&mut self.now, next);
        self.past.push((before, Step { action: action.clone(), outcome: outcome.clone() }));
        Ok(outcome)
    }

    /// Takes the last step back; what it was, or none if there was none.
    pub fn undo(&mut self) -> Option<Action> {
        let (before, step) = self.past.pop()?;
        self.now = before;
        Some(step.action)
    }

    /// Goes back to the beginning.
    pub fn reset(&mut self) {
        *self = Walker::new(self.table, self.machine);
    }

    /// The walk so far. `table` is the path of the table from the root of the workspace.
    #[must_use]
    pub fn walk(&self, table: &str) -> Walk {
        let steps = self.past.iter().map(|(_, step)| step.clone()).collect();
        Walk { table: table.to_owned(), machine: self.machine.name.clone(), steps }
    }

    /// What can be done now: every trigger, the events that rows of the present state name, and every guard, turned.
    #[must_use]
    pub fn choices(&self) -> Vec<Action> {
        let action = |verb, id: FactId| Action { verb, name: self.machine.fact(id).name.clone() };
        let ids = || self.machine.fact_ids();
        let triggers = ids().filter(|id| self.machine.fact(*id).is_trigger()).map(|id| action(Verb::Raise, id));
        let awaited = step::awaited(self.machine, self.now.run.state());
        let events = awaited.iter().map(|id| action(Verb::Report, id));
        let turn = |id: FactId| if self.now.guards.contains(id) { Verb::Clear } else { Verb::Set };
        let guards = ids().filter(|id| self.machine.fact(*id).is_guard()).map(|id| action(turn(id), id));
        triggers.chain(events).chain(guards).collect()
    }

    fn after(&self, action: &Action) -> Result<(Moment<'t>, Option<Outcome>), Impossible> {
        let no_fact = || Impossible::NoFact(action.clone());
        let id = self.machine.fact_id(&action.name).ok_or_else(no_fact)?;
        if !action.verb.takes(self.machine.fact(id)) {
            return Err(no_fact());
        }
        let mut next = self.now.clone();
        let said = match action.verb {
            Verb::Raise => Some(Said::Answer(next.run.raise(id))),
            Verb::Report => Some(Said::Evidence(next.run.report(next.run.visit(), id))),
            Verb::ReportLate => {
                let over = next.run.visit().checked_sub(1).ok_or(Impossible::NothingIsLate)?;
                Some(Said::Evidence(next.run.report(over, id)))
            }
            Verb::Set => next.turn(next.guards | id),
            Verb::Clear => next.turn(next.guards - id),
        };
        let outcome = said.map(|said| self.outcome(&next.run, said));
        Ok((next, outcome))
    }

    fn outcome(&self, after: &Run<'t>, said: Said) -> Outcome {
        let before = &self.now.run;
        let published = after.published().skip(before.published().len());
        let publishes = published.map(|status| self.table.statuses[status.index()].name.clone()).collect();
        let fired = after.fired()[before.fired().len()..].iter().map(|row| &self.machine.rows[*row]);
        let sent = fired.flat_map(|row| &row.sends);
        let sends = sent.map(|message| self.table.messages[message.index()].name.clone()).collect();
        let is_given = (after.attempt(), after.reason()) != (before.attempt(), before.reason());
        let reason = after.reason().filter(|_| is_given).map(|reason| self.table.reasons[reason.index()].name.clone());
        Outcome { said, state: self.machine.state(after.state()).name.clone(), publishes, sends, reason }
    }
}

impl Moment<'_> {
    fn turn(&mut self, guards: FactSet) -> Option<Said> {
        self.guards = guards;
        self.run.set_guards(guards);
        None
    }
}

#[cfg(test)]
mod tests;
