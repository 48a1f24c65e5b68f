//! One fact is acted upon before the other comes: where that leads, and what is said to the other there.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::model::{FactId, FactKind, FactSet, StateId};
use migration_table::{search, step};

use super::super::words;
use super::field::{Field, Somewhere};
use super::race::{End, InTurn, Late, Order};

impl Field<'_> {
    /// What happens when `first` comes in, a row fires, and `second` comes in after that; nothing if `first` never makes
    /// a row fire where `second` could have come in as well.
    pub(super) fn in_turn(&mut self, state: StateId, first: FactId, second: FactId) -> Result<Order, TooLarge> {
        let mut turns = BTreeSet::new();
        let Some(start) = self.start(state, first, second)? else { return Ok(Order::default()) };
        let mut leading: BTreeMap<StateId, Bdd> = BTreeMap::new();
        for step in self.space.place_of(state).moves.clone() {
            let row = self.space.row(&step);
            // A row that has nothing to do with the fact fires now only because a guard has changed meanwhile.
            if !row.mentions.contains(first) {
                continue;
            }
            let fires = self.space.diagrams.and(start, step.fires)?;
            // What guards that are asked at every step say is part of the condition, and of no configuration.
            let acts = self.space.diagrams.and(start, step.wins)?;
            let there = self.space.behind(&step, fires)?;
            let reason = self.space.row(&step).reason;
            for (at, here) in self.settled(((row.to, reason), there))? {
                let via = at.0;
                for (late, ends) in self.late((at, here), second)? {
                    turns.extend(ends.into_iter().map(|((end, reason), _)| InTurn { via, late, end, reason }));
                }
                let known = leading.get(&via).copied().unwrap_or(Bdd::NEVER);
                leading.insert(via, self.space.diagrams.or(known, acts)?);
            }
        }
        let mut conditions = BTreeMap::new();
        for (via, when) in leading {
            let condition = words::condition(&mut self.space, when, start)?;
            if !condition.is_empty() {
                conditions.insert(via, condition);
            }
        }
        Ok(Order { turns, conditions })
    }

    /// The configurations in which `first` has just come in, `second` is not there and could have come in as well.
    fn start(&mut self, state: StateId, first: FactId, second: FactId) -> Result<Option<Bdd>, TooLarge> {
        let incoming = self.space.incoming(state);
        let when = |fact: FactId| incoming.iter().find(|(known, _)| *known == fact).map(|(_, when)| *when);
        let (Some(when_first), Some(when_second)) = (when(first), when(second)) else { return Ok(None) };
        let rested = self.reached.rested(state);
        let both = FactSet::from_iter([first, second]);
        let neither = self.space.diagrams.restrict_all(rested, FactSet::EMPTY, both)?;
        let neither = self.space.diagrams.branch(second, neither, Bdd::NEVER)?;
        // Fixed guards are asked only when something is accepted in an idle state; before that nothing is known of them.
        let when = self.space.diagrams.and(when_first, when_second)?;
        let here = if self.space.is_idle(state) { neither } else { self.space.diagrams.and(neither, when)? };
        self.space.with_fact(state, first, when, here).map(Some)
    }

    /// What is said to a fact that comes now, and where that leads. Evidence of the work is of a visit that is over; what
    /// comes from outside is not, and a message is not while nobody has read it.
    fn late(&mut self, at: Somewhere, fact: FactId) -> Result<Vec<(Late, Vec<Somewhere>)>, TooLarge> {
        let ((state, reason), here) = at;
        if here.is_never() {
            return Ok(Vec::new());
        }
        if !self.space.machine.fact(fact).is_trigger() {
            return self.late_event(at, fact);
        }
        let takes = &self.space.place_of(state).takes;
        let when = takes.iter().find(|(known, _)| *known == fact).map_or(Bdd::NEVER, |(_, when)| *when);
        let mut said = Vec::new();
        let accepted = self.space.with_fact(state, fact, when, here)?;
        if !accepted.is_never() {
            said.push((Late::Accepted, self.settled(((state, reason), accepted))?));
        }
        let asked = self.space.diagrams.exists(here, step::asked_anew(self.space.machine, state))?;
        let not_accepted = self.space.diagrams.minus(asked, when)?;
        if !not_accepted.is_never() {
            said.push((self.listed(state, fact), vec![at]));
        }
        Ok(said)
    }

    fn late_event(&mut self, at: Somewhere, event: FactId) -> Result<Vec<(Late, Vec<Somewhere>)>, TooLarge> {
        let ((state, reason), here) = at;
        let fact = self.space.machine.fact(event);
        let mut said = Vec::new();
        if !fact.is_outside {
            said.push((Late::Stale, vec![at]));
        }
        if fact.is_outside || matches!(fact.kind, FactKind::Message(_)) {
            let incoming = self.space.incoming(state);
            match incoming.into_iter().find(|(known, _)| *known == event) {
                Some((_, when)) => {
                    let there = self.space.with_fact(state, event, when, here)?;
                    said.push((Late::Awaited, self.settled(((state, reason), there))?));
                }
                None if fact.is_outside => said.push((Late::NotAwaited, vec![at])),
                None => {}
            }
        }
        Ok(said)
    }

    /// Where the machine can come to rest from there, without anything coming in.
    pub(super) fn settled(&mut self, from: Somewhere) -> Result<Vec<Somewhere>, TooLarge> {
        let mut arrived: BTreeMap<End, Bdd> = BTreeMap::from([from]);
        let mut rested: BTreeMap<End, Bdd> = BTreeMap::new();
        // Sets only grow, so this ends even where advancing does not.
        search::fixpoint([from.0], |at, todo| {
            let ((state, reason), here) = (at, arrived[&at]);
            let rests = self.space.place_of(state).rests;
            let rests = self.space.diagrams.and(here, rests)?;
            rested.insert(at, rests);
            for step in self.space.place_of(state).moves.clone() {
                let fires = self.space.diagrams.and(here, step.fires)?;
                let row = self.space.row(&step);
                let next = (row.to, step::reason(self.space.machine, state, row, reason));
                let there = self.space.behind(&step, fires)?;
                let known = arrived.get(&next).copied().unwrap_or(Bdd::NEVER);
                let all = self.space.diagrams.or(known, there)?;
                if all != known {
                    arrived.insert(next, all);
                    todo.insert(next);
                }
            }
            Ok(())
        })?;
        Ok(rested.into_iter().filter(|(_, here)| !here.is_never()).collect())
    }
}
