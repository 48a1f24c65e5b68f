//! A machine over time: the reference against which generated code and the runtime are tested.
//!
//! Written to be read, not to be fast. What happens at one moment is in [`crate::step`]; a [`Run`] is a machine over
//! time.

use crate::model::{Answer, FactId, FactSet, Kind, Machine, ReasonId, StateId, StatusId};
use crate::step;

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
    facts: FactSet,
    guards: FactSet,
    reason: Option<ReasonId>,
    visit: u64,
    attempt: u64,
    fired: Vec<usize>,
    published: Vec<(StatusId, Option<ReasonId>)>,
}

impl<'m> Run<'m> {
    /// The machine in its initial state, all guards false.
    #[must_use]
    pub fn new(machine: &'m Machine) -> Run<'m> {
        let (fired, published) = (Vec::new(), Vec::new());
        Run {
            machine,
            state: machine.initial,
            facts: FactSet::EMPTY,
            guards: FactSet::EMPTY,
            reason: None,
            visit: 0,
            attempt: 0,
            fired,
            published,
        }
    }

    /// Sets which guards hold from now on; facts that are no guards are passed over. Those that are fixed
    /// are asked again only when the next attempt starts. Nothing advances.
    pub fn set_guards(&mut self, guards: FactSet) {
        self.guards = guards & self.machine.guards();
    }

    /// Asks for something in the name of the user. A trigger that is not accepted leaves no trace.
    pub fn raise(&mut self, trigger: FactId) -> Answer {
        let sample = step::sampled(self.machine, self.state, self.facts, self.guards);
        let answer = step::answer(self.machine, self.state, trigger, sample);
        if answer == Answer::Accept {
            self.attempt += u64::from(self.is_idle());
            self.facts = step::accepted(self.machine, self.facts, sample, trigger);
            self.advance();
        }
        answer
    }

    /// Reports evidence of a visit.
    pub fn report(&mut self, visit: u64, event: FactId) -> Evidence {
        let is_heard = !self.is_idle() || step::awaited(self.machine, self.state).contains(event);
        if visit != self.visit || !is_heard {
            return Evidence::Stale;
        }
        self.attempt += u64::from(self.is_idle());
        let sample = step::sampled(self.machine, self.state, self.facts, self.guards);
        self.facts = step::accepted(self.machine, self.facts, sample, event);
        if self.advance() { Evidence::Fired } else { Evidence::Pending }
    }

    /// Fires rows while one is enabled; whether any was.
    fn advance(&mut self) -> bool {
        let before = self.fired.len();
        while let Some(index) = step::advance(self.machine, self.state, self.facts | self.asked()) {
            self.fire(index);
        }
        self.fired.len() > before
    }

    fn fire(&mut self, index: usize) {
        let row = &self.machine.rows[index];
        self.reason = step::reason(self.machine, self.state, row, self.reason);
        self.state = row.to;
        self.facts -= step::gone(self.machine, row);
        self.visit += 1;
        self.fired.push(index);
        if row.public {
            self.published.push((self.machine.state(row.to).shows, self.reason));
        }
    }

    /// What the guards that are not fixed say now.
    fn asked(&self) -> FactSet {
        self.guards - self.machine.fixed_guards()
    }

    fn is_idle(&self) -> bool {
        self.machine.state(self.state).kind == Kind::Idle
    }

    /// Where the machine is.
    #[must_use]
    pub fn state(&self) -> StateId {
        self.state
    }

    /// Pending triggers, the events of the present visit and the fixed guards of the present attempt.
    #[must_use]
    pub fn facts(&self) -> FactSet {
        self.facts
    }

    /// The number of the present visit; the first is 0.
    #[must_use]
    pub fn visit(&self) -> u64 {
        self.visit
    }

    /// How many attempts have started. Every trigger that is accepted in an idle state starts one, and every event from
    /// outside that such a state awaits.
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
    pub fn published(&self) -> impl ExactSizeIterator<Item = StatusId> + '_ {
        self.published.iter().map(|(status, _)| *status)
    }

    /// The statuses that clients were told, in order, each with the reason that was kept then.
    #[must_use]
    pub fn told(&self) -> &[(StatusId, Option<ReasonId>)] {
        &self.published
    }

    /// The reason that is kept: the first one that the present attempt was given, or the last attempt until the next one
    /// begins.
    #[must_use]
    pub fn reason(&self) -> Option<ReasonId> {
        self.reason
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
        run.published().map(|status| table.statuses[status.index()].name.clone()).collect()
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
        assert_eq!((run.facts(), run.attempt(), run.visit()), (FactSet::EMPTY, 1, 8));
    }

    #[test]
    fn a_fixed_guard_keeps_its_value_for_the_attempt() {
        let table = table();
        let source = table.machine("source").unwrap();
        let pause = source.fact_id("pause_before_switchover").unwrap().into();
        for (before, after, state) in [(pause, FactSet::EMPTY, "pre_switchover"), (FactSet::EMPTY, pause, "device")] {
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
        assert_eq!((run.facts(), run.visit(), run.attempt(), run.fired().len()), (FactSet::EMPTY, 0, 0, 0));
    }

    #[test]
    fn the_strongest_row_fires() {
        let table = table();
        let source = table.machine("source").unwrap();
        let facts = |names: &[&str]| names.iter().map(|name| source.fact_id(name).unwrap()).collect();
        let device = source.state_id("device").unwrap();
        let to = |names: &[&str]| {
            step::advance(source, device, facts(names)).map(|row| source.state(source.rows[row].to).name.as_str())
        };
        assert_eq!(to(&["ready"]), Some("handing_over"));
        assert_eq!(to(&["ready", "failed"]), Some("failing"));
        assert_eq!(to(&["ready", "failed", "cancel"]), Some("cancelling"));
        assert_eq!(to(&["converged"]), None);
    }
}
