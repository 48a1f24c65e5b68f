//! One fact is acted upon before the other comes: where that leads, and what is said to the other there.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::model::{FactId, FactSet, StateId};
use migration_table::{search, step};

use super::super::words;
use super::field::{Field, Somewhere};
use super::race::{InTurn, Late, Order};

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
            for (via, here) in self.settled((row.to, there))? {
                for (late, ends) in self.late((via, here), second)? {
                    turns.extend(ends.into_iter().map(|(end, _)| InTurn { via, late, end }));
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

    /// What is said to a fact that comes now, and where that leads. Evidence is of a visit that is over.
    fn late(&mut self, at: Somewhere, fact: FactId) -> Result<Vec<(Late, Vec<Somewhere>)>, TooLarge> {
        let (state, here) = at;
        if here.is_never() {
            return Ok(Vec::new());
        }
        if !self.space.machine.fact(fact).is_trigger() {
            return Ok(vec![(Late::Stale, vec![at])]);
        }
        let takes = &self.space.place_of(state).takes;
        let when = takes.iter().find(|(known, _)| *known == fact).map_or(Bdd::NEVER, |(_, when)| *when);
        let mut said = Vec::new();
        let accepted = self.space.with_fact(state, fact, when, here)?;
        if !accepted.is_never() {
            said.push((Late::Accepted, self.settled((state, accepted))?));
        }
        let asked = self.space.diagrams.exists(here, step::asked_anew(self.space.machine, state))?;
        let not_accepted = self.space.diagrams.minus(asked, when)?;
        if !not_accepted.is_never() {
            said.push((self.listed(state, fact), vec![at]));
        }
        Ok(said)
    }

    /// Where the machine can come to rest from there, without anything coming in.
    pub(super) fn settled(&mut self, from: Somewhere) -> Result<Vec<Somewhere>, TooLarge> {
        let mut arrived: BTreeMap<StateId, Bdd> = BTreeMap::from([from]);
        let mut rested: BTreeMap<StateId, Bdd> = BTreeMap::new();
        // Sets only grow, so this ends even where advancing does not.
        search::fixpoint([from.0], |state, todo| {
            let here = arrived[&state];
            let rests = self.space.place_of(state).rests;
            let rests = self.space.diagrams.and(here, rests)?;
            rested.insert(state, rests);
            for step in self.space.place_of(state).moves.clone() {
                let fires = self.space.diagrams.and(here, step.fires)?;
                let row = self.space.row(&step);
                let there = self.space.behind(&step, fires)?;
                let known = arrived.get(&row.to).copied().unwrap_or(Bdd::NEVER);
                let all = self.space.diagrams.or(known, there)?;
                if all != known {
                    arrived.insert(row.to, all);
                    todo.insert(row.to);
                }
            }
            Ok(())
        })?;
        Ok(rested.into_iter().filter(|(_, here)| !here.is_never()).collect())
    }
}
