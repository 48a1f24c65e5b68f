//! Both facts are there at one look: which rows fire, and by which rule.

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::explore::Move;
use migration_table::model::{FactSet, Row, StateId};
use migration_table::step;

use super::super::words;
use super::field::Field;
use super::race::{AtOnce, Rule};

impl Field<'_> {
    /// What can happen in these configurations, in all of which the facts of `pair` are.
    pub(super) fn at_once(&mut self, state: StateId, both: Bdd, pair: FactSet) -> Result<Vec<AtOnce>, TooLarge> {
        let moves = self.space.place_of(state).moves.clone();
        let mut found: Vec<(AtOnce, Bdd)> = Vec::new();
        for step in &moves {
            let row = self.space.row(step);
            let fires = self.space.diagrams.and(both, step.wins)?;
            if fires.is_never() || !row.mentions.intersects(pair) {
                continue;
            }
            let to = row.to;
            let rule = self.rule(&moves, step, fires)?;
            let configurations = self.space.diagrams.and(both, step.fires)?;
            let there = self.space.behind(step, configurations)?;
            let ends = self.settled(((to, row.reason), there))?.into_iter().map(|(end, _)| end).collect();
            match found.iter_mut().find(|(known, _)| known.to == Some(to) && known.rule == rule && known.ends == ends) {
                Some((_, all)) => *all = self.space.diagrams.or(*all, fires)?,
                None => found.push((AtOnce { to: Some(to), ends, rule, condition: String::new() }, fires)),
            }
        }
        let any = moves.iter().try_fold(Bdd::NEVER, |any, step| self.space.diagrams.or(any, step.enabled))?;
        let rests = self.space.diagrams.minus(both, any)?;
        if !rests.is_never() {
            let ends = [(state, None)].into();
            found.push((AtOnce { to: None, ends, rule: Rule::Waits, condition: String::new() }, rests));
        }
        let several = found.len() > 1;
        let mut all = Vec::new();
        for (mut once, when) in found {
            if several {
                once.condition = words::condition(&mut self.space, when, both)?;
            }
            all.push(once);
        }
        all.sort_by(|a, b| (a.to, a.rule, &a.condition).cmp(&(b.to, b.rule, &b.condition)));
        Ok(all)
    }

    /// Why a row fires with these facts.
    fn rule(&mut self, moves: &[Move], step: &Move, fires: Bdd) -> Result<Rule, TooLarge> {
        let machine = self.space.machine;
        let row = self.space.row(step);
        let mut rule = Rule::Formula;
        for other in moves.iter().filter(|other| other.row != step.row) {
            let rival = self.space.row(other);
            let as_well = self.space.diagrams.and(fires, other.enabled)?;
            if as_well.is_never() || rival.rank < row.rank {
                continue;
            }
            let effect = |row: &Row| (row.to, row.public, row.sends.clone(), row.reason);
            // What they leave pending makes a difference only where it may be pending, and is heard later.
            let unequal = step::gone(machine, row) ^ step::gone(machine, rival);
            let heard = unequal & self.heard_from[row.to.index()];
            let mut is_same = effect(row) == effect(rival);
            for fact in heard.iter() {
                is_same &= self.space.diagrams.restrict(as_well, fact, true)?.is_never();
            }
            let why = match machine.precedence.get(row.rank) {
                _ if is_same => Rule::SameEffect,
                Some(fact) if rival.rank > row.rank => Rule::Precedence(*fact),
                Some(_) | None => Rule::Ambiguous,
            };
            rule = rule.max(why);
        }
        Ok(rule)
    }
}
