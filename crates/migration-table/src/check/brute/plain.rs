//! What a machine can do, one configuration at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Answer, AnswerRow, FactId, FactSet, Kind, Machine, Row, StateId};
use crate::step;

/// A state, and the triggers, events and fixed guards that are remembered in it.
pub(super) type Configuration = (StateId, FactSet);

/// Everything that a machine can do.
pub(super) struct Plain {
    /// Configurations in which it looks for a row, with those to which one may lead.
    pub(super) arrived: BTreeMap<Configuration, BTreeSet<Configuration>>,
    /// Configurations in which it waits.
    pub(super) rested: BTreeSet<Configuration>,
    /// Rows that fire.
    pub(super) fired: BTreeSet<usize>,
    /// Rows that lose a trigger, and the trigger.
    pub(super) lost: BTreeSet<(usize, FactId)>,
    /// Rows that drop a pending trigger that would stay otherwise, and the trigger.
    pub(super) dropped: BTreeSet<(usize, FactId)>,
    /// What can be present when several flags are set before the machine looks, with where a row may lead from there.
    pub(super) present: BTreeMap<Configuration, BTreeSet<Configuration>>,
    /// Those of them in which it may be that no row fires, with where a fact leads that comes in.
    pub(super) waiting: BTreeMap<Configuration, BTreeSet<Configuration>>,
    /// Rows that can fire with facts that can be present together.
    pub(super) possible: BTreeSet<usize>,
}

/// The rows that may fire with these facts: the enabled ones of the strongest rank.
pub(super) fn strongest(machine: &Machine, state: StateId, facts: FactSet) -> Vec<usize> {
    let enabled = |index: &usize| {
        let row = &machine.rows[*index];
        row.from.contains(&state) && row.condition.eval(facts)
    };
    let rows: Vec<usize> = (0..machine.rows.len()).filter(enabled).collect();
    let rank = rows.iter().map(|index| machine.rows[*index].rank).min();
    rows.into_iter().filter(|index| Some(machine.rows[*index].rank) == rank).collect()
}

fn kept(machine: &Machine, index: usize, facts: FactSet) -> FactSet {
    let row = &machine.rows[index];
    if machine.state(row.to).kind == Kind::Idle {
        return FactSet::EMPTY;
    }
    let used_up = row.condition.mentions() & machine.triggers();
    facts - used_up - row.drops - machine.events()
}

impl Plain {
    pub(super) fn of(machine: &Machine) -> Plain {
        let mut plain = Plain {
            arrived: BTreeMap::new(),
            rested: BTreeSet::from([(machine.initial, FactSet::EMPTY)]),
            fired: BTreeSet::new(),
            lost: BTreeSet::new(),
            dropped: BTreeSet::new(),
            present: BTreeMap::new(),
            waiting: BTreeMap::new(),
            possible: BTreeSet::new(),
        };
        let mut todo = plain.wait(machine, (machine.initial, FactSet::EMPTY));
        while let Some(here) = todo.pop() {
            if plain.arrived.contains_key(&here) {
                continue;
            }
            let mut next = BTreeSet::new();
            for guards in (machine.guards() - machine.fixed_guards()).subsets() {
                let rows = strongest(machine, here.0, here.1 | guards);
                if rows.is_empty() && plain.rested.insert(here) {
                    todo.extend(plain.wait(machine, here));
                }
                for row in rows {
                    next.insert(plain.fire(machine, row, here));
                }
            }
            todo.extend(&next);
            plain.arrived.insert(here, next);
        }
        plain.set_flags(machine);
        plain.lose(machine);
        plain
    }

    /// Explores what can be present when several flags are set before the machine looks.
    fn set_flags(&mut self, machine: &Machine) {
        let mut todo: Vec<Configuration> = self.arrived.keys().chain(&self.rested).copied().collect();
        while let Some(here) = todo.pop() {
            if self.present.contains_key(&here) {
                continue;
            }
            let idle = machine.state(here.0).kind == Kind::Idle;
            if !idle || !here.1.intersects(machine.triggers() | machine.events()) {
                todo.extend(incoming(machine, here));
            }
            let mut next = BTreeSet::new();
            for guards in (machine.guards() - machine.fixed_guards()).subsets() {
                let rows = strongest(machine, here.0, here.1 | guards);
                if rows.is_empty() {
                    self.waiting.insert(here, incoming(machine, here));
                }
                next.extend(rows.iter().map(|row| (machine.rows[*row].to, kept(machine, *row, here.1))));
                rows.iter().for_each(|row| self.drop_pending(machine, *row, here.1));
                self.possible.extend(rows);
            }
            todo.extend(&next);
            self.present.insert(here, next);
        }
    }

    /// Notes which pending triggers a row drops that would stay otherwise.
    fn drop_pending(&mut self, machine: &Machine, index: usize, facts: FactSet) {
        let row = &machine.rows[index];
        if machine.state(row.to).kind != Kind::Idle {
            let dropped = facts & row.drops & (machine.triggers() - row.condition.mentions());
            self.dropped.extend(dropped.iter().map(|trigger| (index, trigger)));
        }
    }

    /// Follows which triggers have waited: they were there when the machine looked before.
    fn lose(&mut self, machine: &Machine) {
        let mut seen: BTreeSet<(Configuration, FactSet)> = BTreeSet::new();
        let mut todo: Vec<_> = self.present.keys().map(|here| (*here, FactSet::EMPTY)).collect();
        while let Some((here, waited)) = todo.pop() {
            if !seen.insert((here, waited)) {
                continue;
            }
            let idle = machine.state(here.0).kind == Kind::Idle;
            if !idle || !here.1.intersects(machine.triggers() | machine.events()) {
                todo.extend(incoming(machine, here).into_iter().map(|next| (next, waited)));
            }
            for guards in (machine.guards() - machine.fixed_guards()).subsets() {
                let rows = strongest(machine, here.0, here.1 | guards);
                // What no row of a state mentions is lost already.
                let left = |(state, facts): Configuration| match machine.state(state).kind {
                    Kind::Idle => FactSet::EMPTY,
                    Kind::Work | Kind::Wait | Kind::Cleanup => facts & machine.triggers() & machine.mentioned_in(state),
                };
                if rows.is_empty() {
                    todo.push((here, left(here)));
                }
                for row in rows {
                    let after = self.look(machine, row, here.1, waited);
                    todo.push((after, waited & left(after)));
                }
            }
        }
    }

    /// Notes what a row loses when it fires, and returns where it leads.
    fn look(&mut self, machine: &Machine, index: usize, facts: FactSet, waited: FactSet) -> Configuration {
        let row = &machine.rows[index];
        let after = kept(machine, index, facts);
        let heard = machine.rows.iter().filter(|other| other.from.contains(&row.to));
        let heard = heard.fold(FactSet::EMPTY, |all, other| all | other.condition.mentions());
        for trigger in machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()) {
            if (after & (waited - heard)).contains(trigger) {
                self.lost.insert((index, trigger));
            }
        }
        (row.to, after)
    }

    fn fire(&mut self, machine: &Machine, index: usize, (state, facts): Configuration) -> Configuration {
        self.fired.insert(index);
        // What the state does not mention was lost on the way into it.
        self.look(machine, index, facts, facts & machine.mentioned_in(state))
    }

    /// What follows from waiting here: a fact comes in.
    fn wait(&mut self, machine: &Machine, here: Configuration) -> Vec<Configuration> {
        incoming(machine, here).into_iter().collect()
    }

    pub(super) fn is_reached(&self, state: StateId) -> bool {
        self.present.keys().any(|here| here.0 == state)
    }

    /// Whether rows can fire for ever without a fact coming in: what is left when all that comes to an end is removed.
    pub(super) fn goes_round(&self) -> bool {
        let mut left: BTreeSet<Configuration> = self.present.keys().copied().collect();
        loop {
            let before = left.len();
            let goes_on = |here: &Configuration| self.present[here].iter().any(|next| left.contains(next));
            left = left.iter().copied().filter(goes_on).collect();
            if left.len() == before {
                return !left.is_empty();
            }
        }
    }

    /// The states in which the machine can be, and from which it can never be idle again.
    pub(super) fn stuck(&self, machine: &Machine) -> BTreeSet<StateId> {
        let all: BTreeSet<Configuration> = self.present.keys().copied().collect();
        let mut ends: BTreeSet<Configuration> =
            all.iter().copied().filter(|here| machine.state(here.0).kind == Kind::Idle).collect();
        loop {
            let before = ends.len();
            let leads_on = |here: &&Configuration| {
                let fired = self.present.get(*here).into_iter().flatten();
                fired.chain(self.waiting.get(*here).into_iter().flatten()).any(|next| ends.contains(next))
            };
            let more: Vec<Configuration> = all.iter().filter(leads_on).copied().collect();
            ends.extend(more);
            if ends.len() == before {
                return all.difference(&ends).map(|here| here.0).collect();
            }
        }
    }

    /// The fixed guards under which the machine can be asked in a state.
    fn samples(&self, machine: &Machine, state: StateId) -> BTreeSet<FactSet> {
        let fixed = machine.fixed_guards();
        if machine.state(state).kind == Kind::Idle {
            return fixed.subsets().collect();
        }
        self.present.keys().filter(|here| here.0 == state).map(|here| here.1 & fixed).collect()
    }

    pub(super) fn is_unanswered(&self, machine: &Machine, trigger: FactId) -> bool {
        // Of a formula that contradicts itself, that is reported, and nothing that follows from it.
        let never: Vec<&Row> = machine.rows.iter().filter(|row| row.cubes.is_empty()).collect();
        let is_told =
            |state: &StateId| never.iter().any(|row| row.mentions.contains(trigger) && row.from.contains(state));
        let mut states = machine.state_ids().filter(|state| self.is_reached(*state) && !is_told(state));
        states.any(|state| {
            let listed = machine.answers.iter().any(|row| row.trigger == trigger && row.states.contains(&state));
            let says = |sample: FactSet| step::answer(machine, state, trigger, sample);
            !listed && self.samples(machine, state).into_iter().any(|sample| says(sample) != Answer::Accept)
        })
    }

    /// Whether an answer is never given in a state where the trigger is asked for.
    pub(super) fn is_dead(&self, machine: &Machine, row: &AnswerRow, asked: impl Fn(StateId) -> bool) -> bool {
        row.states.iter().filter(|state| self.is_reached(**state) && asked(**state)).any(|state| {
            let says = |sample: FactSet| step::answer(machine, *state, row.trigger, sample);
            self.samples(machine, *state).into_iter().all(|sample| says(sample) == Answer::Accept)
        })
    }
}

/// What follows by a fact that comes in.
fn incoming(machine: &Machine, here: Configuration) -> BTreeSet<Configuration> {
    let (state, facts) = here;
    let (fixed, idle) = (machine.fixed_guards(), machine.state(state).kind == Kind::Idle);
    let mut next = BTreeSet::new();
    for fact in machine.fact_ids() {
        if machine.fact(fact).is_trigger() {
            let samples: Vec<FactSet> = if idle { fixed.subsets().collect() } else { vec![facts & fixed] };
            for sample in samples {
                if step::answer(machine, state, fact, sample) == Answer::Accept {
                    next.insert((state, (facts - fixed) | sample | fact));
                }
            }
        }
        let named = machine.rows.iter().any(|row| row.from.contains(&state) && row.mentions.contains(fact));
        if machine.fact(fact).is_event() && (!idle || machine.fact(fact).is_outside) && named {
            let samples: Vec<FactSet> = if idle { fixed.subsets().collect() } else { vec![facts & fixed] };
            next.extend(samples.into_iter().map(|sample| (state, (facts - fixed) | sample | fact)));
        }
    }
    next
}

/// What firing a row does: where it leads, and what is told and remembered.
pub(super) fn effect(machine: &Machine, index: usize, facts: FactSet) -> impl PartialEq + use<> {
    let row = &machine.rows[index];
    (row.to, row.public, row.sends.clone(), row.reason, kept(machine, index, facts) & heard_later(machine, row.to))
}

/// The facts that a row mentions of the state, or of one to which the attempt may go on from there.
fn heard_later(machine: &Machine, state: StateId) -> FactSet {
    let mut states = BTreeSet::from([state]);
    loop {
        let is_on = |row: &&Row| row.from.iter().any(|from| states.contains(from));
        let leaving: Vec<&Row> = machine.rows.iter().filter(is_on).collect();
        let before = states.len();
        states.extend(leaving.iter().map(|row| row.to).filter(|to| machine.state(*to).kind != Kind::Idle));
        if states.len() == before {
            return FactSet::union(leaving.iter().map(|row| row.condition.mentions())) | machine.guards();
        }
    }
}

/// All sets of facts, from the smallest on; among equally large ones, in the order of their names.
pub(super) fn smallest_first(machine: &Machine) -> Vec<FactSet> {
    let mut sets: Vec<FactSet> = super::FACTS.subsets().collect();
    sets.sort_by_key(|facts| {
        let here = facts.iter();
        let mut names: Vec<&str> = here.map(|id| machine.fact(id).name.as_str()).collect();
        names.sort_unstable();
        (names.len(), names)
    });
    sets
}

/// The pairs of rows that are ambiguous, with the smallest facts that can be present and show it.
pub(super) fn ambiguous(machine: &Machine, plain: &Plain) -> BTreeMap<(usize, usize), FactSet> {
    let mut pairs = BTreeMap::new();
    for facts in &smallest_first(machine) {
        let can_be = |state: &StateId| plain.present.contains_key(&(*state, *facts & crate::testing::REMEMBERED));
        for state in machine.state_ids().filter(can_be) {
            let rows = strongest(machine, state, *facts);
            for first in &rows {
                for second in rows.iter().filter(|second| *second > first) {
                    if effect(machine, *first, *facts) != effect(machine, *second, *facts) {
                        pairs.entry((*first, *second)).or_insert(*facts);
                    }
                }
            }
        }
    }
    pairs
}
