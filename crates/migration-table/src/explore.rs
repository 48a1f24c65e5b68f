//! Everything that can happen to a machine: all its configurations, computed as sets.
//!
//! A configuration is a state and what is remembered in it: pending triggers, the events of the visit, the fixed guards
//! of the attempt. A guard that is not fixed is not remembered; it may say anything at every single step. Sets of
//! configurations are diagrams, so twenty triggers that can be pending in any combination cost no more than one. The
//! result is exact for [`crate::interpret::Run`]: it lists what some run reaches, and nothing else. Which facts can be
//! present together is exact too, for a caller that sets several flags before it asks ([`Reached::present`]).

mod order;

use std::collections::{BTreeMap, BTreeSet};

use crate::bdd::{Bdd, Diagrams, TooLarge};
use crate::cases;
use crate::model::{Cube, FactId, FactKind, FactSet, Kind, Machine, Row, StateId};
use crate::search;
use crate::step::{self, Precedence};

/// What can happen in the states of a machine, one step at a time.
pub struct Space<'m> {
    /// The machine.
    pub machine: &'m Machine,
    /// The collection to which all sets of this space belong.
    pub diagrams: Diagrams,
    /// All facts in the order of their names, so that the choice of a witness does not depend on the order of the file.
    by_name: Vec<FactId>,
    places: Vec<Place>,
    /// The guards that are asked at every single step.
    open: FactSet,
    /// What guards can say together.
    possible: Bdd,
    /// The same of fixed guards alone.
    fixed_possible: Bdd,
    /// By row, what is gone once it has fired.
    gone: Vec<FactSet>,
    /// What [`Space::nothing`] has said.
    nothing: BTreeMap<FactSet, Bdd>,
}

/// What can happen in one state.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its rows, strongest first, and within a rank in an order that does not depend on the file's.
    pub moves: Vec<Move>,
    /// The configurations in which it may be that no row is enabled.
    pub rests: Bdd,
    /// The triggers that it takes, with the fixed guards for which it does.
    pub takes: Vec<(FactId, Bdd)>,
    /// The facts that its rows mention.
    pub mentions: FactSet,
}

/// A row, as seen from one of the states it leaves.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Index into [`Machine::rows`].
    pub row: usize,
    /// The facts with which its formula holds, guards of all kinds among them.
    pub enabled: Bdd,
    /// The facts with which it holds and no stronger row does.
    pub wins: Bdd,
    /// The configurations in which it may fire.
    pub fires: Bdd,
}

/// The configurations that some run reaches, by state.
#[derive(Clone, Debug)]
pub struct Reached {
    arrived: Vec<Bdd>,
    rested: Vec<Bdd>,
    present: Vec<Bdd>,
    entered: Vec<Bdd>,
}

impl<'m> Space<'m> {
    /// What can happen in each state of the machine.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn new(machine: &'m Machine) -> Result<Space<'m>, TooLarge> {
        let mut by_name: Vec<FactId> = machine.fact_ids().collect();
        by_name.sort_by_key(|id| &machine.fact(*id).name);
        let diagrams = Diagrams::for_parts(machine.states.len(), &order::of(machine, &by_name));
        let nothing = BTreeMap::new();
        let (open, gone) = (machine.open_guards(), machine.rows.iter().map(|row| step::gone(machine, row)).collect());
        let mut space = Space {
            machine,
            diagrams,
            by_name,
            places: Vec::new(),
            open,
            possible: Bdd::ALWAYS,
            fixed_possible: Bdd::ALWAYS,
            gone,
            nothing,
        };
        space.possible = space.possible_guards()?;
        space.fixed_possible = space.diagrams.exists(space.possible, open)?;
        let enabled: Vec<Bdd> = machine.rows.iter().map(|row| space.enabled(row)).collect::<Result<_, _>>()?;
        for rows in machine.row_numbers_by_state() {
            let place = space.place(&rows, &enabled)?;
            space.places.push(place);
        }
        Ok(space)
    }

    /// What guards can say together: of those that ask one parameter for different values at one time, one holds at most.
    fn possible_guards(&mut self) -> Result<Bdd, TooLarge> {
        let machine = self.machine;
        let asks = |id: FactId| match &machine.fact(id).kind {
            FactKind::Guard { parameter: Some(parameter), fixed, .. } => {
                parameter.is.as_ref().map(|is| ((&parameter.name, fixed), is))
            }
            FactKind::Guard { .. } | FactKind::Trigger { .. } | FactKind::Event | FactKind::Message(_) => None,
        };
        let asking: Vec<_> = machine.guards().iter().filter_map(|id| asks(id).map(|asked| (id, asked))).collect();
        let mut possible = Bdd::ALWAYS;
        for (index, (one, (what, is))) in asking.iter().enumerate() {
            for (other, _) in asking[index + 1..].iter().filter(|(_, asked)| asked.0 == *what && asked.1 != *is) {
                let both = Cube { set: FactSet::from_iter([*one, *other]), clear: FactSet::EMPTY };
                let both = self.diagrams.case(both)?;
                possible = self.diagrams.minus(possible, both)?;
            }
        }
        Ok(possible)
    }

    /// The facts with which the formula of a row holds.
    fn enabled(&mut self, row: &Row) -> Result<Bdd, TooLarge> {
        let holds = self.diagrams.build(&row.condition)?;
        self.diagrams.and(holds, self.possible)
    }

    fn place(&mut self, rows: &[usize], enabled: &[Bdd]) -> Result<Place, TooLarge> {
        let (mut moves, mut mentions) = (Vec::new(), FactSet::EMPTY);
        let mut precedence = Precedence::new(Bdd::NEVER);
        for index in rows {
            let (row, enabled) = (&self.machine.rows[*index], enabled[*index]);
            precedence.enter(row.rank);
            let wins = precedence.wins(&mut self.diagrams, enabled)?;
            let fires = self.diagrams.exists(wins, self.open)?;
            moves.push(Move { row: *index, enabled, wins, fires });
            mentions |= row.mentions;
        }
        let none = self.diagrams.minus(self.possible, precedence.any())?;
        let rests = self.diagrams.exists(none, self.open)?;
        let mut takes = Vec::new();
        for trigger in mentions & self.machine.triggers() {
            let rows = rows.iter().map(|index| &self.machine.rows[*index]);
            let when = cases::union(&mut self.diagrams, &step::accepting_among(self.machine, rows, trigger))?;
            if !when.is_never() {
                takes.push((trigger, when));
            }
        }
        Ok(Place { moves, rests, takes, mentions })
    }

    /// What can happen in a state.
    #[must_use]
    pub fn place_of(&self, state: StateId) -> &Place {
        &self.places[state.index()]
    }

    /// The row behind a move.
    #[must_use]
    pub fn row(&self, step: &Move) -> &'m Row {
        &self.machine.rows[step.row]
    }

    /// Whether nothing runs in the state.
    #[must_use]
    pub fn is_idle(&self, state: StateId) -> bool {
        self.machine.state(state).kind == Kind::Idle
    }

    /// The smallest set of facts in a set of them; among equally many, the first by name.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn smallest(&mut self, set: Bdd) -> Result<Option<FactSet>, TooLarge> {
        self.diagrams.smallest(set, &self.by_name)
    }

    /// The configurations from which the row, if it fires, leads into `there`, a set of configurations of the state
    /// that it enters.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn before(&mut self, step: &Move, there: Bdd) -> Result<Bdd, TooLarge> {
        self.diagrams.restrict_all(there, FactSet::EMPTY, self.gone(step.row))
    }

    /// The configurations of the state that the row enters, if it fires in one of `here`.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn behind(&mut self, step: &Move, here: Bdd) -> Result<Bdd, TooLarge> {
        let gone = self.gone(step.row);
        let rest = self.diagrams.exists(here, gone)?;
        let nothing = self.nothing(gone - self.open)?;
        self.diagrams.and(rest, nothing)
    }

    /// What is added by a fact that comes in: configurations of `state` that follow `here` by it.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn with_fact(&mut self, state: StateId, fact: FactId, when: Bdd, here: Bdd) -> Result<Bdd, TooLarge> {
        let here = self.diagrams.exists(here, step::asked_anew(self.machine, state))?;
        let here = self.diagrams.and(here, self.fixed_possible)?;
        let asked = self.diagrams.and(here, when)?;
        let rest = self.diagrams.exists(asked, fact.into())?;
        self.diagrams.branch(fact, Bdd::NEVER, rest)
    }

    /// The facts that can come in at a state: triggers that it takes, with the fixed guards for which it does, and
    /// events that its rows mention. Others change nothing before they are forgotten.
    #[must_use]
    pub fn incoming(&self, state: StateId) -> Vec<(FactId, Bdd)> {
        let place = self.place_of(state);
        let events = step::awaited_among(self.machine, state, place.mentions).iter();
        place.takes.iter().copied().chain(events.map(|event| (event, Bdd::ALWAYS))).collect()
    }

    /// All configurations that some run reaches.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn explore(&mut self) -> Result<Reached, TooLarge> {
        let none = vec![Bdd::NEVER; self.machine.states.len()];
        let mut reached = Reached { arrived: none.clone(), rested: none.clone(), present: none.clone(), entered: none };
        let initial = self.machine.initial;
        reached.rested[initial.index()] = self.nothing(self.machine.all_facts() - self.open)?;
        search::fixpoint([initial], |state, todo| self.visit(state, &mut reached, todo))?;
        for state in self.machine.state_ids() {
            let (arrived, rested) = (reached.arrived(state), reached.rested(state));
            reached.present[state.index()] = self.diagrams.or(arrived, rested)?;
        }
        search::fixpoint(self.machine.state_ids(), |state, todo| self.set_flags(state, &mut reached, todo))?;
        Ok(reached)
    }

    /// Adds what can be present in a state when a caller sets several flags before it asks, and where that leads. In an
    /// idle state there is one fact at most: it begins the attempt.
    fn set_flags(
        &mut self,
        state: StateId,
        reached: &mut Reached,
        todo: &mut BTreeSet<StateId>,
    ) -> Result<(), TooLarge> {
        let Reached { present, entered, .. } = reached;
        let mut here = present[state.index()];
        let unasked = self.nothing(self.machine.triggers() | self.machine.events())?;
        let before = self.diagrams.and(here, unasked)?;
        for (fact, when) in self.incoming(state) {
            let from = if self.is_idle(state) { before } else { here };
            let more = self.with_fact(state, fact, when, from)?;
            here = self.diagrams.or(here, more)?;
        }
        present[state.index()] = here;
        for step in self.places[state.index()].moves.clone() {
            let firing = self.diagrams.and(here, step.fires)?;
            let there = self.behind(&step, firing)?;
            let to = self.row(&step).to;
            entered[to.index()] = self.diagrams.or(entered[to.index()], there)?;
            let all = self.diagrams.or(present[to.index()], there)?;
            if all != present[to.index()] {
                present[to.index()] = all;
                todo.insert(to);
            }
        }
        Ok(())
    }

    /// By state, the configurations that can be asked about and in which a trigger has waited: the machine looked once,
    /// no row fired, and the trigger was left pending. Where a state does not mention it, it is lost already.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn waited(&mut self, reached: &Reached, trigger: FactId) -> Result<Vec<Bdd>, TooLarge> {
        let mut waited = vec![Bdd::NEVER; self.machine.states.len()];
        let waits = |state: &StateId| !self.is_idle(*state) && self.place_of(*state).mentions.contains(trigger);
        let states: BTreeSet<StateId> = self.machine.state_ids().filter(waits).collect();
        for state in &states {
            let rests = self.diagrams.and(reached.present(*state), self.places[state.index()].rests)?;
            waited[state.index()] = self.diagrams.branch(trigger, Bdd::NEVER, rests)?;
        }
        let begun: Vec<StateId> = states.iter().copied().filter(|state| !waited[state.index()].is_never()).collect();
        search::fixpoint(begun, |state, todo| {
            let mut here = waited[state.index()];
            for (fact, when) in self.incoming(state) {
                let more = self.with_fact(state, fact, when, here)?;
                here = self.diagrams.or(here, more)?;
            }
            waited[state.index()] = here;
            for step in self.places[state.index()].moves.clone() {
                let to = self.row(&step).to;
                let firing = self.diagrams.and(here, step.fires)?;
                let there = self.behind(&step, firing)?;
                let there = self.diagrams.branch(trigger, Bdd::NEVER, there)?;
                let all = self.diagrams.or(waited[to.index()], there)?;
                if states.contains(&to) && all != waited[to.index()] {
                    waited[to.index()] = all;
                    todo.insert(to);
                }
            }
            Ok(())
        })?;
        Ok(waited)
    }

    fn visit(&mut self, state: StateId, reached: &mut Reached, todo: &mut BTreeSet<StateId>) -> Result<(), TooLarge> {
        let at = state.index();
        let rests = self.diagrams.and(reached.arrived[at], self.places[at].rests)?;
        reached.rested[at] = self.diagrams.or(reached.rested[at], rests)?;
        for (fact, when) in self.incoming(state) {
            let more = self.with_fact(state, fact, when, reached.rested[at])?;
            self.arrive(state, more, reached, todo)?;
        }
        for step in self.places[at].moves.clone() {
            let here = self.diagrams.and(reached.arrived[at], step.fires)?;
            let there = self.behind(&step, here)?;
            self.arrive(self.row(&step).to, there, reached, todo)?;
        }
        Ok(())
    }

    fn arrive(
        &mut self,
        state: StateId,
        more: Bdd,
        reached: &mut Reached,
        todo: &mut BTreeSet<StateId>,
    ) -> Result<(), TooLarge> {
        let known = reached.arrived[state.index()];
        let all = self.diagrams.or(known, more)?;
        if all != known {
            reached.arrived[state.index()] = all;
            todo.insert(state);
        }
        Ok(())
    }

    /// The one configuration in which none of these facts is there, whatever the others are.
    fn nothing(&mut self, facts: FactSet) -> Result<Bdd, TooLarge> {
        if let Some(known) = self.nothing.get(&facts) {
            return Ok(*known);
        }
        let nothing = self.diagrams.case(Cube { set: FactSet::EMPTY, clear: facts })?;
        self.nothing.insert(facts, nothing);
        Ok(nothing)
    }

    /// The facts that are gone once a row has fired, by its index in [`Machine::rows`].
    #[must_use]
    pub fn gone(&self, row: usize) -> FactSet {
        self.gone[row]
    }
}

impl Reached {
    /// The configurations in which the machine looks for an enabled row in this state: it has just entered it, or a
    /// fact has come in.
    #[must_use]
    pub fn arrived(&self, state: StateId) -> Bdd {
        self.arrived[state.index()]
    }

    /// The configurations in which the machine stays in this state and waits for a fact.
    #[must_use]
    pub fn rested(&self, state: StateId) -> Bdd {
        self.rested[state.index()]
    }

    /// The configurations in which the machine can be asked in this state which row fires: by our own machine, which
    /// asks after every fact that comes in, or by a caller that sets several flags before it asks. What is present
    /// together in one of them is present together, and what is not, is not: every check and list means this.
    #[must_use]
    pub fn present(&self, state: StateId) -> Bdd {
        self.present[state.index()]
    }

    /// Those of them in which the state has just been entered.
    #[must_use]
    pub fn entered(&self, state: StateId) -> Bdd {
        self.entered[state.index()]
    }

    /// Whether some run is ever in this state.
    #[must_use]
    pub fn is_reached(&self, state: StateId) -> bool {
        !self.present(state).is_never()
    }
}
