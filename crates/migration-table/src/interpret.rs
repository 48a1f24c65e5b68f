//! What a machine means: the reference against which generated code and the runtime are tested.
//!
//! Written to be read, not to be fast. Two functions say everything about a moment ([`advance`], [`answer`]), and
//! [`Run`] is a machine over time. All of it supposes a table without errors: the check proved that rows of one rank
//! that can be enabled together have the same effect, and that advancing ends.
//!
//! Decisions that the words of the format leave open:
//!
//! - Fixed guards are asked when a trigger is raised in an idle state, and keep that value until the attempt ends, in
//!   an idle state again; they are among the facts of the attempt. Other guards are asked at every single step.
//! - A guard that changes is no event: nothing advances until a trigger is raised or evidence is reported.
//! - A row gives up, when it fires, the pending triggers that its formula mentions, whether or not it needed them, and
//!   those that it drops.
//! - Nothing works in an idle state, so evidence that is reported there is stale, whatever its visit.

use crate::model::{Answer, FactId, Kind, Machine, Row, StateId, StatusId};

/// The class of an error that is nothing in particular.
pub const GENERIC_ERROR: &str = "GenericError";

/// The row that fires in `state` when exactly these facts are there, guards among them, as an index into
/// [`Machine::rows`]; none if no row is enabled. Of several enabled rows the strongest fires.
#[must_use]
pub fn advance(machine: &Machine, state: StateId, facts: u64) -> Option<usize> {
    let enabled = |(_, row): &(usize, &Row)| row.from.contains(&state) && row.condition.eval(facts);
    let rows = machine.rows.iter().enumerate().filter(enabled);
    // Rows of one rank have the same effect here; the rest of the key only makes the choice independent of their order.
    rows.min_by(|(_, a), (_, b)| (a.rank, a.to, &a.cubes, &a.when).cmp(&(b.rank, b.to, &b.cubes, &b.when)))
        .map(|(index, _)| index)
}

/// What is said to a trigger in `state` when, of the guards that are fixed, exactly these hold.
///
/// It is accepted if some row of the state needs it and can still be enabled; otherwise `answers:` decides, and where
/// that says nothing the trigger is refused without a reason.
#[must_use]
pub fn answer(machine: &Machine, state: StateId, trigger: FactId, fixed_guards: u64) -> Answer {
    let fixed = machine.fixed_guards();
    let takes = |row: &Row| row.from.contains(&state) && needs(row, trigger) && is_possible(row, fixed, fixed_guards);
    if machine.rows.iter().any(takes) {
        return Answer::Accept;
    }
    let listed = machine.answers.iter().find(|row| row.trigger == trigger && row.states.contains(&state));
    listed.map_or_else(|| Answer::Refuse(String::new()), |row| row.answer.clone())
}

/// The class of the error that a client is told where `trigger` is refused in `state`: `GenericError` where the table
/// says nothing else.
#[must_use]
pub fn refusal_class(machine: &Machine, state: StateId, trigger: FactId) -> &str {
    let listed = machine.answers.iter().find(|row| row.trigger == trigger && row.states.contains(&state));
    listed.and_then(|row| row.class.as_deref()).unwrap_or(GENERIC_ERROR)
}

/// Whether the row can be enabled only with the fact there. Each case of a formula that implies a fact has it.
#[must_use]
pub fn needs(row: &Row, fact: FactId) -> bool {
    !row.cubes.is_empty() && row.cubes.iter().all(|cube| cube.set & fact.bit() != 0)
}

/// Whether the row can be enabled when, of the facts `known`, exactly `there` are there.
fn is_possible(row: &Row, known: u64, there: u64) -> bool {
    row.cubes.iter().any(|cube| cube.set & known & !there == 0 && cube.clear & known & there == 0)
}

/// What became of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// It made at least one row fire.
    Fired,
    /// It is remembered until the visit ends; no row fired.
    Pending,
    /// Its visit was over: it changed nothing.
    Stale,
}

/// A machine over time.
#[derive(Clone, Debug)]
pub struct Run<'m> {
    machine: &'m Machine,
    state: StateId,
    // Invariant: pending triggers, events of the present visit, and the fixed guards of the present attempt that hold.
    facts: u64,
    guards: u64,
    visit: u64,
    attempt: u64,
    fired: Vec<usize>,
    published: Vec<StatusId>,
}

impl<'m> Run<'m> {
    /// The machine in its initial state, all guards false.
    #[must_use]
    pub fn new(machine: &'m Machine) -> Run<'m> {
        let (fired, published) = (Vec::new(), Vec::new());
        Run { machine, state: machine.initial, facts: 0, guards: 0, visit: 0, attempt: 0, fired, published }
    }

    /// Sets what guards say from now on, as a bit set; facts that are no guards are passed over. Those that are fixed
    /// are asked again only when the next attempt starts. Nothing advances.
    pub fn set_guards(&mut self, guards: u64) {
        self.guards = guards & self.machine.guards();
    }

    /// Asks for something in the name of the user. A trigger that is not accepted leaves no trace.
    pub fn raise(&mut self, trigger: FactId) -> Answer {
        let fixed = self.machine.fixed_guards();
        let idle = self.is_idle();
        let sample = fixed & if idle { self.guards } else { self.facts };
        let answer = answer(self.machine, self.state, trigger, sample);
        if answer == Answer::Accept {
            self.attempt += u64::from(idle);
            self.facts = self.facts & !fixed | sample | trigger.bit();
            self.advance();
        }
        answer
    }

    /// Reports evidence of a visit.
    pub fn report(&mut self, visit: u64, event: FactId) -> Evidence {
        if visit != self.visit || self.is_idle() {
            return Evidence::Stale;
        }
        self.facts |= event.bit();
        if self.advance() { Evidence::Fired } else { Evidence::Pending }
    }

    /// Fires rows while one is enabled; whether any was.
    fn advance(&mut self) -> bool {
        let before = self.fired.len();
        while let Some(index) = advance(self.machine, self.state, self.facts | self.asked()) {
            self.fire(index);
        }
        self.fired.len() > before
    }

    fn fire(&mut self, index: usize) {
        let row = &self.machine.rows[index];
        self.state = row.to;
        self.facts &= !gone(self.machine, row);
        self.visit += 1;
        self.fired.push(index);
        if row.public {
            self.published.push(self.machine.state(row.to).shows);
        }
    }

    /// What the guards that are not fixed say now.
    fn asked(&self) -> u64 {
        self.guards & !self.machine.fixed_guards()
    }

    fn is_idle(&self) -> bool {
        self.machine.state(self.state).kind == Kind::Idle
    }

    /// Where the machine is.
    #[must_use]
    pub fn state(&self) -> StateId {
        self.state
    }

    /// Pending triggers, the events of the present visit and the fixed guards of the present attempt, as a bit set.
    #[must_use]
    pub fn facts(&self) -> u64 {
        self.facts
    }

    /// The number of the present visit; the first is 0.
    #[must_use]
    pub fn visit(&self) -> u64 {
        self.visit
    }

    /// How many attempts have started. Every trigger that is accepted in an idle state starts one.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// The rows that have fired, in order, as indices into [`Machine::rows`].
    #[must_use]
    pub fn fired(&self) -> &[usize] {
        &self.fired
    }

    /// The statuses that clients were told, in order.
    #[must_use]
    pub fn published(&self) -> &[StatusId] {
        &self.published
    }
}

/// The facts that are gone once the row has fired: all events, what it consumes, what it drops, and everything at the
/// end of an attempt.
#[must_use]
pub fn gone(machine: &Machine, row: &Row) -> u64 {
    match machine.state(row.to).kind {
        Kind::Idle => u64::MAX,
        Kind::Work | Kind::Wait | Kind::Cleanup => machine.events() | (machine.triggers() & row.mentions) | row.drops,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Table;

    const STATES: &str = include_str!("../../../states.yaml");

    fn table() -> Table {
        crate::load(STATES).table.unwrap()
    }

    /// Reports evidence of the present visit.
    fn now(run: &mut Run<'_>, event: &str) -> Evidence {
        let event = run.machine.fact_id(event).unwrap();
        run.report(run.visit(), event)
    }

    fn raise(run: &mut Run<'_>, trigger: &str) -> Answer {
        run.raise(run.machine.fact_id(trigger).unwrap())
    }

    fn shown(table: &Table, run: &Run<'_>) -> Vec<String> {
        run.published().iter().map(|status| table.statuses[status.index()].name.clone()).collect()
    }

    fn is_in(run: &Run<'_>, state: &str) -> bool {
        run.machine.state(run.state()).name == state
    }

    #[test]
    fn the_source_goes_its_happy_path() {
        let table = table();
        let mut run = Run::new(table.machine("source").unwrap());
        assert_eq!(raise(&mut run, "migrate"), Answer::Accept);
        for event in ["connected", "welcome", "converged", "stopped", "ready", "running", "cleaned_up"] {
            assert_eq!(now(&mut run, event), Evidence::Fired, "{event}");
        }
        assert_eq!(shown(&table, &run), ["setup", "active", "device", "completed"]);
        assert_eq!((run.facts(), run.attempt(), run.visit()), (0, 1, 8));
    }

    #[test]
    fn a_fixed_guard_keeps_its_value_for_the_attempt() {
        let table = table();
        let source = table.machine("source").unwrap();
        let pause = source.fact_id("pause_before_switchover").unwrap().bit();
        for (before, after, state) in [(pause, 0, "pre_switchover"), (0, pause, "device")] {
            let mut run = Run::new(source);
            run.set_guards(before);
            raise(&mut run, "migrate");
            run.set_guards(after);
            for event in ["connected", "welcome", "converged", "stopped"] {
                assert_eq!(now(&mut run, event), Evidence::Fired, "{event}");
            }
            assert!(is_in(&run, state), "{state}");
        }
    }

    #[test]
    fn evidence_of_a_visit_that_is_over_changes_nothing() {
        let table = table();
        let mut run = Run::new(table.machine("source").unwrap());
        raise(&mut run, "migrate");
        let (old, connected) = (run.visit(), run.machine.fact_id("connected").unwrap());
        raise(&mut run, "cancel");
        assert!(is_in(&run, "cancelling"));
        assert_eq!(run.report(old, connected), Evidence::Stale);
        assert_eq!(now(&mut run, "connected"), Evidence::Pending, "nothing awaits it here");
        assert_eq!(now(&mut run, "cleaned_up"), Evidence::Fired);
        assert_eq!(now(&mut run, "cleaned_up"), Evidence::Stale, "nothing works in an idle state");
        raise(&mut run, "migrate");
        assert_eq!(run.report(old, connected), Evidence::Stale);
        assert!(is_in(&run, "connecting"));
        assert_eq!(run.attempt(), 2);
    }

    #[test]
    fn a_trigger_that_is_not_accepted_leaves_no_trace() {
        let table = table();
        let mut run = Run::new(table.machine("source").unwrap());
        assert_eq!(raise(&mut run, "cancel"), Answer::Ignore);
        assert!(matches!(raise(&mut run, "continue"), Answer::Refuse(reason) if !reason.is_empty()));
        assert_eq!((run.facts(), run.visit(), run.attempt(), run.fired().len()), (0, 0, 0, 0));
    }

    #[test]
    fn the_strongest_row_fires() {
        let table = table();
        let source = table.machine("source").unwrap();
        let bits = |names: &[&str]| names.iter().fold(0, |bits, name| bits | source.fact_id(name).unwrap().bit());
        let device = source.state_id("device").unwrap();
        let to = |names: &[&str]| {
            advance(source, device, bits(names)).map(|row| source.state(source.rows[row].to).name.as_str())
        };
        assert_eq!(to(&["ready"]), Some("handing_over"));
        assert_eq!(to(&["ready", "failed"]), Some("failing"));
        assert_eq!(to(&["ready", "failed", "cancel"]), Some("cancelling"));
        assert_eq!(to(&["converged"]), None);
    }
}
